// Recipes: what a learned model looks at. They come from agents, so they are untrusted: parsing bounds them and says what is wrong.
//
//   {"kind":"words"|"presence"|"style","field":F}  {"kind":"ngrams","field":F,"n":1..5}  {"kind":"number"|"numbers","field":F}
//   {"kind":"both","a":RECIPE,"b":RECIPE}                                     the union of two recipes
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "hyperagent/core/json.h"

namespace hyperagent::text_models {

inline constexpr std::size_t kMaxLeaves = 16;
inline constexpr int kMaxGram = 5;

struct Leaf {
  enum class Kind { Ngrams, Style, Number, Numbers, Presence };  // words are 1-grams
  Kind kind = Kind::Ngrams;
  std::string field;
  int n = 1;
  std::string key() const;  // names the leaf among all others
  auto operator<=>(const Leaf&) const = default;
};

// A set of leaves: sorted and distinct, so equal recipes have equal keys whatever the order they were combined in.
struct Recipe {
  std::vector<Leaf> leaves;
  std::string key;
};

// The recipe, or why it is none.
std::variant<Recipe, std::string> parse_recipe(const Json& json);

// What one task's input gives under a leaf: counts of terms (named by a 64-bit hash, sorted, distinct) or dense numbers
// whose number depends on the leaf only.
struct RawFeatures {
  std::vector<std::pair<std::uint64_t, float>> terms;
  std::vector<double> dense;
};
RawFeatures extract(const Leaf& leaf, const Json& input);

inline constexpr std::size_t kStyleCounts = 21;
// The text of a field: itself, or a list of texts joined by "; "; else empty.
std::string text_of(const Json& input, const std::string& field);
// Lower-case words: runs of ASCII letters, digits and bytes beyond ASCII, inner apostrophes included (as ha/text.h counts them).
std::vector<std::string> words_of(const std::string& text);
std::uint64_t hash_of(std::string_view text, std::uint64_t basis = 0xcbf29ce484222325ull);  // FNV-1a, then mixed

}  // namespace hyperagent::text_models
