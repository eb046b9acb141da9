// A task half of twenty functions over strings, vectors, sorting and maps: what the speed benchmark edits, one function at a time.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ha/agent.h>
#include <ha/text.h>

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (char c : text) {
    if (is_letter(c)) {
      word += lowered(c);
    } else if (!word.empty()) {
      words.push_back(word);
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

std::map<std::string, int> count_words(const std::vector<std::string>& words) {
  std::map<std::string, int> counts;
  for (const std::string& word : words) ++counts[word];
  return counts;
}

double mean_length(const std::vector<std::string>& words) {
  if (words.empty()) return 0;
  double total = 0;
  for (const std::string& word : words) total += static_cast<double>(word.size());
  return total / static_cast<double>(words.size());
}

double share_of_long(const std::vector<std::string>& words, std::size_t least) {
  if (words.empty()) return 0;
  double n = 0;
  for (const std::string& word : words) n += word.size() >= least ? 1.0 : 0.0;
  return n / static_cast<double>(words.size());
}

std::vector<std::string> longest(std::vector<std::string> words, std::size_t most) {
  std::sort(words.begin(), words.end(), [](const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
  if (words.size() > most) words.resize(most);
  return words;
}

double entropy(const std::map<std::string, int>& counts) {
  double total = 0, sum = 0;
  for (const auto& [word, n] : counts) total += n;
  for (const auto& [word, n] : counts) sum -= n / total * std::log(n / total);
  return sum;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<double> sentence_lengths(std::string_view text) {
  std::vector<double> lengths;
  double length = 0;
  for (char c : text) {
    length += 1;
    if (c == '.' || c == '!' || c == '?') {
      lengths.push_back(length);
      length = 0;
    }
  }
  return lengths;
}

int count_of(std::string_view text, char wanted) {
  int n = 0;
  for (char c : text) n += c == wanted ? 1 : 0;
  return n;
}

bool contains_word(const std::vector<std::string>& words, const std::string& wanted) { return std::find(words.begin(), words.end(), wanted) != words.end(); }

double novelty(const std::vector<std::string>& words) {
  double score = 0;
  if (contains_word(words, "novel")) score += 0.5;
  if (contains_word(words, "new")) score += 0.25;
  if (contains_word(words, "first")) score += 0.125;
  return score;
}

double caution(const std::vector<std::string>& words) {
  double score = 0;
  if (contains_word(words, "may")) score += 0.25;
  if (contains_word(words, "however")) score += 0.5;
  return score;
}

double squashed(double value, double scale) { return value / (std::abs(value) + scale); }

double style_score(std::string_view text) {
  const std::vector<double> lengths = sentence_lengths(text);
  return squashed(median(lengths), 120.0) - 0.01 * count_of(text, ',');
}

double vocabulary_score(const std::vector<std::string>& words) {
  return squashed(entropy(count_words(words)), 4.0) + 0.1 * squashed(static_cast<double>(longest(words, 5).size()), 5.0);
}

double shape_score(const std::vector<std::string>& words) { return squashed(mean_length(words), 5.5) + 0.3 * share_of_long(words, 9); }

double total_score(std::string_view text) {
  const std::vector<std::string> words = split_words(text);
  return style_score(text) + vocabulary_score(words) + shape_score(words) + novelty(words) - caution(words);
}

}  // namespace

ha::Answer solve(const ha::Task& task, ha::Host& host) {
  (void)host;
  const std::string text(ha::text_field(task, "abstract"));
  if (total_score(text) > 1.75) return ha::label("accept");
  return ha::label("reject");
}
