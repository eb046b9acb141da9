#include "domains/jsonl/check.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "domains/jsonl/grader.h"
#include "domains/jsonl/jsonl_domain.h"
#include "domains/jsonl/spec.h"

namespace hyperagent::jsonl {
namespace {

constexpr std::size_t kProgramVerdicts = 20;  // program graders cost a process each
constexpr double kSkewed = 0.8;

std::map<std::string, std::size_t> label_counts(const std::vector<Row>& rows) {
  std::map<std::string, std::size_t> counts;
  for (const Row& row : rows) ++counts[label_text(row.target)];
  return counts;
}

// The share of `rows` that have the label most frequent in `train`.
double majority_share(const std::vector<Row>& train, const std::vector<Row>& rows) {
  const auto counts = label_counts(train);
  const auto most = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto there = label_counts(rows);
  const auto found = there.find(most->first);
  return found == there.end() ? 0 : static_cast<double>(found->second) / static_cast<double>(rows.size());
}

std::size_t shared_inputs(const std::set<std::string>& known, const std::vector<Row>& rows) {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&](const Row& row) { return known.count(row.fields.dump()) > 0; }));
}

Result<Json> self_test(const Loaded& loaded, const std::string& folder, BoxLauncher* launcher, Json& warnings) {
  const auto grader = Grader::make(loaded.spec, folder, launcher);
  if (!grader) return grader.error();
  const bool program = loaded.spec.grading.kind == Grading::Kind::Program;
  std::size_t checked = 0, right = 0;
  for (const auto* rows : {&loaded.rows.train, &loaded.rows.val, &loaded.rows.test}) {
    for (std::size_t i = 0; i < rows->size() && (!program || i < kProgramVerdicts); ++i) {
      const Row& row = (*rows)[i];
      auto result = grader->grade(row, right_answer(loaded.spec, row));
      if (!result) return result.error();
      ++checked;
      if (result->score == 1)
        ++right;
      else if (checked - right == 1)
        warnings.push_back("the expected answer of \"" + row.id +
                           "\" does not score 1: " + result->detail.value("why", std::string("no reason given")));
    }
  }
  return Json{{"checked", checked}, {"right", right}};
}

void warn(const Loaded& loaded, const Json& report, Json& warnings) {
  for (const char* split : {"val", "test"})
    if (const auto n = report.at("same_input").at(split).get<std::size_t>(); n > 0)
      warnings.push_back(std::to_string(n) + " rows of " + split + " have the same input as a training row: their answers are given away");
  if (loaded.spec.grading.kind == Grading::Kind::Label)
    for (const char* split : {"val", "test"})
      if (const double share = report.at("majority").at(split).get<double>(); share > kSkewed)
        warnings.push_back("always answering the most frequent label scores " + std::to_string(share).substr(0, 5) + " on " + split);
  std::set<std::string> declared;
  for (const Field& field : loaded.spec.fields) {
    declared.insert(field.name);
    const bool present =
        std::any_of(loaded.rows.train.begin(), loaded.rows.train.end(), [&](const Row& row) { return row.fields.contains(field.name); });
    if (!present) warnings.push_back("no training row has the declared field \"" + field.name + "\"");
  }
  for (const auto& [split, rows] : {std::pair{"val", &loaded.rows.val}, std::pair{"test", &loaded.rows.test}})
    if (rows->size() < 30)
      warnings.push_back(std::string(split) + " has only " + std::to_string(rows->size()) + " rows: scores on it are mostly noise");
}

}  // namespace

Result<Json> check_domain(const std::string& folder, BoxLauncher* launcher) {
  auto spec = read_spec(folder);
  if (!spec) return spec.error();
  auto loaded = load_folder(folder, std::move(*spec));
  if (!loaded) return loaded.error();

  const Rows& rows = loaded->rows;
  Json report = {
      {"name", loaded->spec.name},     {"target", loaded->spec.target},           {"grading", to_string(loaded->spec.grading.kind)},
      {"labels", loaded->spec.labels}, {"first_stage", loaded->spec.first_stage}, {"extra_rows", rows.extra.size()}};
  report["fields"] = Json::array();
  for (const Field& field : loaded->spec.fields)
    report["fields"].push_back({{"name", field.name}, {"type", field.type}, {"constant", field.constant}});
  const bool labelled = !loaded->spec.labels.empty();
  for (const auto& [split, part] : {std::pair{"train", &rows.train}, std::pair{"val", &rows.val}, std::pair{"test", &rows.test}}) {
    report["splits"][split]["rows"] = part->size();
    if (labelled) report["splits"][split]["labels"] = label_counts(*part);
  }
  std::set<std::string> inputs;
  for (const auto* part : {&rows.train, &rows.extra})
    for (const Row& row : *part) inputs.insert(row.fields.dump());
  report["same_input"] = {{"val", shared_inputs(inputs, rows.val)}, {"test", shared_inputs(inputs, rows.test)}};
  if (labelled) report["majority"] = {{"val", majority_share(rows.train, rows.val)}, {"test", majority_share(rows.train, rows.test)}};

  Json warnings = Json::array();
  warn(*loaded, report, warnings);
  auto grader = self_test(*loaded, folder, launcher, warnings);
  if (!grader) return grader.error();
  report["ok"] = grader->at("checked") == grader->at("right");
  report["grader"] = std::move(*grader);
  report["warnings"] = std::move(warnings);
  return report;
}

}  // namespace hyperagent::jsonl
