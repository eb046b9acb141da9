#include "domains/jsonl/jsonl_domain.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "domains/jsonl/grader.h"
#include "domains/jsonl/metrics.h"
#include "domains/text_models/recipe.h"
#include "domains/text_models/shelf.h"
#include "hyperagent/core/agent_runner.h"

namespace hyperagent::jsonl {
namespace {

constexpr int kCallsPerTask = 64;  // the budget of host calls of one solve()
static_assert(kCallsPerTask >= static_cast<int>(kMostForeseen));
constexpr std::size_t kVocabularyWords = 200;

std::string file_of(const std::string& folder, Split split) { return folder + "/" + to_string(split) + ".jsonl"; }

text_models::Example example_of(const Spec& spec, const Row& row) {
  text_models::Example example{.id = row.id, .input = row.fields, .label = {}, .number = 0, .target = row.target};
  if (!spec.labels.empty()) example.label = label_text(row.target);
  if (row.target.is_number()) example.number = row.target.get<double>();
  return example;
}

// Tasks in an order that has nothing to do with the file's: a file sorted by its target would make a first stage of one label.
void shuffle_by_id(std::vector<Row>& rows) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    const auto hash_a = text_models::hash_of(a.id), hash_b = text_models::hash_of(b.id);
    return hash_a != hash_b ? hash_a < hash_b : a.id < b.id;
  });
}

class ShelfServices : public TaskServices {
 public:
  ShelfServices(const text_models::ModelShelf& shelf, const Row& row) : shelf_(shelf), row_(row) {}

  Result<std::optional<Json>> call(const std::string& name, const Json& arguments) override {
    if (!text_models::ModelShelf::knows(name)) return std::optional<Json>();
    if (++calls_ > kCallsPerTask)
      return std::optional<Json>(Json{{"error", "the budget of " + std::to_string(kCallsPerTask) + " host calls is spent"}});
    return std::optional<Json>(shelf_.call(name, arguments, row_.id, row_.fields));
  }

  std::optional<Json> foresee(const std::string& name, const Json& arguments) const override {
    if (!name.starts_with("model.") || !text_models::ModelShelf::knows(name)) return std::nullopt;
    return shelf_.call(name, arguments, row_.id, row_.fields);
  }

  void served(int count) override { calls_ += count; }

 private:
  const text_models::ModelShelf& shelf_;
  const Row& row_;
  int calls_ = 0;
};

class JsonlDomain : public Domain {
 public:
  JsonlDomain(Spec spec, Rows posed, std::vector<text_models::Example> examples, Grader grader)
      : spec_(std::move(spec)),
        rows_{std::move(posed.train), std::move(posed.val), std::move(posed.test)},
        shelf_(std::move(examples), {.labels = spec_.labels, .numeric = spec_.grading.kind == Grading::Kind::Numeric}),
        grader_(std::move(grader)),
        description_(make_description()) {}

  std::string name() const override { return spec_.name; }
  Json describe() const override { return description_; }
  std::size_t size(Split split) const override { return rows(split).size(); }
  std::string task_id(Split split, std::size_t index) const override { return rows(split).at(index).id; }

  Json input(Split split, std::size_t index) const override {
    const Row& row = rows(split).at(index);
    Json input = {{"id", row.id}, {"input", row.fields}};
    if (!spec_.labels.empty()) input["labels"] = spec_.labels;
    if (!spec_.description.empty()) input["question"] = spec_.description;
    return input;
  }

  Json train_answer(std::size_t index) const override { return rows(Split::Train).at(index).target; }

  std::unique_ptr<TaskServices> services(Split split, std::size_t index) const override {
    return std::make_unique<ShelfServices>(shelf_, rows(split).at(index));
  }

  Result<TaskResult> grade(Split split, std::size_t index, const Json& answer) const override {
    return grader_.grade(rows(split).at(index), answer);
  }

  Json metrics(std::span<const TaskResult> results) const override { return metrics_of(spec_, results); }
  // Answers of another form than the target's are always wrong, and models of another target are refused: typed edits need not try
  // them. Of two labels, a bare one is left out, too: `label_likely` says the same and how likely, which ranks the answer. Of more than
  // two, what tells one from the other is.
  Json blocks() const {
    std::vector<const char*> without;
    if (spec_.grading.kind == Grading::Kind::Label) without = {"number_answer", "text_answer", "ridge", "prior"};
    if (spec_.grading.kind == Grading::Kind::Label && spec_.labels.size() == 2)
      without.insert(without.end(), {"label", "chance_of", "likeliest_label"});
    if (spec_.grading.kind == Grading::Kind::Label && spec_.labels.size() > 2)
      without.insert(without.end(), {"label_likely", "label_above", "label_below", "naive_bayes", "logistic", "nearest", "likely", "sure",
                                     "average", "surer", "midpoint_of", "midpoint_of_means"});
    if (spec_.grading.kind == Grading::Kind::Numeric)
      without = {"label",           "label_likely", "label_above", "label_below", "text_answer", "chance_of",
                 "likeliest_label", "naive_bayes",  "logistic",    "nearest",     "likely",      "sure",
                 "typical_number",  "typical_mean", "average",     "surer",       "midpoint_of", "midpoint_of_means"};
    Json blocks = {"ha/text.h"};
    for (const char* name : without) blocks.push_back(std::string("!ha::") + name);
    return blocks;
  }

  std::size_t first_stage() const override { return std::min(spec_.first_stage, rows(Split::Train).size()); }

 private:
  const std::vector<Row>& rows(Split split) const { return rows_[static_cast<std::size_t>(split)]; }

  Json make_description() const {
    Json vocabulary = {{"text_field", fields_of("text")},
                       {"number_field", fields_of("number")},
                       {"numbers_field", fields_of("numbers")},
                       {"label", spec_.labels}};
    std::vector<std::string> numbers = fields_of("number"), lists = fields_of("numbers");
    numbers.insert(numbers.end(), lists.begin(), lists.end());
    vocabulary["level"] = shelf_.levels(numbers);
    vocabulary["word"] = shelf_.common_words(vocabulary.at("text_field").get<std::vector<std::string>>(), kVocabularyWords);
    Json fields = Json::array();
    for (const Field& field : spec_.fields) fields.push_back({{"name", field.name}, {"type", field.type}});
    const bool right_or_wrong = spec_.grading.kind == Grading::Kind::Label || spec_.grading.kind == Grading::Kind::Numeric;
    return {{"name", spec_.name},
            {"description", spec_.description},
            {"metric", right_or_wrong ? "accuracy" : "mean score"},
            {"vocabulary", std::move(vocabulary)},
            {"blocks", blocks()},
            {"labels", spec_.labels},
            {"fields", std::move(fields)}};
  }

  // Fields that never vary are left out: an edit that names one does nothing.
  std::vector<std::string> fields_of(const std::string& type) const {
    std::vector<std::string> names;
    for (const Field& field : spec_.fields)
      if (field.type == type && !field.constant) names.push_back(field.name);
    return names;
  }

  Spec spec_;
  std::vector<Row> rows_[3];
  text_models::ModelShelf shelf_;
  Grader grader_;
  Json description_;
};

Result<std::vector<Row>> load_extra(const std::string& folder, const Spec& spec) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("extra", 0) == 0 && entry.path().extension() == ".jsonl") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Row> all;
  for (const std::string& path : paths) {
    auto rows = load_rows(path, spec.target);
    if (!rows) return rows.error();
    if (auto ok = check_disjoint(all, "an earlier extra file", *rows, path); !ok) return ok.error();
    all.insert(all.end(), rows->begin(), rows->end());
  }
  return all;
}

// The tasks of another folder, posed to agents that learn from `train`. Files may be missing, but not all three.
Result<Rows> load_graded(const std::string& folder, const Spec& spec, const Rows& training, const std::string& training_folder) {
  Rows rows;
  bool any = false;
  for (auto [split, to] : {std::pair{Split::Train, &rows.train}, std::pair{Split::Val, &rows.val}, std::pair{Split::Test, &rows.test}}) {
    const std::string path = file_of(folder, split);
    if (!file_exists(path)) continue;
    any = true;
    auto loaded = load_rows(path, spec.target);
    if (!loaded) return loaded.error();
    if (auto ok = check_targets(spec, *loaded, path); !ok) return ok.error();
    *to = std::move(*loaded);
    if (split == Split::Train) continue;
    for (const auto& [examples, name] : {std::pair{&training.train, file_of(training_folder, Split::Train)},
                                         std::pair{&training.extra, training_folder + "/extra*.jsonl"}})
      if (auto ok = check_disjoint(*examples, name, *to, path); !ok) return ok.error();
  }
  if (!any) return user_error(folder + " has none of train.jsonl, val.jsonl and test.jsonl");
  return rows;
}

}  // namespace

Result<Loaded> load_folder(const std::string& folder, Spec spec) {
  Loaded loaded;
  for (auto [split, to] :
       {std::pair{Split::Train, &loaded.rows.train}, std::pair{Split::Val, &loaded.rows.val}, std::pair{Split::Test, &loaded.rows.test}}) {
    auto rows = load_rows(file_of(folder, split), spec.target);
    if (!rows) return rows.error();
    *to = std::move(*rows);
  }
  auto extra = load_extra(folder, spec);
  if (!extra) return extra.error();
  loaded.rows.extra = std::move(*extra);

  const std::pair<const std::vector<Row>*, std::string> parts[] = {{&loaded.rows.train, file_of(folder, Split::Train)},
                                                                   {&loaded.rows.val, file_of(folder, Split::Val)},
                                                                   {&loaded.rows.test, file_of(folder, Split::Test)},
                                                                   {&loaded.rows.extra, folder + "/extra*.jsonl"}};
  for (std::size_t i = 0; i < std::size(parts); ++i)
    for (std::size_t j = i + 1; j < std::size(parts); ++j)
      if (auto ok = check_disjoint(*parts[i].first, parts[i].second, *parts[j].first, parts[j].second); !ok) return ok.error();
  auto complete = complete_spec(std::move(spec), loaded.rows.train);
  if (!complete) return complete.error();
  for (const auto& [rows, path] : parts)
    if (auto ok = check_targets(*complete, *rows, path); !ok) return ok.error();
  loaded.spec = std::move(*complete);
  return loaded;
}

Result<std::unique_ptr<Domain>> open_jsonl(const JsonlOptions& options) {
  auto spec = read_spec(options.folder);
  if (!spec) return spec.error();
  return open_jsonl(options, std::move(*spec));
}

Result<std::unique_ptr<Domain>> open_jsonl(const JsonlOptions& options, Spec spec) {
  auto loaded = load_folder(options.folder, std::move(spec));
  if (!loaded) return loaded.error();
  auto grader = Grader::make(loaded->spec, options.folder, options.launcher);
  if (!grader) return grader.error();
  std::vector<text_models::Example> examples;
  for (const auto* rows : {&loaded->rows.train, &loaded->rows.extra})
    for (const Row& row : *rows) examples.push_back(example_of(loaded->spec, row));
  Rows posed = std::move(loaded->rows);
  if (!options.graded_folder.empty()) {
    auto graded = load_graded(options.graded_folder, loaded->spec, posed, options.folder);
    if (!graded) return graded.error();
    posed = std::move(*graded);
  }
  shuffle_by_id(posed.train);
  if (options.graded_folder.empty() && posed.train.size() > loaded->spec.train_tasks)
    posed.train.erase(posed.train.begin() + static_cast<std::ptrdiff_t>(loaded->spec.train_tasks), posed.train.end());
  return std::unique_ptr<Domain>(
      std::make_unique<JsonlDomain>(std::move(loaded->spec), std::move(posed), std::move(examples), std::move(*grader)));
}

}  // namespace hyperagent::jsonl
