#include "domains/text_models/shelf.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>

#include "domains/text_models/models.h"
#include "domains/text_models/recent.h"
#include "domains/text_models/recipe.h"

namespace hyperagent::text_models {
namespace {

constexpr double kLeastPenalty = 1e-4, kMostPenalty = 1e6;
constexpr std::int64_t kMostNeighbours = 1000, kMostExamples = 100;
constexpr std::size_t kLeaves = 32, kMatrices = 16, kModels = 48, kQuestions = 512;
constexpr std::size_t kAllFolds = kFolds;  // the slot of models that see every example

Json refused(std::string why) { return {{"error", std::move(why)}}; }

// Replies are rounded so that the last bits of exp and log, which differ between C libraries, do not reach an agent.
double rounded(double value, double unit) { return std::isfinite(value) ? std::round(value / unit) * unit : 0; }
double chance_of_odds(double odds) { return rounded(sigmoid(std::clamp(rounded(odds, 1e-6), -25.0, 25.0)), 1e-12); }

struct Question {
  std::string kind;  // the call's name without "model."
  Recipe recipe;
  double parameter = 0;
  std::string label;  // that counts as positive; empty for a numeric target
  std::string key() const { return kind + '\x1f' + Json(parameter).dump() + '\x1f' + label + '\x1f' + recipe.key; }
};

struct Fitted {
  std::optional<Scaling> scaling;
  std::optional<LinearModel> linear;
  std::optional<NaiveBayes> bayes;
  std::optional<Nearest> nearest;
  std::optional<double> constant;  // too few examples or only one label: there is nothing to learn
};

// A lock of its own for each thing that is computed once, so that two workers fit two models at the same time.
template <class T>
struct Once {
  std::mutex mutex;
  std::shared_ptr<const T> value;
  template <class Make>
  std::shared_ptr<const T> get(const Make& make) {
    const std::scoped_lock lock(mutex);
    if (!value) value = std::make_shared<const T>(make());
    return value;
  }
};

using ModelSlots = std::array<Once<Fitted>, kFolds + 1>;

// A recipe's rows: of the examples, and of the other tasks that were posed.
class Table {
 public:
  explicit Table(TermMatrix matrix) : matrix_(std::move(matrix)) {}
  const TermMatrix& matrix() const { return matrix_; }
  std::shared_ptr<const Row> row_of(const std::string& id, const Json& input) const {
    {
      const std::scoped_lock lock(mutex_);
      if (const auto known = posed_.find(id); known != posed_.end()) return known->second;
    }
    auto row = std::make_shared<const Row>(matrix_.row_of(input));
    const std::scoped_lock lock(mutex_);
    return posed_.emplace(id, std::move(row)).first->second;
  }

 private:
  const TermMatrix matrix_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, std::shared_ptr<const Row>> posed_;
};

// The answers to one question, by task.
struct Answers {
  std::mutex mutex;
  std::unordered_map<std::string, double> known;
};

std::optional<double> number_at(const Json& arguments, const char* name) {
  const auto found = arguments.find(name);
  if (found == arguments.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<std::string> text_at(const Json& arguments, const char* name) {
  const auto found = arguments.find(name);
  if (found == arguments.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// The number that a field stands for: itself, or the mean of a list.
std::optional<double> level_of(const Json& input, const std::string& field) {
  const auto value = input.find(field);
  if (value == input.end()) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  double sum = 0, n = 0;
  if (value->is_array())
    for (const Json& item : *value)
      if (item.is_number()) sum += item.get<double>(), ++n;
  return n > 0 ? std::optional(sum / n) : std::nullopt;
}

}  // namespace

int fold_of(const std::string& id) { return static_cast<int>((hash_of(id, 0x9E3779B97F4A7C15ull) >> 17) % kFolds); }

class ModelShelf::State {
 public:
  State(std::vector<Example> examples, ShelfOptions options) : examples_(std::move(examples)), options_(std::move(options)) {
    for (std::size_t i = 0; i < examples_.size(); ++i) {
      const int fold = fold_of(examples_[i].id);
      for (int slot = 0; slot <= kFolds; ++slot)
        if (slot != fold) rows_[static_cast<std::size_t>(slot)].push_back(i);
      index_of_.emplace(examples_[i].id, i);
    }
  }

  // Which slot may serve a task: the one without its own fold when the task is an example itself.
  std::size_t slot_of(const std::string& id) const { return index_of_.contains(id) ? static_cast<std::size_t>(fold_of(id)) : kAllFolds; }

  Json model(const std::string& kind, const Json& arguments, const std::string& id, const Json& input) {
    std::variant<Question, std::string> parsed = question(kind, arguments);
    if (auto* why = std::get_if<std::string>(&parsed)) return refused(std::move(*why));
    const Question& asked = std::get<Question>(parsed);
    const std::string key = asked.key();
    const char* reply = kind == "ridge" ? "value" : "chance";
    const auto answers = answers_.at(key);
    {
      const std::scoped_lock lock(answers->mutex);
      if (auto known = answers->known.find(id); known != answers->known.end()) return {{reply, known->second}};
    }
    const std::size_t slot = slot_of(id);
    const auto table = tables_.at(asked.recipe.key)->get([&] { return TermMatrix(leaves_of(asked.recipe)); });
    const auto slots = models_.at(key);
    const auto fitted = (*slots)[slot].get([&] { return fit(asked, table->matrix(), rows_[slot]); });
    const auto example = index_of_.find(id);
    const double value = example != index_of_.end() ? predict(asked, *fitted, table->matrix().row(example->second))
                                                    : predict(asked, *fitted, *table->row_of(id, input));
    const std::scoped_lock lock(answers->mutex);
    answers->known.emplace(id, value);
    return {{reply, value}};
  }

  Json prior(const std::string& id) const {
    const auto& rows = rows_[slot_of(id)];
    if (rows.empty() || (options_.labels.empty() && !options_.numeric))
      return refused("there is no prior: no training examples with a label or number");
    double sum = 0;
    for (std::size_t row : rows) sum += target(examples_[row], positive());
    return {{"value", rounded(sum / static_cast<double>(rows.size()), 1e-9)}};
  }

  Json typical(const Json& arguments, const std::string& id) const {
    const auto field = text_at(arguments, "field"), label = text_at(arguments, "label");
    if (!field || !label) return refused("typical needs a \"field\" and a \"label\"");
    double sum = 0, n = 0;
    for (std::size_t row : rows_[slot_of(id)]) {
      if (examples_[row].label != *label) continue;
      if (const auto level = level_of(examples_[row].input, *field)) sum += *level, ++n;
    }
    if (n == 0) return refused("no training example of that label has a number in that field");
    return {{"value", rounded(sum / n, 1e-9)}};
  }

  // The number that so large a share of the examples does not exceed.
  Json quantile(const Json& arguments, const std::string& id) {
    const auto field = text_at(arguments, "field");
    const auto share = number_at(arguments, "share");
    if (!field || !share) return refused("quantile needs a \"field\" and a \"share\"");
    const std::size_t slot = slot_of(id);
    const auto sorted = numbers_.at(std::to_string(slot) + *field)->get([&] { return sorted_levels(*field, slot); });
    if (sorted->empty()) return refused("no training example has a number in that field");
    const double last = static_cast<double>(sorted->size()) - 1;
    return {{"value", (*sorted)[static_cast<std::size_t>(std::floor(std::clamp(*share, 0.0, 1.0) * last))]}};
  }

  Json likeliest(Json arguments, const std::string& id, const Json& input) {
    std::string best;
    double best_chance = -1;
    for (const std::string& label : options_.labels) {
      arguments["label"] = label;
      const Json reply = model("naive_bayes", arguments, id, input);
      if (reply.contains("error")) return reply;
      if (const double chance = reply.at("chance"); chance > best_chance) best_chance = chance, best = label;
    }
    if (options_.labels.empty()) return refused("this domain has no labels to learn");
    return {{"label", best}};
  }

  Json examples(const Json& arguments, const std::string& id) const {
    const double from = number_at(arguments, "from").value_or(0), count = number_at(arguments, "count").value_or(10);
    if (from < 0 || count < 0 || count > kMostExamples) return refused("\"from\" must be at least 0 and \"count\" 0 to 100");
    const auto& rows = rows_[slot_of(id)];
    Json list = Json::array();
    for (double i = std::floor(from); i < from + count && i < static_cast<double>(rows.size()); ++i) {
      const Example& example = examples_[rows[static_cast<std::size_t>(i)]];
      list.push_back({{"input", example.input}, {"target", example.target}});
    }
    return {{"examples", std::move(list)}, {"total", rows.size()}};
  }

  const std::vector<Example>& all() const { return examples_; }

  // Of the examples that a slot may look at; by default of all.
  std::vector<double> sorted_levels(const std::string& field, std::size_t slot = kAllFolds) const {
    std::vector<double> found;
    for (std::size_t row : rows_[slot])
      if (const auto level = level_of(examples_[row].input, field)) found.push_back(*level);
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  std::string positive() const { return options_.labels.size() > 1 ? options_.labels[1] : std::string(); }

  double target(const Example& example, const std::string& label) const {
    return options_.labels.empty() ? example.number : (example.label == label ? 1 : 0);
  }

  std::variant<Question, std::string> question(const std::string& kind, const Json& arguments) const {
    if (!arguments.is_object()) return "arguments must be an object";
    Question asked{.kind = kind, .recipe = {}, .label = positive()};
    if (options_.labels.empty() && !(options_.numeric && kind == "ridge"))
      return options_.numeric ? "this domain asks for a number: only model.ridge can learn it" : "this domain has no labels to learn";
    if (kind == "naive_bayes" && arguments.contains("label")) {
      const auto label = text_at(arguments, "label");
      if (!label || std::find(options_.labels.begin(), options_.labels.end(), *label) == options_.labels.end())
        return "\"label\" is not a label of this domain";
      asked.label = *label;
    }
    if (kind == "logistic" || kind == "ridge") {
      const auto penalty = number_at(arguments, "penalty");
      if (!penalty) return "a \"penalty\" is needed";
      asked.parameter = std::clamp(*penalty, kLeastPenalty, kMostPenalty);
    } else if (kind == "nearest") {
      const auto neighbours = number_at(arguments, "neighbours");
      if (!neighbours) return "\"neighbours\" is needed";
      asked.parameter = std::clamp(std::floor(*neighbours), 1.0, static_cast<double>(kMostNeighbours));
    }
    const auto features = arguments.find("features");
    if (features == arguments.end()) return "\"features\" is needed";
    auto recipe = parse_recipe(*features);
    if (auto* why = std::get_if<std::string>(&recipe)) return *why;
    asked.recipe = std::get<Recipe>(std::move(recipe));
    return asked;
  }

  std::vector<std::shared_ptr<const LeafTable>> leaves_of(const Recipe& recipe) {
    std::vector<const Json*> inputs;
    for (const Example& example : examples_) inputs.push_back(&example.input);
    std::vector<std::shared_ptr<const LeafTable>> leaves;
    for (const Leaf& leaf : recipe.leaves) leaves.push_back(leaves_.at(leaf.key())->get([&] { return LeafTable(leaf, inputs); }));
    return leaves;
  }

  Fitted fit(const Question& asked, const TermMatrix& matrix, const std::vector<std::size_t>& rows) const {
    Fitted fitted;
    std::vector<double> y;
    double sum = 0;
    for (std::size_t row : rows) {
      y.push_back(target(examples_[row], asked.label));
      sum += y.back();
    }
    const double n = static_cast<double>(rows.size());
    if (rows.empty() || (!options_.labels.empty() && (sum == 0 || sum == n))) {
      fitted.constant = rows.empty() ? 0.5 : sum / n;
      return fitted;
    }
    if (asked.kind == "naive_bayes") {
      fitted.bayes.emplace(matrix, rows, y);
      return fitted;
    }
    fitted.scaling.emplace(matrix, rows);
    SparseRows x;
    for (std::size_t row : rows) x.add(fitted.scaling->apply(matrix.row(row)));
    const std::size_t width = fitted.scaling->width();
    if (asked.kind == "logistic")
      fitted.linear = fit_logistic(x, y, width, asked.parameter);
    else if (asked.kind == "ridge")
      fitted.linear = fit_ridge(x, y, width, asked.parameter);
    else
      fitted.nearest.emplace(x, std::move(y), width);
    return fitted;
  }

  static double predict(const Question& asked, const Fitted& fitted, const Row& row) {
    if (fitted.constant) return *fitted.constant;
    if (fitted.bayes) return chance_of_odds(fitted.bayes->log_odds(row));
    const SparseVector x = fitted.scaling->apply(row);
    if (fitted.nearest) return rounded(fitted.nearest->chance(x, static_cast<std::size_t>(asked.parameter)), 1e-9);
    const double score = fitted.linear->score(x);
    return asked.kind == "logistic" ? chance_of_odds(score) : rounded(score, 1e-9);
  }

  const std::vector<Example> examples_;
  const ShelfOptions options_;
  std::array<std::vector<std::size_t>, kFolds + 1> rows_;  // examples that slot f may look at: all but those of fold f
  std::unordered_map<std::string, std::size_t> index_of_;
  Recent<Once<std::vector<double>>> numbers_{kLeaves};  // sorted, by slot and field
  Recent<Once<LeafTable>> leaves_{kLeaves};
  Recent<Once<Table>> tables_{kMatrices};
  Recent<ModelSlots> models_{kModels};
  Recent<Answers> answers_{kQuestions};
};

ModelShelf::ModelShelf(std::vector<Example> examples, ShelfOptions options)
    : state_(std::make_unique<State>(std::move(examples), std::move(options))) {}
ModelShelf::~ModelShelf() = default;

bool ModelShelf::knows(const std::string& call) {
  static constexpr std::array<std::string_view, 9> kCalls = {"model.naive_bayes", "model.logistic",  "model.nearest",
                                                             "model.ridge",       "model.prior",     "model.typical",
                                                             "model.quantile",    "model.likeliest", "data.examples"};
  return std::find(kCalls.begin(), kCalls.end(), call) != kCalls.end();
}

Json ModelShelf::call(const std::string& name, const Json& arguments, const std::string& id, const Json& input) const {
  if (!arguments.is_object()) return refused("arguments must be an object");
  if (name == "model.prior") return state_->prior(id);
  if (name == "model.typical") return state_->typical(arguments, id);
  if (name == "model.quantile") return state_->quantile(arguments, id);
  if (name == "model.likeliest") return state_->likeliest(arguments, id, input);
  if (name == "data.examples") return state_->examples(arguments, id);
  if (!knows(name)) return refused("no such call");
  return state_->model(name.substr(std::string_view("model.").size()), arguments, id, input);
}

std::vector<double> ModelShelf::levels(const std::vector<std::string>& fields) const {
  std::set<double> distinct;
  for (const std::string& field : fields) {
    const std::vector<double> found = state_->sorted_levels(field);
    for (std::size_t tenth = 1; tenth < 10 && !found.empty(); ++tenth) distinct.insert(found[found.size() * tenth / 10]);
  }
  return {distinct.begin(), distinct.end()};
}

std::vector<std::string> ModelShelf::common_words(const std::vector<std::string>& fields, std::size_t most) const {
  std::map<std::string, std::size_t> documents;
  for (const Example& example : state_->all()) {
    std::set<std::string> seen;
    for (const std::string& field : fields)
      for (std::string& word : words_of(text_of(example.input, field)))
        if (word.size() > 2 && word.size() < 30) seen.insert(std::move(word));
    for (const std::string& word : seen) ++documents[word];
  }
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& [word, n] : documents)
    if (n > 1 && 2 * n <= state_->all().size()) ranked.emplace_back(n, word);
  std::sort(ranked.begin(), ranked.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  if (ranked.size() > most) ranked.resize(most);
  std::vector<std::string> words;
  for (auto& [n, word] : ranked) words.push_back(std::move(word));
  return words;
}

}  // namespace hyperagent::text_models
