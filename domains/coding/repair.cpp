#include "domains/coding/repair.h"

#include <algorithm>
#include <thread>
#include <optional>
#include <mutex>
#include <filesystem>

#include "domains/coding/bench.h"
#include "domains/coding/services.h"
#include "domains/coding/task_set.h"

namespace hyperagent {
namespace {

// The edit families of both mutators (tooling/programs/mutators.cpp, python_mutation.py). A test compares them.
const std::vector<std::string> kMutationKinds = {
    "argument_delete", "argument_swap", "arithmetic", "assignment", "call", "cast", "comparison", "condition", "constant", "guard", "index",
    "keyword", "logical", "loop_bound", "member", "negation", "off_by_one", "operand_delete", "operand_swap", "regroup", "return_value", "slice",
    "statement_delete", "statement_duplicate", "statement_insert", "statement_move", "unwrap", "variable", "wrap"};

// What a patch changed, as a person would read it: the lines that differ, without the common ones before and after.
Json change_of(const std::string& before, const std::string& after) {
  std::size_t from = 0, end = 0;
  const std::size_t least = std::min(before.size(), after.size());
  while (from < least && before[from] == after[from]) ++from;
  while (end < least - from && before[before.size() - 1 - end] == after[after.size() - 1 - end]) ++end;
  const auto lines = [&](const std::string& text) {
    const std::size_t begin = from == 0 ? 0 : text.rfind('\n', from - 1) == std::string::npos ? 0 : text.rfind('\n', from - 1) + 1;
    std::size_t stop = text.find('\n', text.size() - end);
    if (stop == std::string::npos) stop = text.size();
    std::string part = text.substr(begin, stop - begin);
    return part.size() > 1000 ? part.substr(0, 1000) + "..." : part;
  };
  return {{"line", 1 + std::count(before.begin(), before.begin() + static_cast<long>(from), '\n')}, {"before", lines(before)}, {"after", lines(after)}};
}

class RepairDomain : public Domain {
 public:
  RepairDomain(const RepairOptions& options, TaskSplits splits) : bench_(options), splits_(std::move(splits)) {}

  std::string name() const override { return "repair"; }

  Json describe() const override {
    return {{"name", "repair"},
            {"description", "a program with one bug and its visible tests; answer with the patched source; hidden tests grade together with the visible ones"},
            {"metric", "share of programs repaired"},
            {"vocabulary", {{"mutation_kind", kMutationKinds}}},
            {"blocks", {"ha/code.h"}}};
  }

  std::size_t size(Split split) const override { return tasks(split).size(); }
  std::string task_id(Split split, std::size_t index) const override { return task(split, index).id; }

  Json input(Split split, std::size_t index) const override {
    const RepairTask& t = task(split, index);
    Json tests = Json::array();
    for (const RepairTest& test : t.visible) {
      Json row = test.call;
      row["expected"] = test.expected;
      if (test.approximate) row["tolerance"] = test.tolerance;
      tests.push_back(std::move(row));
    }
    return {{"id", t.id}, {"input", {{"language", t.language}, {"entry", t.entry}, {"description", t.description}, {"source", t.source}, {"tests", std::move(tests)}}}};
  }

  std::unique_ptr<TaskServices> services(Split split, std::size_t index) const override { return repair_services(bench_, task(split, index)); }

  Result<TaskResult> grade(Split split, std::size_t index, const Json& answer) const override {
    const RepairTask& t = task(split, index);
    TaskResult result{t.id, 0, {{"language", t.language}}};
    if (answer.is_null()) {
      result.detail["why"] = "no answer";
      return result;
    }
    auto patch = resolve(bench_, t, answer);
    if (!patch) return patch.error();
    if (!patch->error.empty()) {
      result.detail["why"] = "malformed answer: " + patch->error;
      return result;
    }
    if (patch->source == t.source) {
      result.detail["why"] = "the program was left as it is";
      return result;
    }
    result.detail["change"] = change_of(t.source, patch->source);
    if (!patch->kind.empty()) result.detail["kind"] = patch->kind;
    // Visible and hidden calls together, alone in a box: an answer may be any text.
    std::vector<RepairTest> tests = t.visible;
    tests.insert(tests.end(), t.hidden.begin(), t.hidden.end());
    auto run = bench_.run({t.language, t.entry, patch->source}, tests);
    if (!run) return run.error();
    if (!run->compiled) {
      result.detail["why"] = "does not compile: " + run->error.substr(0, 300);
      return result;
    }
    std::size_t seen = 0, unseen = 0;
    std::string first;
    for (std::size_t i = 0; i < tests.size(); ++i) {
      const std::string why = failure(run->results[i], tests[i]);
      if (why.empty()) ++(i < t.visible.size() ? seen : unseen);
      // Of a hidden test only its failing is told, never how: train details go back to the agent.
      else if (first.empty()) first = i < t.visible.size() ? "visible test " + std::to_string(i + 1) + ": " + why : "passes every visible test but not the hidden ones";
    }
    result.detail["visible"] = std::to_string(seen) + " of " + std::to_string(t.visible.size());
    result.detail["why"] = first.empty() ? "repaired" : first;
    result.score = first.empty() ? 1 : 0;
    return result;
  }

  Result<void> prepare(int threads, const std::function<void(std::size_t, std::size_t)>& progress) const override {
    std::vector<const RepairTask*> all;
    for (const Split split : {Split::Train, Split::Val})
      for (const RepairTask& t : tasks(split)) all.push_back(&t);
    std::mutex mutex;  // of what follows
    std::size_t next = 0, done = 0;
    std::optional<Error> failed;
    const auto work = [&] {
      for (;;) {
        const RepairTask* task = nullptr;
        {
          const std::lock_guard lock(mutex);
          if (next == all.size() || failed) return;
          task = all[next++];
        }
        auto run = prepare_task(*task);
        const std::lock_guard lock(mutex);
        if (!run) failed = run.error();
        progress(++done, all.size());
      }
    };
    std::vector<std::thread> workers;
    for (int i = 0; i < threads; ++i) workers.emplace_back(work);
    for (std::thread& worker : workers) worker.join();
    if (failed) return *failed;
    return {};
  }

  Json metrics(std::span<const TaskResult> results) const override {
    std::map<std::string, std::pair<double, double>> by;
    for (const TaskResult& r : results) {
      auto& [sum, n] = by[r.detail.is_object() ? r.detail.value("language", "unknown") : "unknown"];
      sum += r.score;
      n += 1;
    }
    Json out = Json::object();
    for (const auto& [language, total] : by) out["repaired_" + language] = total.first / total.second;
    return out;
  }

  std::size_t first_stage() const override { return std::min<std::size_t>(10, std::max<std::size_t>(1, tasks(Split::Train).size())); }

  Result<Json> bound(Split split) const {
    Json out = {{"tasks", size(split)}, {"solvable", 0}, {"by_task", Json::object()}};
    for (std::size_t index = 0; index < size(split); ++index) {
      const RepairTask& t = task(split, index);
      auto list = bench_.mutants({t.language, t.entry, t.source});
      if (!list) return list.error();
      auto family = bench_.family({t.language, t.entry, t.source}, t.visible);
      if (!family) return family.error();
      int compiled = 0, visible = 0, solved = 0;
      Json kinds = Json::object();
      for (std::size_t i = 0; i < (*list)->size(); ++i) {
        const Trial& trial = (**family)[i];
        compiled += trial.compiled;
        if (!trial.compiled || std::count(trial.passed.begin(), trial.passed.end(), false) > 0) continue;
        ++visible;
        auto graded = grade(split, index, {{"handle", std::to_string(i)}});
        if (!graded) return graded.error();
        if (graded->score < 1) continue;
        ++solved;
        const std::string& kind = (**list)[i].kind;
        kinds[kind] = kinds.value(kind, 0) + 1;
      }
      if (solved > 0) out["solvable"] = out["solvable"].get<int>() + 1;
      out["by_task"][t.id] = {{"mutants", (*list)->size()}, {"compiled", compiled}, {"visible", visible}, {"solved", solved}, {"kinds", kinds}};
    }
    return out;
  }

 private:
  // The visible tests of a task's program and of all its mutants.
  Result<void> prepare_task(const RepairTask& t) const {
    const Bench::Program program{t.language, t.entry, t.source};
    if (auto family = bench_.family(program, t.visible); !family) return family.error();
    return {};
  }

  const std::vector<RepairTask>& tasks(Split split) const { return splits_[static_cast<std::size_t>(split)]; }
  const RepairTask& task(Split split, std::size_t index) const { return tasks(split).at(index); }

  mutable Bench bench_;  // thread-safe; a cache
  const TaskSplits splits_;
};

Result<std::unique_ptr<RepairDomain>> open(const RepairOptions& options) {
  auto splits = load_tasks(options.tasks_dir, options.quixbugs_split);
  if (!splits) return splits.error();
  if (options.launcher == nullptr) return environment_error("cannot open the repair domain: no box launcher was given");
  for (const char* needed : {"/python_worker.py", "/python_mutation.py", "/ha-program-runner"}) {
    std::error_code failed;
    if (!std::filesystem::exists(options.share + needed, failed)) {
      return environment_error("cannot open the repair domain: " + options.share + needed + " is missing; install the program again");
    }
  }
  return std::make_unique<RepairDomain>(options, std::move(*splits));
}

}  // namespace

Result<std::unique_ptr<Domain>> open_repair(const RepairOptions& options) {
  auto domain = open(options);
  if (!domain) return domain.error();
  return std::unique_ptr<Domain>(std::move(*domain));
}

Result<Json> single_mutant_bound(const RepairOptions& options, Split split) {
  auto domain = open(options);
  if (!domain) return domain.error();
  return (*domain)->bound(split);
}

}  // namespace hyperagent
