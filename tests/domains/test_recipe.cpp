#include <catch2/catch.hpp>

#include "domains/text_models/recipe.h"

using namespace hyperagent::text_models;
using hyperagent::Json;

namespace {
Json leaf(const char* kind, const char* field) { return {{"kind", kind}, {"field", field}}; }
Json both(const Json& a, const Json& b) { return {{"kind", "both"}, {"a", a}, {"b", b}}; }
bool refused(const Json& json) { return std::holds_alternative<std::string>(parse_recipe(json)); }
std::string key(const Json& json) { return std::get<Recipe>(parse_recipe(json)).key; }
}  // namespace

TEST_CASE("recipes that combine the same features are the same recipe") {
  const Json words = leaf("words", "title"), style = leaf("style", "title");
  CHECK(key(both(words, style)) == key(both(style, both(words, style))));
  CHECK(key(words) == key({{"kind", "ngrams"}, {"field", "title"}, {"n", 1}}));
  CHECK(key(words) != key(leaf("words", "abstract")));
}

TEST_CASE("malformed recipes are refused with a reason") {
  for (const Json& json :
       {Json(), Json(1), Json::array(), Json::object(), leaf("magic", "title"), Json{{"kind", "words"}}, Json{{"kind", 3}, {"field", "x"}},
        Json{{"kind", "words"}, {"field", 1}}, Json{{"kind", "both"}, {"a", leaf("words", "x")}}, Json{{"kind", "ngrams"}, {"field", "x"}},
        Json{{"kind", "ngrams"}, {"field", "x"}, {"n", 6}}, Json{{"kind", "ngrams"}, {"field", "x"}, {"n", 0}},
        Json{{"kind", "ngrams"}, {"field", "x"}, {"n", 1.5}}, Json{{"kind", "words"}, {"field", std::string(300, 'x')}}})
    CHECK(refused(json));
}

TEST_CASE("a recipe ten thousand levels deep is refused without a deep recursion") {
  Json deep = leaf("words", "x");
  for (int i = 0; i < 10000; ++i) deep = Json{{"kind", "both"}, {"a", std::move(deep)}, {"b", leaf("words", "y")}};
  CHECK(refused(deep));
}

TEST_CASE("a recipe of more than 16 different parts is refused") {
  Json wide = leaf("words", "x");
  for (int i = 0; i < 16; ++i) wide = both(wide, leaf("words", ("x" + std::to_string(i)).c_str()));
  CHECK(refused(wide));
}

TEST_CASE("words are lower case and keep inner apostrophes") {
  CHECK(words_of("Don't stop -- 'GPT-3' works!") == std::vector<std::string>{"don't", "stop", "gpt", "3", "works"});
}

TEST_CASE("a list of texts reads as one text") { CHECK(text_of({{"k", {"deep nets", "vision"}}}, "k") == "deep nets; vision"); }

TEST_CASE("two words in the other order are another 2-gram") {
  const Leaf grams = std::get<Recipe>(parse_recipe({{"kind", "ngrams"}, {"field", "t"}, {"n", 2}})).leaves.front();
  CHECK(extract(grams, {{"t", "red car"}}).terms != extract(grams, {{"t", "car red"}}).terms);
  CHECK(extract(grams, {{"t", "red car red car"}}).terms.size() == 2);
  CHECK(extract(grams, {{"t", "red"}}).terms.empty());
}

TEST_CASE("dense features have the same width for every input, fields missing or of another type included") {
  const Recipe dense = std::get<Recipe>(parse_recipe(both(leaf("style", "t"), both(leaf("number", "x"), leaf("numbers", "v")))));
  const std::size_t width = kStyleCounts + 1 + 6;
  for (const Json& input : {Json::object(), Json{{"t", "Some text."}, {"x", 3}, {"v", {1, 2}}}, Json{{"t", 5}, {"x", "a"}, {"v", {"a"}}}}) {
    std::size_t found = 0;
    for (const Leaf& part : dense.leaves) found += extract(part, input).dense.size();
    CHECK(found == width);
  }
  const auto features = extract(std::get<Recipe>(parse_recipe(leaf("numbers", "v"))).leaves.front(), {{"v", {4, 1, 7}}});
  CHECK(features.dense == std::vector<double>{3, 4, 4, 1, 7, 3});
}
