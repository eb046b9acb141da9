#include <ha/text.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace ha {
namespace {

bool is_upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool is_letter(unsigned char c) { return (c >= 'a' && c <= 'z') || is_upper(c) || c >= 0x80; }
bool in_word(unsigned char c) { return is_letter(c) || is_digit(c); }
char lower(char c) { return is_upper(static_cast<unsigned char>(c)) ? static_cast<char>(c + 32) : c; }

// Calls visit(word) for every word; the views point into text.
template <class Visit>
void for_words(std::string_view text, const Visit& visit) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (!in_word(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && (in_word(text[i]) || (text[i] == '\'' && i + 1 < text.size() && in_word(text[i + 1])))) ++i;
    visit(text.substr(begin, i - begin));
  }
}

template <class Is>
double count_bytes(const std::string& text, const Is& is) {
  double n = 0;
  for (unsigned char c : text) n += is(c) ? 1 : 0;
  return n;
}

bool same_any_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

Value field(const Task& task, std::string_view name) { return task.input().get(name); }

Value leaf(const char* kind, std::string_view field) { return Value::object().with("kind", kind).with("field", field); }

double ask(Host& host, std::string_view call, const Value& arguments, const char* reply, double fallback) {
  const double value = host.call(call, arguments).get(reply).number(fallback);
  return std::isfinite(value) ? value : fallback;
}

std::optional<double> value_at_share(Host& host, std::string_view field, double share) {
  const Value found = host.call("model.quantile", Value::object().with("field", field).with("share", share)).get("value");
  return found.is_number() ? std::optional(found.number()) : std::nullopt;
}

Value about(const Features& features) { return Value::object().with("features", features.recipe()); }

// Of either label.
double certainty(const Chance& chance) { return std::max(chance.of_positive(), 1 - chance.of_positive()); }

double log_odds(const Chance& chance) {
  const double p = std::clamp(chance.of_positive(), 1e-12, 1 - 1e-12);
  return std::log(p / (1 - p));
}

Answer ranked(const Task& task, bool positive, double score) {
  const Value name = task.data().get("labels").at(positive ? 1 : 0);
  return Answer(Value::object().with("label", name).with("score", score));
}

}  // namespace

std::string text_field(const Task& task, TextRef name) {
  const Value value = field(task, name);
  if (!value.is_list()) return value.text();
  std::string joined;
  for (const std::string& text : value.texts()) joined += (joined.empty() ? "" : "; ") + text;
  return joined;
}

double number_field(const Task& task, TextRef name) { return field(task, name).number(); }
std::vector<double> numbers_field(const Task& task, TextRef name) { return field(task, name).numbers(); }

double count_words(const std::string& text) {
  double n = 0;
  for_words(text, [&](std::string_view) { ++n; });
  return n;
}

double count_characters(const std::string& text) { return static_cast<double>(text.size()); }

double count_sentences(const std::string& text) {
  double n = 0;
  bool open = false;
  for (unsigned char c : text) {
    if (in_word(c)) open = true;
    if (open && (c == '.' || c == '!' || c == '?')) {
      ++n;
      open = false;
    }
  }
  return n + (open ? 1 : 0);
}

double count_digits(const std::string& text) { return count_bytes(text, is_digit); }
double count_uppercase(const std::string& text) { return count_bytes(text, is_upper); }

double count_punctuation(const std::string& text) {
  return count_bytes(text, [](unsigned char c) { return c > ' ' && c < 0x7f && !in_word(c); });
}

double count_long_words(const std::string& text, int length) {
  double n = 0;
  for_words(text, [&](std::string_view word) { n += static_cast<long long>(word.size()) >= length ? 1 : 0; });
  return n;
}

double count_occurrences(const std::string& text, TextRef word) {
  double n = 0;
  for_words(text, [&](std::string_view other) { n += same_any_case(word, other) ? 1 : 0; });
  return n;
}

bool mentions(const std::string& text, TextRef word) { return count_occurrences(text, word) > 0; }

double mean_word_length(const std::string& text) {
  double n = 0, bytes = 0;
  for_words(text, [&](std::string_view word) {
    ++n;
    bytes += static_cast<double>(word.size());
  });
  return n > 0 ? bytes / n : 0;
}

double longest_word(const std::string& text) {
  std::size_t longest = 0;
  for_words(text, [&](std::string_view word) { longest = std::max(longest, word.size()); });
  return static_cast<double>(longest);
}

double words_per_sentence(const std::string& text) {
  const double sentences = count_sentences(text);
  return sentences > 0 ? count_words(text) / sentences : 0;
}

double distinct_word_ratio(const std::string& text) {
  std::vector<std::string> words;
  for_words(text, [&](std::string_view word) {
    words.emplace_back(word);
    for (char& c : words.back()) c = lower(c);
  });
  if (words.empty()) return 0;
  const double all = static_cast<double>(words.size());
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return static_cast<double>(words.size()) / all;
}

double mean(const std::vector<double>& numbers) { return numbers.empty() ? 0 : sum(numbers) / count(numbers); }

double median(const std::vector<double>& numbers) {
  if (numbers.empty()) return 0;
  std::vector<double> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double minimum(const std::vector<double>& numbers) { return numbers.empty() ? 0 : *std::min_element(numbers.begin(), numbers.end()); }
double maximum(const std::vector<double>& numbers) { return numbers.empty() ? 0 : *std::max_element(numbers.begin(), numbers.end()); }

double spread(const std::vector<double>& numbers) {
  if (numbers.size() < 2) return 0;
  const double centre = mean(numbers);
  double squares = 0;
  for (double number : numbers) squares += (number - centre) * (number - centre);
  return std::sqrt(squares / (count(numbers) - 1));
}

double sum(const std::vector<double>& numbers) {
  double total = 0;
  for (double number : numbers) total += number;
  return total;
}

double count(const std::vector<double>& numbers) { return static_cast<double>(numbers.size()); }

Features::Features(Value recipe) : recipe_(std::move(recipe)) {}

Chance::Chance(double of_positive) : of_positive_(std::isnan(of_positive) ? 0.5 : std::clamp(of_positive, 0.0, 1.0)) {}

Answer label(TextRef name) { return Answer(Value(name)); }
Answer label_likely(const Task& task, const Chance& chance) { return ranked(task, likely(chance), chance.of_positive()); }
Answer label_above(const Task& task, double score, double threshold) { return ranked(task, score > threshold, score); }
Answer label_below(const Task& task, double score, double threshold) { return ranked(task, score < threshold, -score); }
Answer number_answer(double number) { return Answer(Value(number)); }
Answer text_answer(const std::string& text) { return Answer(Value(text)); }

Features words_of(TextRef field) { return Features(leaf("words", field)); }
Features presence_of(TextRef field) { return Features(leaf("presence", field)); }
Features ngrams_of(TextRef field, int n) { return Features(leaf("ngrams", field).with("n", n)); }
Features style_of(TextRef field) { return Features(leaf("style", field)); }
Features number_of(TextRef field) { return Features(leaf("number", field)); }
Features numbers_of(TextRef field) { return Features(leaf("numbers", field)); }

Features both(const Features& a, const Features& b) {
  return Features(Value::object().with("kind", "both").with("a", a.recipe()).with("b", b.recipe()));
}

Chance naive_bayes(const Task&, Host& host, const Features& features) {
  return Chance(ask(host, "model.naive_bayes", about(features), "chance", 0.5));
}

Chance logistic(const Task&, Host& host, const Features& features, double penalty) {
  return Chance(ask(host, "model.logistic", about(features).with("penalty", penalty), "chance", 0.5));
}

Chance nearest(const Task&, Host& host, const Features& features, int neighbours) {
  return Chance(ask(host, "model.nearest", about(features).with("neighbours", neighbours), "chance", 0.5));
}

Chance average(const Chance& a, const Chance& b) {
  const double odds = (log_odds(a) + log_odds(b)) / 2;
  return Chance(std::round(1e12 / (1 + std::exp(-odds))) / 1e12);  // without the last bits of exp, which differ between libraries
}

Chance surer(const Chance& a, const Chance& b) { return certainty(b) > certainty(a) ? b : a; }
bool likely(const Chance& chance) { return chance.of_positive() >= 0.5; }
bool sure(const Chance& chance, double least) { return certainty(chance) >= least; }

double ridge(const Task&, Host& host, const Features& features, double penalty) {
  return ask(host, "model.ridge", about(features).with("penalty", penalty), "value", 0);
}

double chance_of(const Task&, Host& host, const Features& features, TextRef label) {
  return ask(host, "model.naive_bayes", about(features).with("label", label), "chance", 0.5);
}

Answer likeliest_label(const Task&, Host& host, const Features& features) {
  const Value found = host.call("model.likeliest", about(features)).get("label");
  return found.is_null() ? Answer() : Answer(found);
}

double prior(const Task&, Host& host) { return ask(host, "model.prior", Value::object(), "value", 0.5); }

double typical_number(const Task&, Host& host, TextRef field, TextRef label) {
  return ask(host, "model.typical", Value::object().with("field", field).with("label", label), "value", 0);
}

double typical_mean(const Task& task, Host& host, TextRef field, TextRef label) {
  return typical_number(task, host, field, label);  // the host averages a list field by its lists' means
}

double midpoint_of(const Task& task, Host& host, TextRef field) {
  const Value labels = task.data().get("labels");
  return (typical_number(task, host, field, labels.at(0).text()) + typical_number(task, host, field, labels.at(1).text())) / 2;
}

double midpoint_of_means(const Task& task, Host& host, TextRef field) { return midpoint_of(task, host, field); }

bool above_share(const Task& task, Host& host, TextRef field, double share) {
  const std::optional<double> limit = value_at_share(host, field, share);
  const Value number = ha::field(task, field);
  return limit && number.is_number() && number.number() > *limit;
}

bool below_share(const Task& task, Host& host, TextRef field, double share) {
  const std::optional<double> limit = value_at_share(host, field, share);
  const Value number = ha::field(task, field);
  return limit && number.is_number() && number.number() < *limit;
}

std::vector<Value> examples(const Task&, Host& host, int from, int count) {
  return host.call("data.examples", Value::object().with("from", from).with("count", count)).get("examples").items();
}

}  // namespace ha
