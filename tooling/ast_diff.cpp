// Theory of operation. Renames are found first and taken out (ast_diff_renames.h). Declarations at namespace level and directives ("entities") are paired
// by name, then by likeness; the pairs whose tokens differ are compared node by node (ast_diff_pairing.h). Invariant: text that differs
// in more than comments and layout is told as a change, of the file if of nothing smaller.
#include "tooling/ast_diff.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <clang/AST/ASTContext.h>
#include <llvm/ADT/edit_distance.h>

#include "tooling/ast_diff_members.h"
#include "tooling/ast_diff_pairing.h"
#include "tooling/ast_diff_renames.h"
#include "tooling/digest.h"

namespace hyperagent::tooling {
namespace {

using namespace diff;

struct Group {
  std::string name, file, status, old_name, old_file;
  std::vector<Change> changes;
};

struct Version {
  std::map<std::string, std::unique_ptr<Source>> sources;
  std::vector<Entity> entities;
  std::vector<int> partner;
};

bool is_header(const std::string& path) { return path.ends_with(".h") || path.ends_with(".hpp"); }
bool is_cpp(const std::string& path) { return is_header(path) || path.ends_with(".cpp") || path.ends_with(".cc"); }

// Parses the C++ files that differ; returns what Clang said when one does not parse.
std::string load(const Compiler& compiler, const Files& files, const Files& others, Version& version, std::vector<std::string>& unparsed) {
  for (const auto& [path, text] : files) {
    const auto other = others.find(path);
    if (other != others.end() && other->second == text) continue;
    auto source = std::make_unique<Source>();
    source->path = path;
    source->text = text;
    if (!is_cpp(path)) {
      split_lines(*source);
      version.sources[path] = std::move(source);
      continue;
    }
    source->tree = compiler.parse(path, files);
    if (!source->tree->errors().empty()) {
      if (!is_header(path)) return describe(source->tree->errors());
      unparsed.push_back(path);  // it may need what the file that includes it has declared before
    }
    tokenise(*source);
    version.sources[path] = std::move(source);
  }
  return "";
}

void collect_all(Version& version, const std::vector<std::string>& unparsed) {
  for (auto& [path, source] : version.sources) {
    if (std::find(unparsed.begin(), unparsed.end(), path) != unparsed.end()) source->tree = nullptr;
    collect(*source, version.entities);
  }
  for (Entity& entity : version.entities) entity.written = entity.name;
  version.partner.assign(version.entities.size(), -1);
}

void pair_entities(Version& v1, Version& v2) {
  const auto pass = [&](const auto& agree) {
    for (std::size_t i = 0; i < v1.entities.size(); ++i)
      for (std::size_t j = 0; j < v2.entities.size() && v1.partner[i] < 0; ++j)
        if (v2.partner[j] < 0 && agree(v1.entities[i], v2.entities[j])) v1.partner[i] = j, v2.partner[j] = i;
  };
  const auto same_file = [](const Entity& a, const Entity& b) { return a.source->path == b.source->path; };
  const auto directive = [](const Entity& a) { return a.decl == nullptr; };
  const auto like = [](const Entity& a, const Entity& b) { return likeness(*a.source, a.first, a.last, *b.source, b.first, b.last); };
  pass([&](const Entity& a, const Entity& b) { return same_file(a, b) && a.hash == b.hash && (directive(a) ? directive(b) : a.key == b.key); });
  pass([&](const Entity& a, const Entity& b) { return same_file(a, b) && a.key == b.key; });
  pass([&](const Entity& a, const Entity& b) { return !directive(a) && !directive(b) && a.key == b.key; });
  pass([&](const Entity& a, const Entity& b) { return !directive(a) && !directive(b) && same_file(a, b) && a.name == b.name; });
  pass([&](const Entity& a, const Entity& b) { return same_file(a, b) && a.kind == b.kind && !a.bare.empty() && a.bare == b.bare && like(a, b) >= 0.5; });
  // The one directive that changed.
  for (const auto& [path, source] : v2.sources) {
    const auto free = [&path = path](const Version& version) {
      List out;
      for (std::size_t i = 0; i < version.entities.size(); ++i)
        if (version.partner[i] < 0 && version.entities[i].decl == nullptr && version.entities[i].source->path == path) out.push_back(static_cast<int>(i));
      return out;
    };
    if (const List i = free(v1), j = free(v2); i.size() == 1 && j.size() == 1) v1.partner[i[0]] = j[0], v2.partner[j[0]] = i[0];
  }
  // Renamed beside the same name: the likest first.
  struct Guess { double like; int i, j; };
  std::vector<Guess> guesses;
  for (std::size_t i = 0; i < v1.entities.size(); ++i)
    for (std::size_t j = 0; j < v2.entities.size(); ++j) {
      const Entity &a = v1.entities[i], &b = v2.entities[j];
      if (v1.partner[i] >= 0 || v2.partner[j] >= 0 || a.kind != b.kind || directive(a)) continue;
      if (const double value = like(a, b); value >= 0.7) guesses.push_back({value + (same_file(a, b) ? 1 : 0), static_cast<int>(i), static_cast<int>(j)});
    }
  std::stable_sort(guesses.begin(), guesses.end(), [](const Guess& a, const Guess& b) { return a.like > b.like; });
  for (const Guess& guess : guesses)
    if (v1.partner[guess.i] < 0 && v2.partner[guess.j] < 0) v1.partner[guess.i] = guess.j, v2.partner[guess.j] = guess.i;
}

Json whole(const Entity& entity) {
  const int last = entity.source->is(entity.last, ";") ? entity.last + 1 : entity.last;
  return place(*entity.source, entity.source->tokens[entity.first].offset, snippet(*entity.source, entity.first, last));
}

// Entities of one file that no longer stand in their old order (the fewest that explain it).
std::vector<char> reordered(const Version& v1, const Version& v2) {
  std::vector<char> moved(v2.entities.size(), 0);
  for (const auto& [path, source] : v2.sources) {
    std::vector<int> own, length, previous;
    for (std::size_t j = 0; j < v2.entities.size(); ++j)
      if (v2.entities[j].source == source.get() && v2.partner[j] >= 0 && v1.entities[v2.partner[j]].source->path == path)
        own.push_back(static_cast<int>(j));
    int best = -1;
    for (std::size_t k = 0; k < own.size(); ++k) {
      length.push_back(1), previous.push_back(-1), moved[own[k]] = 1;
      for (std::size_t i = 0; i < k; ++i)
        if (v2.partner[own[i]] < v2.partner[own[k]] && length[i] >= length[k]) length[k] = length[i] + 1, previous[k] = static_cast<int>(i);
      if (best < 0 || length[k] > length[best]) best = static_cast<int>(k);
    }
    for (; best >= 0; best = previous[best]) moved[own[best]] = 0;
  }
  return moved;
}

// What became of a pair: moved in the file or out of its scope, changed inside.
void compare_entities(Entity& old, Entity& entity, bool moved, std::vector<Change>& changes) {
  if (moved || old.scope != entity.scope) {
    Change change{entity.name, "move", entity.kind.str(), "", whole(old), whole(entity)};
    const auto scope = [](const Entity& e) { return e.scope.empty() ? std::string("no namespace") : e.scope; };
    if (old.scope != entity.scope) change.context = scope(old) + " -> " + scope(entity);
    changes.push_back(std::move(change));
  }
  if (old.hash == entity.hash) return;
  if (old.decl != nullptr) compare(old, entity, changes);
  else changes.push_back({entity.name, "update", entity.kind.str(), "", whole(old), whole(entity)});
}

std::vector<std::string> lines_of(llvm::StringRef text) {
  std::vector<std::string> lines;
  for (; !text.empty(); text = text.split('\n').second) lines.push_back(text.split('\n').first.str());
  return lines;
}

constexpr const char* kText = "global text";
constexpr const char* kOutside = "global text outside of declarations";

// The tokens of a list that are not those of the other one, but for what both begin and end with; holes are left out.
Change text_change(const std::string& name, const Source* s1, List list1, const Source* s2, List list2) {
  const auto hash = [](const Source* source, int token) { return source->tokens[token].hash; };
  while (!list1.empty() && !list2.empty() && hash(s1, list1.back()) == hash(s2, list2.back())) list1.pop_back(), list2.pop_back();
  std::size_t head = 0;
  while (head < list1.size() && head < list2.size() && hash(s1, list1[head]) == hash(s2, list2[head])) ++head;
  const auto side = [&](const Source* source, const List& list) -> Json {
    if (head >= list.size()) return nullptr;
    std::vector<std::pair<int, int>> holes;
    for (std::size_t k = head + 1; k < list.size(); ++k)
      if (list[k] > list[k - 1] + 1) holes.emplace_back(list[k - 1] + 1, list[k]);
    return place(*source, source->tokens[list[head]].offset, snippet(*source, list[head], list.back() + 1, holes));
  };
  Change change;
  change.owner = name;
  change.node = "Text";
  change.before = side(s1, list1);
  change.after = side(s2, list2);
  change.kind = change.before.is_null() ? "insert" : change.after.is_null() ? "delete" : "update";
  return change;
}

// `all`: also what declarations account for.
void compare_text(const std::string& path, const Version& v1, const Version& v2, const char* name, bool all, std::vector<Group>& groups) {
  const auto listed = [&](const Version& version) -> std::pair<const Source*, List> {
    const auto found = version.sources.find(path);
    if (found == version.sources.end()) return {};
    List list;
    for (std::size_t i = 0; i < found->second->tokens.size(); ++i)
      if (all || !found->second->claimed[i]) list.push_back(static_cast<int>(i));
    return {found->second.get(), list};
  };
  const auto [s1, list1] = listed(v1);
  const auto [s2, list2] = listed(v2);
  Change change = text_change(name, s1, list1, s2, list2);
  if (!change.before.is_null() || !change.after.is_null()) groups.push_back({name, path, "changed", "", "", {std::move(change)}});
}

Json file_lines(const std::string& path, const std::string& before, const std::string& after) {
  // Insertions plus deletions are the edit distance without replacement; their difference is that of the lengths.
  std::vector<std::size_t> a, b;
  for (const auto& line : lines_of(before)) a.push_back(hash_text(line));
  for (const auto& line : lines_of(after)) b.push_back(hash_text(line));
  while (!a.empty() && !b.empty() && a.back() == b.back()) a.pop_back(), b.pop_back();
  const std::size_t head = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  const auto rest1 = llvm::ArrayRef(a).drop_front(head), rest2 = llvm::ArrayRef(b).drop_front(head);
  const std::size_t edits = llvm::ComputeEditDistance(rest1, rest2, false);
  const std::size_t added = (edits + rest2.size() - rest1.size()) / 2;
  return {{"file", path}, {"added", added}, {"removed", edits - added}};
}

// References that only follow a renamed declaration are counted there.
void fold_renames(std::vector<Group>& groups) {
  const auto key = [](const clang::Decl* decl) -> std::string {
    const auto* named = llvm::dyn_cast_or_null<clang::NamedDecl>(decl);
    if (named == nullptr) return "";
    // A local is itself; anything else is known by name, also in another file.
    return named->getParentFunctionOrMethod() != nullptr || llvm::isa<clang::ParmVarDecl>(named)
               ? std::to_string(reinterpret_cast<std::uintptr_t>(named)) : named->getQualifiedNameAsString();
  };
  const auto bare = [](const clang::Decl* decl) {
    const auto* named = llvm::dyn_cast_or_null<clang::NamedDecl>(decl);
    return named != nullptr ? named->getNameAsString() : std::string();
  };
  std::map<std::pair<std::string, std::string>, Change*> renamed;
  for (Group& group : groups)
    for (Change& change : group.changes)
      if (change.declaration && bare(change.from) != bare(change.to)) renamed.try_emplace({key(change.from), key(change.to)}, &change);
  for (Group& group : groups) {
    for (Change& change : group.changes) {
      const bool bare_use = change.from != nullptr && !change.declaration && change.before["text"] == bare(change.from) && change.after["text"] == bare(change.to);
      const auto found = bare_use ? renamed.find({key(change.from), key(change.to)}) : renamed.end();
      if (found == renamed.end()) continue;
      ++found->second->uses;
      change.kind.clear();
    }
  }
  for (Group& group : groups) std::erase_if(group.changes, [](const Change& change) { return change.kind.empty(); });
  std::erase_if(groups, [](const Group& group) { return group.changes.empty(); });
}

// The same for the same change in the same function, whatever else changed; equal ones are numbered.
std::string change_id(const Group& group, const Change& change, std::map<std::string, int>& seen) {
  const auto text = [](const Json& place) { return place.is_object() ? place.value("text", "") : std::string(); };
  std::string all;
  for (const std::string& part : {group.file, group.name, change.kind, text(change.before), text(change.after), change.context}) all += part + '\0';
  const std::string id = digest(all).substr(0, 12);
  const int earlier = seen[id]++;
  return earlier == 0 ? id : id + "-" + std::to_string(earlier + 1);
}

Json render(const std::vector<Group>& groups) {
  std::map<std::string, int> seen;
  Json out = {{"functions", Json::array()}, {"files", Json::array()}};
  std::map<std::string, int> count = {{"insert", 0}, {"delete", 0}, {"update", 0}, {"move", 0}};
  for (const Group& group : groups) {
    Json function = {{"name", group.name}, {"file", group.file}, {"half", group.file.substr(0, group.file.find('/'))},
                     {"status", group.status}, {"changes", Json::array()}};
    if (!group.old_name.empty()) function["old_name"] = group.old_name;
    if (!group.old_file.empty()) function["old_file"] = group.old_file;
    for (const Change& change : group.changes) {
      Json entry = {{"id", change_id(group, change, seen)}, {"kind", change.kind}, {"node", change.node}, {"before", change.before}, {"after", change.after}};
      if (!change.context.empty()) entry["context"] = change.context;
      if (change.uses > 0) entry["uses"] = change.uses;
      function["changes"].push_back(std::move(entry));
      for (auto& [kind, number] : count) number += change.kind.find(kind) != std::string::npos;
    }
    out["functions"].push_back(std::move(function));
  }
  out["summary"] = count;
  return out;
}

}  // namespace

Json ast_diff(const Compiler& compiler, const Files& before, const Files& after) {
  Version v1, v2;
  std::vector<std::string> unparsed;
  for (auto [files, others, version, side] : {std::tuple(&before, &after, &v1, "before"), std::tuple(&after, &before, &v2, "after")})
    if (const std::string errors = load(compiler, *files, *others, *version, unparsed); !errors.empty())
      return {{"refused", {{"code", "parse"}, {"side", side}, {"message", errors}}}};
  collect_all(v1, unparsed);
  collect_all(v2, unparsed);
  std::set<std::string> halves;
  for (const Version* version : {&v1, &v2})
    for (const auto& [path, source] : version->sources) halves.insert(part_of(path));
  std::vector<Rename> renames;
  for (const std::string& half : halves)
    for (Rename& rename : apply_renames(v1.entities, v2.entities, half, compiler.root())) renames.push_back(std::move(rename));
  pair_entities(v1, v2);
  std::vector<std::pair<int, Change>> ready;
  tell_renames(renames, v1.entities, v2.entities, v2.partner, ready);
  Relocated members = relocate_members(v1.entities, v2.entities, v1.partner, v2.partner);
  for (auto& change : members.told) ready.push_back(std::move(change));
  const std::vector<char> moved = reordered(v1, v2);

  Files all = before;
  all.insert(after.begin(), after.end());
  std::vector<Group> groups;
  Json files = Json::array();
  for (const auto& [path, unused] : all) {
    const auto text = [&path = path](const Files& side) { const auto it = side.find(path); return it == side.end() ? std::string() : it->second; };
    const std::string old_text = text(before), new_text = text(after);
    if (old_text == new_text && before.contains(path) == after.contains(path)) continue;
    files.push_back(file_lines(path, old_text, new_text));
    if (std::find(unparsed.begin(), unparsed.end(), path) != unparsed.end()) files.back()["unparsed"] = true;
    const auto group_of = [&, &path = path](const std::string& name) -> Group& {
      const auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.name == name && g.file == path && g.status == "changed"; });
      return found != groups.end() ? *found : groups.emplace_back(Group{name, path, "changed", "", "", {}});
    };
    const std::size_t groups_before = groups.size();
    for (std::size_t j = 0; j < v2.entities.size(); ++j) {
      Entity& entity = v2.entities[j];
      if (entity.source->path != path) continue;
      std::vector<Change> changes;
      for (auto& [where, change] : ready)
        if (where == static_cast<int>(j)) changes.push_back(std::move(change));
      Entity* old = v2.partner[j] < 0 ? nullptr : &v1.entities[v2.partner[j]];
      const bool elsewhere = old != nullptr && old->source->path != path;
      if (old != nullptr) compare_entities(*old, entity, moved[j] || elsewhere, changes);
      for (Change& change : changes) {
        Group& target = group_of(change.owner);
        if (old != nullptr && old->written != entity.name && target.name == entity.name) target.old_name = old->written;
        if (elsewhere) target.old_file = old->source->path;
        target.changes.push_back(std::move(change));
      }
      if (members.after.contains(static_cast<int>(j))) continue;
      if (old == nullptr && entity.decl == nullptr) group_of(entity.name).changes.push_back({entity.name, "insert", entity.kind.str(), "", nullptr, whole(entity)});
      else if (old == nullptr) groups.push_back({entity.name, path, "added", "", "", {{entity.name, "insert", entity.kind.str(), "", nullptr, whole(entity)}}});
    }
    bool told = false;  // in another file
    for (std::size_t i = 0; i < v1.entities.size(); ++i) {
      const Entity& entity = v1.entities[i];
      told |= entity.source->path == path && v1.partner[i] >= 0 && v2.entities[v1.partner[i]].source->path != path;
      if (entity.source->path != path || v1.partner[i] >= 0 || members.before.contains(static_cast<int>(i))) continue;
      Change change{entity.written, "delete", entity.kind.str(), "", whole(entity), nullptr};
      if (entity.decl == nullptr) group_of(entity.name).changes.push_back(std::move(change));
      else groups.push_back({entity.written, path, "removed", "", "", {std::move(change)}});
    }
    const bool parsed = is_cpp(path) && !files.back().contains("unparsed");
    compare_text(path, v1, v2, parsed ? kOutside : kText, false, groups);
    if (groups.size() == groups_before && !told) compare_text(path, v1, v2, kText, true, groups);
  }
  fold_renames(groups);
  Json out = render(groups);
  out["files"] = std::move(files);
  return out;
}

}  // namespace hyperagent::tooling
