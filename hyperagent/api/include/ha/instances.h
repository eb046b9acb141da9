// What agents use of the standard library's templates, used once: the precompiled header then holds these instances, the library of the API
// holds their code, and an agent's functions call it instead of holding it (tooling/known_code.h). Each instance here makes every parse of an
// agent a little slower; of those that few agents use the library has the code alone (src/instances.cpp). Agents need not include this.
#pragma once

#include <ha/agent.h>
#include <ha/code.h>
#include <ha/meta.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ha::instances {

template <class T>
void use_vector(const T& value) {
  std::vector<T> items, five(5, value), listed{value, value};
  items.reserve(8);
  items.push_back(value);
  items.push_back(T(value));
  items.emplace_back(value);
  items.insert(items.begin(), value);
  items.insert(items.end(), five.begin(), five.end());
  items.erase(items.begin());
  items.erase(items.begin(), items.begin());
  items.resize(3);
  items.resize(4, value);
  items.pop_back();
  items.front() = items.back();
  items.at(0) = items[0];
  std::vector<T> copy = items;
  copy = five;
  copy = std::move(five);
  copy.swap(items);
  copy.assign(2, value);
  std::reverse(copy.begin(), copy.end());
  copy.clear();
  std::optional<T> perhaps = value;
  perhaps.reset();
}

template <class T>
void use_order(const T& value) {
  std::vector<T> items(3, value);
  std::sort(items.begin(), items.end());
  std::stable_sort(items.begin(), items.end());
  std::nth_element(items.begin(), items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  (void)std::find(items.begin(), items.end(), value);
  (void)std::count(items.begin(), items.end(), value);
  (void)std::max_element(items.begin(), items.end());
  (void)std::min_element(items.begin(), items.end());
  (void)std::lower_bound(items.begin(), items.end(), value);
  (void)std::accumulate(items.begin(), items.end(), value);
  (void)(items == items);
  (void)std::max(value, items.front());
  (void)std::min(value, items.front());
}

template <class Map, class Key, class Mapped>
void use_map(const Key& key, const Mapped& value) {
  Map map;
  map[key] = value;
  map[Key(key)] = value;
  map.emplace(key, value);
  map.insert({key, value});
  (void)map.at(key);
  (void)map.count(key);
  (void)map.contains(key);
  if (auto found = map.find(key); found != map.end()) map.erase(found);
  for (auto& [name, mapped] : map) mapped = value;
  for (const auto& [name, mapped] : map) (void)mapped;
  map.erase(key);
  Map copy = map;
  copy = std::move(map);
  copy.clear();
}

template <class Set, class Key>
void use_set(const Key& key) {
  Set set;
  set.insert(key);
  set.insert(Key(key));
  set.emplace(key);
  (void)set.count(key);
  (void)set.contains(key);
  (void)(set.find(key) == set.end());
  for (const Key& item : set) (void)item;
  set.erase(key);
  Set copy = set;
  copy.clear();
}

inline void use_text(const std::string& text, std::string_view view) {
  std::string built = text + text;
  built += text;
  built += 'x';
  built += "words";
  built = "a" + built + "b" + text;
  built = std::string(view);
  built = built.substr(1, 2);
  built.push_back('c');
  built.append(view);
  built.insert(0, "d");
  built.erase(0, 1);
  built.resize(3);
  built.reserve(10);
  built.replace(0, 1, "e");
  (void)built.find(text);
  (void)built.find("f");
  (void)built.find('g');
  (void)built.rfind(text);
  (void)(built == text || built == "h" || built < text || built.compare(text) == 0);
  (void)view.find("i");
  (void)view.find('j');
  (void)view.substr(1);
  (void)(view == "k");
  built = std::to_string(1) + std::to_string(2.0) + std::to_string(std::size_t{3});
  for (char& c : built) c = 'l';
  std::reverse(built.begin(), built.end());
  std::sort(built.begin(), built.end());
  std::string moved = std::move(built);
  moved.clear();
}

inline void use_all(const std::string& text) {
  use_text(text, text);
  use_vector(1);
  use_vector(1.0);
  use_vector(text);
  use_vector(Value(text));
  use_vector(Program());
  use_vector(SiteGroup());
  use_vector(std::vector<int>());
  use_vector(std::vector<double>());
  use_vector(std::vector<std::string>());
  use_vector(std::pair<std::string, int>(text, 1));
  use_vector(std::pair<std::string, double>(text, 1.0));
  use_vector(std::pair<double, int>(1.0, 1));
  use_order(1);
  use_order(1.0);
  use_order(text);
  std::vector<std::pair<double, int>> ranked(2);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::pair<std::string, int>> named(2);
  std::sort(named.begin(), named.end());
  use_map<std::map<std::string, int>>(text, 1);
  use_map<std::map<std::string, double>>(text, 1.0);
  use_set<std::set<std::string>>(text);
  Proposal proposal;
  proposal.edits = {Value(text)};
  Proposal copy = proposal;
  copy = std::move(proposal);
  Answer answer{Value(text)};
  Answer other = answer;
  other = std::move(answer);
}

}  // namespace ha::instances
