#include "domains/coding/task_set.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return user_error("cannot read " + path.string() + ": no such file or not readable");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Error at(const fs::path& path, int line, const std::string& why) { return user_error(path.string() + ":" + std::to_string(line) + ": " + why); }

// One JSON object a line, with its line number.
Result<std::vector<std::pair<int, Json>>> read_rows(const fs::path& path) {
  const auto text = read_text(path);
  if (!text) return text.error();
  std::vector<std::pair<int, Json>> rows;
  std::istringstream lines(*text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    Json row = Json::parse(line, nullptr, false);
    if (!row.is_object()) return at(path, number, "not a JSON object");
    rows.emplace_back(number, std::move(row));
  }
  return rows;
}

Result<std::vector<RepairTest>> read_tests(const fs::path& path) {
  const auto rows = read_rows(path);
  if (!rows) return rows.error();
  std::vector<RepairTest> tests;
  for (const auto& [line, row] : *rows) {
    if (!row.contains("args") || !row["args"].is_array()) return at(path, line, "a test needs \"args\", a list");
    if (!row.contains("expected")) return at(path, line, "a test needs \"expected\"");
    if (row.value("slow", false)) continue;
    RepairTest test;
    test.call = {{"args", row["args"]}};
    if (row.contains("nodes")) test.call["nodes"] = row["nodes"];
    test.expected = row["expected"];
    if (row.contains("compare") && row["compare"] != "exact") {
      if (row["compare"] != "approx" || !row.contains("tol") || !row["tol"].is_number()) return at(path, line, "\"compare\" is \"exact\", or \"approx\" with a number \"tol\"");
      test.approximate = true;
      test.tolerance = row["tol"];
    }
    tests.push_back(std::move(test));
  }
  if (tests.empty()) return user_error(path.string() + ": no tests");
  return tests;
}

Result<std::string> text_field(const fs::path& path, int line, const Json& row, const char* name) {
  if (!row.contains(name) || !row[name].is_string() || row[name].get<std::string>().empty()) return at(path, line, std::string("\"") + name + "\" must be a text");
  return row[name].get<std::string>();
}

Result<std::pair<Split, RepairTask>> read_own(const fs::path& folder) {
  const fs::path path = folder / "task.json";
  const auto text = read_text(path);
  if (!text) return text.error();
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object()) return at(path, 1, "not a JSON object");
  RepairTask task;
  for (const auto& [name, field] : {std::pair("id", &task.id), {"language", &task.language}, {"entry", &task.entry}, {"description", &task.description}}) {
    auto value = text_field(path, 1, json, name);
    if (!value) return value.error();
    *field = *value;
  }
  const auto split_name = text_field(path, 1, json, "split");
  if (!split_name) return split_name.error();
  const auto split = split_from(*split_name);
  if (!split) return at(path, 1, "\"split\" is train, val or test");
  if (task.id != folder.filename().string()) return at(path, 1, "\"id\" must be the folder's name, " + folder.filename().string());
  if (task.language != "cpp" && task.language != "python") return at(path, 1, "\"language\" is cpp or python");
  const auto source = read_text(folder / (task.language == "cpp" ? "buggy.cpp" : "buggy.py"));
  if (!source) return source.error();
  task.source = *source;
  auto visible = read_tests(folder / "visible.jsonl");
  if (!visible) return visible.error();
  auto hidden = read_tests(folder / "hidden.jsonl");
  if (!hidden) return hidden.error();
  task.visible = std::move(*visible);
  task.hidden = std::move(*hidden);
  return std::pair(*split, std::move(task));
}

Result<TaskSplits> load_quixbugs(const fs::path& folder, Split split) {
  const fs::path path = folder / "programs.jsonl";
  const auto rows = read_rows(path);
  if (!rows) return rows.error();
  TaskSplits splits;
  std::set<std::string> ids;
  for (const auto& [line, row] : *rows) {
    RepairTask task;
    task.language = "python";
    std::string tests, hidden;
    for (const auto& [name, field] : {std::pair("id", &task.id), {"entry", &task.entry}, {"description", &task.description}, {"buggy_source", &task.source}, {"tests", &tests}, {"hidden_tests", &hidden}}) {
      auto value = text_field(path, line, row, name);
      if (!value) return value.error();
      *field = *value;
    }
    if (!ids.insert(task.id).second) return at(path, line, "the id " + task.id + " is given twice");
    auto seen = read_tests(folder / tests);
    if (!seen) return seen.error();
    auto unseen = read_tests(folder / hidden);
    if (!unseen) return unseen.error();
    task.visible = std::move(*seen);
    task.hidden = std::move(*unseen);
    splits[static_cast<std::size_t>(split)].push_back(std::move(task));
  }
  return splits;
}

}  // namespace

Result<TaskSplits> load_tasks(const std::string& folder, std::optional<Split> quixbugs_split) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) return user_error("cannot open the repair tasks in " + folder + ": not a folder");
  TaskSplits splits;
  if (fs::exists(fs::path(folder) / "programs.jsonl", failed)) {
    auto loaded = load_quixbugs(folder, quixbugs_split.value_or(Split::Test));
    if (!loaded) return loaded.error();
    splits = std::move(*loaded);
  } else {
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
      if (!entry.is_directory() || entry.path().filename().string().starts_with('.')) continue;
      auto task = read_own(entry.path());
      if (!task) return task.error();
      splits[static_cast<std::size_t>(task->first)].push_back(std::move(task->second));
    }
  }
  bool any = false;
  for (auto& split : splits) {
    std::sort(split.begin(), split.end(), [](const RepairTask& a, const RepairTask& b) { return a.id < b.id; });
    any = any || !split.empty();
  }
  if (!any) return user_error("no repair task in " + folder + ": expected folders with a task.json, or a programs.jsonl");
  return splits;
}

}  // namespace hyperagent
