#include "domains/text_models/style.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "domains/text_models/recipe.h"

namespace hyperagent::text_models {
namespace {

// Lists of function words, general to English prose; nothing here was picked by looking at labels.
constexpr std::array<std::string_view, 5> kFirstPerson = {"we", "our", "us", "i", "my"};
constexpr std::array<std::string_view, 9> kHedges = {"may", "might", "can", "could", "would", "perhaps", "possibly", "often", "seems"};
constexpr std::array<std::string_view, 6> kContrast = {"however", "but", "although", "while", "despite", "yet"};
constexpr std::array<std::string_view, 6> kArticles = {"the", "a", "an", "this", "these", "that"};
constexpr std::array<std::string_view, 6> kBe = {"is", "are", "was", "were", "be", "been"};
constexpr std::array<std::string_view, 7> kPrepositions = {"of", "in", "for", "with", "on", "to", "by"};

template <std::size_t N>
double share(const std::vector<std::string>& words, const std::array<std::string_view, N>& list) {
  if (words.empty()) return 0;
  double n = 0;
  for (const std::string& word : words) n += std::find(list.begin(), list.end(), word) != list.end() ? 1 : 0;
  return n / static_cast<double>(words.size());
}

struct Bytes {
  double all = 0, upper = 0, digits = 0, commas = 0, colons = 0, brackets = 0, quotes = 0, hyphens = 0, maths = 0, marks = 0, stops = 0;
};

Bytes count_bytes(const std::string& text) {
  Bytes n;
  for (char c : text) {
    ++n.all;
    if (c >= 'A' && c <= 'Z')
      ++n.upper;
    else if (c >= '0' && c <= '9')
      ++n.digits;
    else if (c == ',')
      ++n.commas;
    else if (c == ':' || c == ';')
      ++n.colons;
    else if (c == '(' || c == '[' || c == '{')
      ++n.brackets;
    else if (c == '"' || c == '`')
      ++n.quotes;
    else if (c == '-')
      ++n.hyphens;
    else if (c == '$' || c == '\\' || c == '=' || c == '^' || c == '_')
      ++n.maths;
    else if (c == '!' || c == '?')
      ++n.marks;
    if (c == '.' || c == '!' || c == '?') ++n.stops;
  }
  return n;
}

}  // namespace

void append_style(const std::string& text, std::vector<double>& out) {
  const std::vector<std::string> words = words_of(text);
  const Bytes n = count_bytes(text);
  const double word_count = static_cast<double>(words.size()), per_word = word_count > 0 ? 1 / word_count : 0;
  double length = 0, longest = 0, long_words = 0;
  for (const std::string& word : words) {
    const double size = static_cast<double>(word.size());
    length += size;
    longest = std::max(longest, size);
    long_words += size >= 9 ? 1 : 0;
  }
  std::vector<std::string> distinct = words;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  const double sentences = std::max(1.0, n.stops);
  const std::array<double, kStyleCounts> counts = {std::log1p(n.all),
                                                   std::log1p(word_count),
                                                   words.empty() ? 0 : sentences,
                                                   word_count / sentences,
                                                   length * per_word,
                                                   longest,
                                                   long_words * per_word,
                                                   static_cast<double>(distinct.size()) * per_word,
                                                   n.upper * per_word,
                                                   n.digits * per_word,
                                                   n.commas * per_word,
                                                   n.colons * per_word,
                                                   n.brackets * per_word,
                                                   n.hyphens * per_word,
                                                   (n.maths + n.quotes) * per_word,
                                                   n.marks,
                                                   share(words, kFirstPerson),
                                                   share(words, kHedges),
                                                   share(words, kContrast),
                                                   share(words, kArticles),
                                                   share(words, kBe) + share(words, kPrepositions)};
  for (double count : counts) out.push_back(count);
}

}  // namespace hyperagent::text_models
