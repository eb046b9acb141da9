#include "domains/text_models/recipe.h"

#include <algorithm>
#include <cmath>

#include "domains/text_models/style.h"

namespace hyperagent::text_models {
namespace {

constexpr std::size_t kMaxParts = 64;   // nodes of a recipe, "both" included
constexpr std::size_t kMaxField = 200;  // bytes of a field's name

std::variant<Leaf, std::string> parse_leaf(const Json& json) {
  const auto kind = json.find("kind");
  const auto field = json.find("field");
  if (kind == json.end() || !kind->is_string()) return "a recipe needs a \"kind\"";
  if (field == json.end() || !field->is_string() || field->get_ref<const std::string&>().size() > kMaxField)
    return "a recipe needs a \"field\"";
  Leaf leaf{.field = field->get<std::string>()};
  const std::string& name = kind->get_ref<const std::string&>();
  if (name == "words") return leaf;
  if (name == "ngrams") {
    const auto n = json.find("n");
    if (n == json.end() || !n->is_number_integer()) return "ngrams need an integer \"n\"";
    const auto length = n->get<std::int64_t>();
    if (length < 1 || length > kMaxGram) return "\"n\" must be 1 to " + std::to_string(kMaxGram);
    leaf.n = static_cast<int>(length);
    return leaf;
  }
  if (name == "presence")
    leaf.kind = Leaf::Kind::Presence;
  else if (name == "style")
    leaf.kind = Leaf::Kind::Style;
  else if (name == "number")
    leaf.kind = Leaf::Kind::Number;
  else if (name == "numbers")
    leaf.kind = Leaf::Kind::Numbers;
  else
    return "unknown kind of features \"" + name.substr(0, 40) + "\"";
  return leaf;
}

double finite_number(const Json& value) {
  if (!value.is_number()) return 0;
  const double number = value.get<double>();
  return std::isfinite(number) ? number : 0;
}

void append_number(const Json& input, const std::string& field, std::vector<double>& dense) {
  const auto value = input.find(field);
  dense.push_back(value == input.end() ? 0 : finite_number(*value));
}

void append_numbers(const Json& input, const std::string& field, std::vector<double>& dense) {
  std::vector<double> numbers;
  const auto value = input.find(field);
  if (value != input.end() && value->is_array())
    for (const Json& item : *value)
      if (item.is_number()) numbers.push_back(finite_number(item));
  if (numbers.empty()) {
    dense.insert(dense.end(), 6, 0.0);
    return;
  }
  std::sort(numbers.begin(), numbers.end());
  const double n = static_cast<double>(numbers.size());
  double sum = 0, squares = 0;
  for (double number : numbers) sum += number;
  for (double number : numbers) squares += (number - sum / n) * (number - sum / n);
  const std::size_t half = numbers.size() / 2;
  const double median = numbers.size() % 2 == 1 ? numbers[half] : (numbers[half - 1] + numbers[half]) / 2;
  dense.insert(dense.end(), {n, sum / n, median, numbers.front(), numbers.back(), n > 1 ? std::sqrt(squares / (n - 1)) : 0});
}

void append_terms(const Leaf& leaf, const std::string& text, std::vector<std::uint64_t>& terms) {
  const std::uint64_t basis = hash_of(leaf.field + '\x1f' + std::to_string(leaf.n));
  std::vector<std::uint64_t> hashes;
  for (const std::string& word : words_of(text)) hashes.push_back(hash_of(word, basis));
  const std::size_t n = static_cast<std::size_t>(leaf.n);
  for (std::size_t i = 0; i + n <= hashes.size(); ++i) {
    std::uint64_t term = hashes[i];
    for (std::size_t j = 1; j < n; ++j) term = (term ^ (term >> 29)) * 0xBF58476D1CE4E5B9ull + hashes[i + j];
    terms.push_back(term);
  }
}

}  // namespace

std::string Leaf::key() const {
  return std::to_string(field.size()) + ':' + field + char('a' + static_cast<int>(kind)) + std::to_string(n) + ';';
}

std::variant<Recipe, std::string> parse_recipe(const Json& json) {
  Recipe recipe;
  std::vector<const Json*> open = {&json};  // not recursive: an agent chooses the depth
  for (std::size_t parts = 0; !open.empty(); ++parts) {
    const Json& part = *open.back();
    open.pop_back();
    if (parts == kMaxParts) return "a recipe has at most " + std::to_string(kMaxParts) + " parts";
    if (!part.is_object()) return "a recipe is an object with a \"kind\"";
    const auto kind = part.find("kind");
    if (kind != part.end() && *kind == "both") {
      if (!part.contains("a") || !part.contains("b")) return "\"both\" needs the recipes \"a\" and \"b\"";
      open.push_back(&part.at("b"));
      open.push_back(&part.at("a"));
      continue;
    }
    auto leaf = parse_leaf(part);
    if (auto* why = std::get_if<std::string>(&leaf)) return *why;
    recipe.leaves.push_back(std::get<Leaf>(std::move(leaf)));
  }
  std::sort(recipe.leaves.begin(), recipe.leaves.end());
  recipe.leaves.erase(std::unique(recipe.leaves.begin(), recipe.leaves.end()), recipe.leaves.end());
  if (recipe.leaves.size() > kMaxLeaves) return "a recipe has at most " + std::to_string(kMaxLeaves) + " different parts";
  for (const Leaf& leaf : recipe.leaves) recipe.key += leaf.key();
  return recipe;
}

RawFeatures extract(const Leaf& leaf, const Json& input) {
  RawFeatures features;
  std::vector<std::uint64_t> terms;
  switch (leaf.kind) {
    case Leaf::Kind::Ngrams:
    case Leaf::Kind::Presence:
      append_terms(leaf, text_of(input, leaf.field), terms);
      break;
    case Leaf::Kind::Style:
      append_style(text_of(input, leaf.field), features.dense);
      break;
    case Leaf::Kind::Number:
      append_number(input, leaf.field, features.dense);
      break;
    case Leaf::Kind::Numbers:
      append_numbers(input, leaf.field, features.dense);
      break;
  }
  std::sort(terms.begin(), terms.end());
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i > 0 && terms[i] == terms[i - 1])
      features.terms.back().second += leaf.kind == Leaf::Kind::Presence ? 0 : 1;
    else
      features.terms.emplace_back(terms[i], 1.0f);
  }
  return features;
}

std::string text_of(const Json& input, const std::string& field) {
  const auto value = input.find(field);
  if (value == input.end()) return {};
  if (value->is_string()) return value->get<std::string>();
  if (!value->is_array()) return {};
  std::string joined;
  for (const Json& item : *value)
    if (item.is_string()) joined += (joined.empty() ? "" : "; ") + item.get_ref<const std::string&>();
  return joined;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const unsigned char c = i < text.size() ? static_cast<unsigned char>(text[i]) : ' ';
    const bool inside = is_word_byte(c) || (c == '\'' && !word.empty() && i + 1 < text.size() && is_word_byte(text[i + 1]));
    if (inside)
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
    else if (!word.empty())
      words.push_back(std::exchange(word, {}));
  }
  return words;
}

std::uint64_t hash_of(std::string_view text, std::uint64_t basis) {
  for (unsigned char c : text) basis = (basis ^ c) * 0x100000001b3ull;
  // FNV alone leaves the high bits of short, similar texts ("row1", "row2") alike, and tasks are ordered by this hash.
  basis = (basis ^ (basis >> 32)) * 0x9E3779B97F4A7C15ull;
  return basis ^ (basis >> 29);
}

}  // namespace hyperagent::text_models
