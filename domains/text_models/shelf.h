// The models of one domain, fitted on demand and kept for the whole run; the trusted half of the model blocks of ha/text.h.
//
// Leakage rule: a training example belongs to one of five folds by a hash of its id. While a task that is itself a training
// example is posed, models see the other four folds only; for all other tasks they see every example.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"

namespace hyperagent::text_models {

inline constexpr int kFolds = 5;
int fold_of(const std::string& id);

struct Example {
  std::string id;
  Json input;         // the fields of the task, without its target
  std::string label;  // empty when the target is a number
  double number = 0;  // the target when it is a number
  Json target;        // as in the data
};

struct ShelfOptions {
  std::vector<std::string> labels;  // [negative, positive, ...]; empty: the target is a number, or anything when !numeric
  bool numeric = false;
};

// Thread-safe.
class ModelShelf {
 public:
  ModelShelf(std::vector<Example> examples, ShelfOptions options);
  ~ModelShelf();
  ModelShelf(const ModelShelf&) = delete;
  ModelShelf& operator=(const ModelShelf&) = delete;

  static bool knows(const std::string& call);
  // One call about the task (id, input): model.naive_bayes {"features","label"?}, model.logistic {"features","penalty"},
  // model.nearest {"features","neighbours"}, model.ridge {"features","penalty"}, model.prior {}, model.typical {"field","label"},
  // model.quantile {"field","share"}, model.likeliest {"features"}, data.examples {"from","count"}. Replies {"chance"}, {"value"},
  // {"label"}, {"examples"}, or {"error"} for a call that makes no sense.
  Json call(const std::string& name, const Json& arguments, const std::string& id, const Json& input) const;

  // The deciles of every field, a number or the mean of a list, ascending and distinct: where a threshold may make a difference.
  std::vector<double> levels(const std::vector<std::string>& fields) const;
  // Words that occur in many but not most examples, most frequent first: for the "word" vocabulary. Labels are not looked at.
  std::vector<std::string> common_words(const std::vector<std::string>& fields, std::size_t most) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace hyperagent::text_models
