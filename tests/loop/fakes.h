// Fakes of everything the loop touches: a whole search runs in milliseconds.
//
// The fake agent is two numbers and a name: {"task/solve.cpp": "3", "meta/improve.cpp": "1", "task/name.h": "0"}. Edits add to them. Task i
// of a split is solved by an agent whose number is at least 2 * i + 2, so that some edits change the code and not the answers.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "hyperagent/core/agent_runner.h"
#include "hyperagent/core/domain.h"
#include "hyperagent/core/pool.h"
#include "hyperagent/core/rng.h"
#include "hyperagent/core/toolchain.h"
#include "hyperagent/loop/loop.h"

namespace hyperagent {

class FakePool : public Pool {
 public:
  const std::vector<AgentRecord>& agents() const override { return agents_; }
  Result<AgentSource> source(int id) const override { return sources_.at(static_cast<std::size_t>(id)); }
  std::optional<int> find(const std::string& hash) const override {
    auto found = by_hash_.find(hash);
    if (found == by_hash_.end()) return std::nullopt;
    return found->second;
  }
  const std::vector<CandidateRecord>& candidates_of(int parent) const override {
    static const std::vector<CandidateRecord> kNone;
    auto found = by_parent_.find(parent);
    return found == by_parent_.end() ? kNone : found->second;
  }
  std::size_t candidate_count() const override { return candidates_.size(); }
  Result<int> add(AgentRecord record, const AgentSource& source) override {
    record.id = static_cast<int>(agents_.size());
    if (best_ < 0 || better(record, agents_[static_cast<std::size_t>(best_)])) best_ = record.id;
    by_hash_[record.ast_hash] = record.id;
    agents_.push_back(std::move(record));
    sources_.push_back(source);
    return agents_.back().id;
  }
  void add(CandidateRecord record) override {
    by_parent_[record.parent].push_back(record);
    candidates_.push_back(std::move(record));
  }
  Result<std::string> commit(int generation, const Json& state) override {
    state_ = state;
    std::string text = head_ + std::to_string(generation) + state.dump();
    for (; committed_agents_ < agents_.size(); ++committed_agents_) text += to_json(agents_[committed_agents_]).dump();
    for (; committed_candidates_ < candidates_.size(); ++committed_candidates_) text += to_json(candidates_[committed_candidates_]).dump();
    head_ = std::to_string(std::hash<std::string>()(text));
    commits_.push_back({committed_agents_, committed_candidates_, head_, state});
    generations.push_back(generation);
    return head_;
  }
  std::string head() const override { return head_; }
  const Json& options() const override { return options_; }
  const Json& state() const override { return state_; }
  int best() const override { return best_; }

  Result<std::unique_ptr<Pool>> before() const override {
    if (commits_.empty()) return user_error("nothing was committed yet");
    return std::unique_ptr<Pool>(std::make_unique<FakePool>(as_of(commits_.size() - 1)));
  }
  // As a new process finds it: without what was not committed.
  FakePool reopened() const { return as_of(commits_.size()); }
  const std::vector<CandidateRecord>& candidates() const { return candidates_; }
  std::vector<int> generations;  // as committed

 private:
  static bool better(const AgentRecord& a, const AgentRecord& b) {
    const double a_score = selection_score(a), b_score = selection_score(b);
    return std::tuple(a_score, a.val.mean, a.train.mean) > std::tuple(b_score, b.val.mean, b.train.mean);
  }

  struct Commit {
    std::size_t agents, candidates;
    std::string head;
    Json state;
  };
  FakePool as_of(std::size_t commits) const {
    FakePool pool;
    if (commits == 0) return pool;
    const Commit& last = commits_[commits - 1];
    for (std::size_t i = 0; i < last.agents; ++i) (void)pool.add(agents_[i], sources_[i]);
    for (std::size_t i = 0; i < last.candidates; ++i) pool.add(candidates_[i]);
    pool.commits_.assign(commits_.begin(), commits_.begin() + static_cast<std::ptrdiff_t>(commits));
    pool.committed_agents_ = last.agents;
    pool.committed_candidates_ = last.candidates;
    pool.state_ = last.state;
    pool.head_ = last.head;
    return pool;
  }

  std::vector<Commit> commits_;
  std::vector<AgentRecord> agents_;
  std::vector<AgentSource> sources_;
  std::map<std::string, int> by_hash_;
  std::vector<CandidateRecord> candidates_;
  std::map<int, std::vector<CandidateRecord>> by_parent_;
  std::size_t committed_agents_ = 0, committed_candidates_ = 0;
  Json options_, state_ = Json::object();
  std::string head_;
  int best_ = -1;
};

inline AgentSource fake_agent(int task, int meta) {
  return {{{"task/solve.cpp", std::to_string(task)}, {"meta/improve.cpp", std::to_string(meta)}, {"task/name.h", "0"}}};
}
inline Json add_to(const std::string& file, int by) { return {{"op", "add"}, {"file", file}, {"by", by}}; }
inline Json add_to_task(int by) { return add_to("task/solve.cpp", by); }
inline Json add_to_meta(int by) { return add_to("meta/improve.cpp", by); }
inline Json rename_task() { return add_to("task/name.h", 1); }  // another program, the same compiled code

constexpr int kIllTyped = 13;      // an edit by this much does not type-check
constexpr int kUncompilable = 77;  // a meta half of this value type-checks but does not compile

using Improve = std::function<EntryReply(const Json& self, const std::function<Json(const std::string&, const Json&)>& host)>;

// A list of one: braces around a single Json copy it instead.
inline Json list_of(const Json& edits) {
  if (edits.is_array()) return edits;
  Json list = Json::array();
  list.push_back(edits);
  return list;
}

inline EntryReply proposes(const Json& edits, const Json& memory = Json()) {
  return {Exited{0}, Json{{"edits", list_of(edits)}, {"reason", "because"}, {"memory", memory}}};
}

// A blind search: mostly steps of the task half, some of everything else.
inline EntryReply default_improve(const Json& self, const std::function<Json(const std::string&, const Json&)>& host) {
  Rng rng(self.at("seed").get<std::uint64_t>());
  (void)host("meta.sites", Json::object());
  switch (rng.below(10)) {
    case 0:
      return proposes({rename_task()});
    case 1:
      return proposes({add_to_meta(static_cast<int>(rng.below(3)) - 1)});
    case 2:
      return proposes({add_to_task(kIllTyped)});
    default:
      return proposes({add_to_task(static_cast<int>(rng.below(7)) - 2)}, {{"steps", self.at("lineage").size()}});
  }
}

// What a test wants the fakes to do; shared by all workers.
struct FakeWorld {
  Improve improve = default_improve;
  std::function<void()> on_solve = [] {};
  std::function<bool(const AgentSource&)> toolchain_fails = [](const AgentSource&) { return false; };  // our own failure
  std::function<std::vector<std::string>(const Json& edits)> needs_approval = [](const Json&) { return std::vector<std::string>(); };
  std::function<bool()> runner_fails = [] { return false; };
  std::function<bool()> grading_fails = [] { return false; };
  std::atomic<int> solves = 0, applies = 0, compiles = 0, questions = 0, improves = 0;
  std::mutex mutex;  // for what tests collect
};

inline int number_in(const AgentSource& source, const std::string& file) { return std::stoi(source.files.at(file)); }

class FakeToolchain : public Toolchain {
 public:
  explicit FakeToolchain(FakeWorld& world) : world_(world) {}
  Result<Verdict<Rewritten>> apply(const AgentSource& source, const Json& edits) override {
    ++world_.applies;
    if (world_.toolchain_fails(source)) return environment_error("the compiler worker could not be started");
    AgentSource edited = source;
    for (const Json& edit : edits) {
      const std::string file = edit.at("file");
      if (!edited.files.count(file)) return Verdict<Rewritten>(Refusal{"target_not_found", "no file " + file});
      if (edit.at("by") == kIllTyped) return Verdict<Rewritten>(Refusal{"type_check", "no such type"});
      edited.files[file] = std::to_string(number_in(edited, file) + edit.at("by").get<int>());
    }
    return Verdict<Rewritten>(Rewritten{edited, hash(edited), world_.needs_approval(edits)});
  }
  Result<Verdict<CompiledAgent>> compile(const AgentSource& source) override {
    ++world_.compiles;
    if (world_.toolchain_fails(source)) return environment_error("the compiler worker could not be started");
    if (number_in(source, "meta/improve.cpp") == kUncompilable)
      return Verdict<CompiledAgent>(Refusal{"compile", "internal compiler error"});
    const std::string task = source.files.at("task/solve.cpp"), meta = source.files.at("meta/improve.cpp");
    return Verdict<CompiledAgent>(CompiledAgent{task + " " + meta, hash(source), {{"task", "object " + task}, {"meta", "object " + meta}}});
  }
  Result<Json> ask(const std::string& request, const Json& arguments) override {
    ++world_.questions;
    if (request == "outline")
      return Json{{"functions", list_of({{"name", "solve"}, {"source", arguments.at("source").at("task/solve.cpp")}})}};
    if (request == "sites") return Json{{"groups", list_of({{"function", "solve"}, {"half", "task"}, {"kind", "literal"}, {"sites", 1}})}};
    if (request == "draw") return Json{{"edit", add_to_task(1)}};
    if (request == "list_sites") {
      Json sites = Json::array();
      for (const auto& [function, path] : {std::pair("solve(int)", "0"), std::pair("solve(int)", "0"), std::pair("improve(int)", "0"), std::pair("solve(int)", "1.0")})
        if (std::string(function).starts_with(arguments.at("function").get<std::string>()))
          sites.push_back({{"function", function},
                           {"file", "task/solve.cpp"},
                           {"path", path},
                           {"line", 1},
                           {"text", "x"},
                           {"edits", Json::array({add_to_task(1)})}});
      return Json{{"sites", sites}};
    }
    return Json{{"refused", {{"code", "malformed"}, {"message", "no such question"}}}};
  }

 private:
  static std::string hash(const AgentSource& source) {
    std::string text;
    for (const auto& [file, number] : source.files) text += number + "/";
    return text;
  }
  FakeWorld& world_;
};

class FakeRunner : public AgentRunner {
 public:
  explicit FakeRunner(FakeWorld& world) : world_(world) {}
  Result<std::vector<EntryReply>> run(const std::string& library, const std::string& entry, std::span<const Json> inputs,
                                      const HostCalls& calls, double, const StopAsked&) override {
    if (world_.runner_fails()) return environment_error("the box could not be set up");
    const int task = std::stoi(library), meta = std::stoi(library.substr(library.find(' ')));
    std::vector<EntryReply> replies;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (entry == "solve") {
        ++world_.solves;
        world_.on_solve();
        if (task < 0)
          replies.push_back({Signalled{11}, std::nullopt});
        else
          replies.push_back({Exited{0}, Json(task)});
        continue;
      }
      ++world_.improves;
      if (meta <= 0) {
        replies.push_back({Signalled{11}, std::nullopt});
        continue;
      }
      std::optional<Error> failure;
      replies.push_back(world_.improve(inputs[i], [&](const std::string& name, const Json& arguments) {
        auto reply = calls.answer(i, name, arguments);
        if (reply) return *reply;
        failure = reply.error();
        return Json();
      }));
      if (failure) return *failure;
    }
    return replies;
  }

 private:
  FakeWorld& world_;
};

class FakeDomain : public Domain {
 public:
  explicit FakeDomain(FakeWorld& world) : world_(world) {}
  std::string name() const override { return "numbers"; }
  Json describe() const override {
    return {
        {"name", "numbers"}, {"description", "be large"}, {"metric", "solved"}, {"vocabulary", Json::object()}, {"blocks", Json::array()}};
  }
  std::size_t size(Split split) const override { return split == Split::Train ? train_size : split == Split::Val ? 6 : 4; }
  std::string task_id(Split split, std::size_t index) const override { return std::string(to_string(split)) + std::to_string(index); }
  Json input(Split split, std::size_t index) const override { return {{"id", task_id(split, index)}, {"input", Json::object()}}; }
  std::unique_ptr<TaskServices> services(Split, std::size_t) const override { return nullptr; }
  Result<TaskResult> grade(Split split, std::size_t index, const Json& answer) const override {
    if (split == Split::Test) test_graded = true;
    if (world_.grading_fails()) return environment_error("disk full");
    const bool solved = answer.is_number() && answer >= 2 * static_cast<int>(index) + 2;
    return TaskResult{task_id(split, index), solved ? 1.0 : 0.0, {{"why", solved ? "solved" : "too small"}}};
  }
  Json metrics(std::span<const TaskResult> results) const override { return {{"solved", score_of(results).mean}}; }
  std::size_t first_stage() const override { return stage_size; }

  std::size_t train_size = 10, stage_size = 4;
  mutable std::atomic<bool> test_graded = false;

 private:
  FakeWorld& world_;
};

class FakeClock : public Clock {
 public:
  double seconds() const override { return now; }
  std::atomic<double> now = 0;
};

class FakeProgress : public Progress {
 public:
  void on_event(const Json& event) override { events.push_back(event); }
  std::vector<Json> events;
};

// Everything a search needs. Members may be changed before search() is called.
struct FakeRun {
  FakePool pool;
  FakeWorld world;
  FakeDomain domain{world};
  FakeClock clock;
  CancelFlag cancel = false;
  FakeProgress progress;
  LoopOptions options{.seed = 7, .generations = 10};
  std::size_t workers = 1;
  std::string strategy_name = "dgmh";
  std::function<void()> interrupt;
  Approver* approver = nullptr;
  Completions* completions = nullptr;
  AgentSource root = fake_agent(3, 5);
  std::optional<std::string> root_error;

  Result<LoopSummary> search() {
    cancel = false;
    auto strategy = make_strategy(strategy_name);
    std::vector<std::unique_ptr<FakeToolchain>> toolchains;
    std::vector<std::unique_ptr<FakeRunner>> runners;
    std::vector<Worker> crew;
    for (std::size_t i = 0; i < workers; ++i) {
      toolchains.push_back(std::make_unique<FakeToolchain>(world));
      runners.push_back(std::make_unique<FakeRunner>(world));
      crew.push_back({toolchains.back().get(), runners.back().get()});
    }
    Loop loop({pool, **strategy, domain, crew, clock, cancel, progress, interrupt, approver, completions}, options);
    if (pool.agents().empty())
      if (auto id = loop.add_root(root, "blank", "blank"); !id) return id.error();
    return loop.run();
  }
  // The one candidate of a search of one generation with one slot, whose root proposes these edits.
  CandidateRecord propose(const Json& edits) {
    world.improve = [edits](const Json&, const auto&) { return proposes(edits); };
    return only_candidate();
  }
  CandidateRecord only_candidate() {
    options.generations = 1;
    options.batch = 1;
    auto summary = search();
    CandidateRecord failed;
    failed.outcome = "error";
    if (!summary) failed.message = summary.error().message;
    return summary ? pool.candidates().back() : failed;
  }
};

}  // namespace hyperagent
