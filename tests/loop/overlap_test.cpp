// Searches in which two generations are under way.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/loop/fakes.h"

using namespace hyperagent;

namespace {

// A search that is killed after every few tasks and resumed by a new process each time, until its limits say that it is over.
void in_pieces(FakeRun& run, int solves_a_piece) {
  for (int piece = 0; piece < 400; ++piece) {
    std::atomic<int> left = solves_a_piece;
    run.world.on_solve = [&] {
      if (--left == 0) run.cancel = true;
    };
    auto summary = run.search();
    REQUIRE(summary);
    run.pool = run.pool.reopened();
    if (summary->stopped != "interrupted") return;
  }
  FAIL("the search does not end");
}

}  // namespace

TEST_CASE("generations that overlap know the pool without the one before, and begin before that is done") {
  std::mutex mutex;
  std::map<int, std::set<int>> told;  // generation -> how many agents its improve() heard of
  std::map<int, int> archived;        // by generation
  FakeRun run;
  run.options = {.seed = 7, .generations = 6, .batch = 3, .overlap = true};
  run.workers = 3;
  std::atomic<bool> first_call = true, second_begun = false, met = false;
  run.world.improve = [&](const Json& self, const auto& host) {
    const int generation = self.at("generation");
    if (generation == 2) second_begun = true;
    if (first_call.exchange(false)) {  // of generation 1: it does not end before generation 2 has begun
      for (int waits = 0; !second_begun && waits < 5000; ++waits) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      met = second_begun.load();
    }
    {
      std::lock_guard lock(mutex);
      told[generation].insert(self.at("archive").at("agents").template get<int>());
    }
    return default_improve(self, host);
  };
  REQUIRE(run.search());
  CHECK(met);
  for (const AgentRecord& agent : run.pool.agents()) ++archived[agent.generation];
  int known = archived[0];
  CHECK(told[1] == std::set<int>{known});
  for (int generation = 2; generation <= 6; ++generation) {
    CHECK(told[generation] == std::set<int>{known});
    known += archived[generation - 1];
  }
}

TEST_CASE("a program that the generation before archived meanwhile is a duplicate, and costs its proposal") {
  FakeRun run;
  run.options = {.generations = 2, .batch = 1, .overlap = true};
  run.world.improve = [](const Json&, const auto&) { return proposes({add_to_task(5)}); };
  REQUIRE(run.search());
  REQUIRE(run.pool.candidates().size() == 2);
  CHECK(run.pool.candidates()[0].outcome == "archived");
  const CandidateRecord& second = run.pool.candidates()[1];
  CHECK(second.outcome == "duplicate");
  CHECK(second.message == "the same program as agent 1");
  CHECK(second.cost == Json{{"solves", 0}, {"host_calls", 0}});
  CHECK_FALSE(second.stage_score);
  CHECK(run.pool.agents().size() == 2);
}

TEST_CASE("what is under way when a run reaches its end is archived before it stops") {
  FakeRun run;
  run.options = {.seed = 7, .batch = 4, .overlap = true, .target = 0.5};
  auto summary = run.search();
  REQUIRE(summary);
  CHECK(summary->stopped == "target");
  int reached = 0;
  for (const AgentRecord& agent : run.pool.agents())
    if (agent.val.mean >= 0.5 && reached == 0) reached = agent.generation;
  CHECK(summary->generation == reached + 1);
  CHECK(run.pool.candidates().size() == 4u * static_cast<std::size_t>(summary->generation));
  const std::string head = run.pool.head();
  run.pool = run.pool.reopened();
  CHECK(run.search()->stopped == "target");
  CHECK(run.pool.head() == head);
}

TEST_CASE("a run with a limit of any kind ends the same whenever it is killed, and goes on when the limit is raised") {
  struct Case {
    const char* stopped;
    LoopOptions options;
  };
  for (const Case& one : {Case{"target", {.seed = 7, .batch = 4, .target = 0.5}}, {"patience", {.seed = 3, .batch = 2, .patience = 3}},
                          {"candidates", {.seed = 7, .batch = 4, .max_candidates = 22}}, {"generations", {.seed = 7, .generations = 5, .batch = 3}}}) {
    INFO(one.stopped);
    FakeRun whole, pieces;
    whole.options = pieces.options = one.options;
    whole.options.overlap = pieces.options.overlap = true;
    pieces.workers = 3;
    auto summary = whole.search();
    REQUIRE(summary);
    CHECK(summary->stopped == one.stopped);
    if (one.options.max_candidates > 0) CHECK(summary->candidates == 22);
    in_pieces(pieces, 47);
    CHECK(pieces.pool.head() == whole.pool.head());
    // A new process, and more room.
    pieces.world.on_solve = [] {};
    for (FakeRun* run : {&whole, &pieces}) {
      run->options.target.reset();
      run->options.patience = run->options.max_candidates = 0;
      run->options.generations = summary->generation + 3;
      run->pool = run->pool.reopened();
      auto more = run->search();
      REQUIRE(more);
      CHECK(more->generation == summary->generation + 3);
    }
    CHECK(pieces.pool.head() == whole.pool.head());
  }
}

TEST_CASE("patience that is spent while the next generation finds a better agent does not keep a resumed run from going on") {
  for (std::uint64_t seed = 1; seed < 60; ++seed) {
    FakeRun run;
    run.options = {.seed = seed, .batch = 2, .overlap = true, .patience = 2};
    REQUIRE(run.search()->stopped == "patience");
    if (run.pool.state().at("stale") != 0) continue;  // the last generation found nothing either
    run.pool = run.pool.reopened();
    const std::size_t before = run.pool.candidates().size();
    REQUIRE(run.search());
    CHECK(run.pool.candidates().size() > before);
    return;
  }
  FAIL("no seed ends that way");
}

TEST_CASE("a seed that is added between two parts of a run is known to the next generation") {
  FakeRun run;
  run.options = {.seed = 7, .generations = 3, .batch = 2, .overlap = true};
  REQUIRE(run.search());
  {
    FakeToolchain toolchain(run.world);
    FakeRunner runner(run.world);
    auto strategy = make_strategy("dgmh");
    Loop loop({run.pool, **strategy, run.domain, {{&toolchain, &runner}}, run.clock, run.cancel, run.progress}, run.options);
    REQUIRE(loop.add_root(fake_agent(19, 4), "seed good", "good"));
    REQUIRE(loop.commit_roots());
  }
  const std::size_t agents = run.pool.agents().size();
  run.pool = run.pool.reopened();
  run.options.generations = 6;
  std::mutex mutex;
  std::map<int, std::size_t> told;
  run.world.improve = [&](const Json& self, const auto& host) {
    std::lock_guard lock(mutex);
    told.emplace(self.at("generation"), self.at("archive").at("agents"));
    return default_improve(self, host);
  };
  REQUIRE(run.search());
  CHECK(told.at(5) == agents);  // 4 is the seed's own
  CHECK(told.at(6) == agents);
}

TEST_CASE("a failure in the later generation ends the run once the earlier one is archived") {
  FakeRun run;
  run.options = {.seed = 7, .generations = 6, .batch = 2, .overlap = true};
  run.workers = 2;
  std::atomic<int> failures = 0;
  std::atomic<bool> first_call = true;
  run.world.improve = [&](const Json& self, const auto&) {
    const bool later = self.at("generation") == 2;
    // One slot of generation 1 is at work until generation 2 has failed.
    if (!later && first_call.exchange(false))
      for (int waits = 0; failures < 2 && waits < 5000; ++waits) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return proposes(add_to_task(later ? 4 : 1));
  };
  run.world.toolchain_fails = [&](const AgentSource& source) {
    const bool fails = number_in(source, "task/solve.cpp") == 3 + 4;
    failures += fails ? 1 : 0;
    return fails;
  };
  auto summary = run.search();
  REQUIRE(!summary);
  CHECK(summary.error().message == "the compiler worker could not be started");
  CHECK(failures == 2);  // the step was tried once more
  CHECK(run.pool.generations == std::vector<int>{0, 1});
  CHECK(run.pool.candidates().size() == 2);
}

TEST_CASE("nothing is announced while a person is asked") {
  class Watching : public Approver {
   public:
    explicit Watching(FakeProgress& progress) : progress_(progress) {}
    Result<Approval> decide(const ApprovalRequest&) override {
      std::lock_guard lock(asking_);  // one question at a time
      const std::size_t before = progress_.events.size();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      disturbed = disturbed || progress_.events.size() != before;
      ++asked;
      return Approval::Approved;
    }
    bool disturbed = false;
    int asked = 0;

   private:
    FakeProgress& progress_;
    std::mutex asking_;
  };
  FakeRun run;
  run.options = {.seed = 7, .generations = 12, .batch = 2, .overlap = true};
  run.workers = 2;
  run.world.needs_approval = [](const Json&) { return std::vector<std::string>{"task/solve.cpp:1: ask first"}; };
  Watching approver(run.progress);
  run.approver = &approver;
  REQUIRE(run.search());
  CHECK(approver.asked > 5);
  CHECK_FALSE(approver.disturbed);
}
