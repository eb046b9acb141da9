// Building blocks for tasks whose fields are texts and numbers: statistics of a field, models that the host has learned from the
// training examples, and the answers. Free functions over few types, so that typed edits can compose them.
//
//   const ha::Chance chance = ha::logistic(task, host, ha::both(ha::words_of("abstract"), ha::style_of("title")), 1.0);
//   return ha::label_likely(task, chance);
//
// A chance is a type of its own, so that what a model says is never compared with a number on another scale: chances have one
// threshold that makes sense, counts and scores have one each, which `midpoint_of` takes from the training examples.
//
// A model is a recipe (Features) that the host evaluates: it fits on labelled training examples, never on the task at hand nor,
// while a train task is posed, on the fold that holds it. Each model call is one host call; refused calls give the stated fallback.
#pragma once

#include <ha/agent.h>
#include <ha/host.h>
#include <ha/value.h>

#include <string>
#include <string_view>
#include <vector>

namespace ha {

// --- Fields of a task. An absent field reads as "", 0 or no numbers; a list of texts reads as one text joined by "; ".
HA_BLOCK std::string text_field(const Task& task, HA_VOCAB("text_field") TextRef name);
HA_BLOCK double number_field(const Task& task, HA_VOCAB("number_field") TextRef name);
HA_BLOCK std::vector<double> numbers_field(const Task& task, HA_VOCAB("numbers_field") TextRef name);

// --- Counts of a text. A word is a run of ASCII letters, digits and bytes beyond ASCII, inner apostrophes included.
HA_BLOCK double count_words(const std::string& text);
HA_BLOCK double count_characters(const std::string& text);  // bytes
HA_BLOCK double count_sentences(const std::string& text);   // runs ended by . ! ? or the end
HA_BLOCK double count_digits(const std::string& text);
HA_BLOCK double count_uppercase(const std::string& text);                                            // ASCII capitals
HA_BLOCK double count_punctuation(const std::string& text);                                          // ASCII punctuation
HA_BLOCK double count_long_words(const std::string& text, HA_RANGE("6 8 10 12") int length);         // words of at least `length` bytes
HA_BLOCK double count_occurrences(const std::string& text, HA_VOCAB("word") TextRef word);  // as a whole word, any case
HA_BLOCK bool mentions(const std::string& text, HA_VOCAB("word") TextRef word);             // count_occurrences > 0
// --- Ratios of a text, 0 for an empty one.
HA_BLOCK double mean_word_length(const std::string& text);
HA_BLOCK double longest_word(const std::string& text);  // its length
HA_BLOCK double words_per_sentence(const std::string& text);
HA_BLOCK double distinct_word_ratio(const std::string& text);  // distinct words / words

// --- Statistics of numbers, 0 for none.
HA_BLOCK double mean(const std::vector<double>& numbers);
HA_BLOCK double median(const std::vector<double>& numbers);
HA_BLOCK double minimum(const std::vector<double>& numbers);
HA_BLOCK double maximum(const std::vector<double>& numbers);
HA_BLOCK double spread(const std::vector<double>& numbers);  // standard deviation with n - 1; 0 for n < 2
HA_BLOCK double sum(const std::vector<double>& numbers);
HA_BLOCK double count(const std::vector<double>& numbers);

// --- Answers.
// How likely a task has the positive label: 0 to 1, where 1/2 says nothing.
class Chance {
 public:
  Chance() = default;
  explicit Chance(double of_positive);  // kept within 0 to 1; what is no number says nothing
  double of_positive() const { return of_positive_; }

 private:
  double of_positive_ = 0.5;
};

HA_BLOCK Answer label(HA_VOCAB("label") TextRef name);
// The domain's positive label when the chance is 1/2 or more, else its negative one; the chance ranks the answer (AUC, log loss).
HA_BLOCK Answer label_likely(const Task& task, const Chance& chance);
// The positive label when score > threshold, else the negative one; the score ranks the answer.
HA_BLOCK Answer label_above(const Task& task, double score, HA_VOCAB("level") double threshold);
// The positive label when score < threshold; the rank is -score.
HA_BLOCK Answer label_below(const Task& task, double score, HA_VOCAB("level") double threshold);
HA_BLOCK Answer number_answer(double number);
HA_BLOCK Answer text_answer(const std::string& text);

// --- What a model looks at: a recipe, a value like any other.
class Features {
 public:
  Features() = default;  // none: every model call is refused and gives its fallback
  explicit Features(Value recipe);
  const Value& recipe() const { return recipe_; }

 private:
  Value recipe_;
};

HA_BLOCK Features words_of(HA_VOCAB("text_field") TextRef field);
// Which words occur, each as much as any other: not how often, nor how rare they are; a long text has more of them.
HA_BLOCK Features presence_of(HA_VOCAB("text_field") TextRef field);
HA_BLOCK Features ngrams_of(HA_VOCAB("text_field") TextRef field, HA_RANGE("2 3") int n);  // runs of n words, n up to 5
HA_BLOCK Features style_of(HA_VOCAB("text_field") TextRef field);  // 21 counts and ratios of how it is written
HA_BLOCK Features number_of(HA_VOCAB("number_field") TextRef field);
HA_BLOCK Features numbers_of(HA_VOCAB("numbers_field") TextRef field);  // count, mean, median, min, max, sd
HA_BLOCK Features both(const Features& a, const Features& b);                    // their union, at most 16 parts

// --- Learned models: the chance of the positive label (fallback 1/2). A larger penalty gives a smoother model.
HA_BLOCK Chance naive_bayes(const Task& task, Host& host, const Features& features);
HA_BLOCK Chance logistic(const Task& task, Host& host, const Features& features, HA_RANGE("0.01 0.1 1 10 100") double penalty);
HA_BLOCK Chance nearest(const Task& task, Host& host, const Features& features, HA_RANGE("1 3 5 11 25 51") int neighbours);

// --- What can be made of chances. Models that err differently are better together than alone.
HA_BLOCK Chance average(const Chance& a, const Chance& b);  // of their log odds, so that a sure one counts for more
HA_BLOCK Chance surer(const Chance& a, const Chance& b);    // the one farther from 1/2; a when equal
HA_BLOCK bool likely(const Chance& chance);                 // 1/2 or more
// Whether either label is at least so likely.
HA_BLOCK bool sure(const Chance& chance, HA_RANGE("0.55 0.6 0.7 0.8 0.9") double least);

// The expected target where it is a number, else the linear score of the positive label (fallback 0).
HA_BLOCK double ridge(const Task& task, Host& host, const Features& features, HA_RANGE("0.01 0.1 1 10 100") double penalty);
// How likely any one label is, 0 to 1, by naive Bayes of that label against all others: for more than two labels.
HA_BLOCK double chance_of(const Task& task, Host& host, const Features& features, HA_VOCAB("label") TextRef label);
// The label for which chance_of is largest, the first of equals; no answer when the host refuses.
HA_BLOCK Answer likeliest_label(const Task& task, Host& host, const Features& features);
// The mean of a numeric target over the training examples, else the share of the positive label (fallback 0.5).
HA_BLOCK double prior(const Task& task, Host& host);
// The mean of a field over the training examples with a label; of a list field, the mean of each list's mean (fallback 0).
HA_BLOCK double typical_number(const Task& task, Host& host, HA_VOCAB("number_field") TextRef field,
                               HA_VOCAB("label") TextRef label);
HA_BLOCK double typical_mean(const Task& task, Host& host, HA_VOCAB("numbers_field") TextRef field,
                             HA_VOCAB("label") TextRef label);
// Halfway between what is typical of the two labels in a field, a number or a list of numbers (fallback 0).
HA_BLOCK double midpoint_of(const Task& task, Host& host, HA_VOCAB("number_field") TextRef field);
HA_BLOCK double midpoint_of_means(const Task& task, Host& host, HA_VOCAB("numbers_field") TextRef field);

// Rules: where a task's number lies among those of the training examples. True when it is above (below) the value that the given share of
// them does not exceed; false where there is no number.
HA_BLOCK bool above_share(const Task& task, Host& host, HA_VOCAB("number_field") TextRef field,
                          HA_RANGE("0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9") double share);
HA_BLOCK bool below_share(const Task& task, Host& host, HA_VOCAB("number_field") TextRef field,
                          HA_RANGE("0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9") double share);

// Training examples as data, {"input": {...}, "target": ...}, at most 100 a call; none when refused.
std::vector<Value> examples(const Task& task, Host& host, int from, int count);

}  // namespace ha
