#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/loop/fakes.h"

using namespace hyperagent;

namespace {

std::string head_of_search(std::size_t workers, std::uint64_t seed, const std::string& strategy = "dgmh", bool overlap = false) {
  FakeRun run;
  run.workers = workers;
  run.options.seed = seed;
  run.options.overlap = overlap;
  run.strategy_name = strategy;
  REQUIRE(run.search());
  return run.pool.head();
}

}  // namespace

TEST_CASE("the same seed gives the same pool with one, two and four workers") {
  for (const char* strategy : {"dgmh", "greedy", "random", "best_of_n"}) {
    const std::string one = head_of_search(1, 7, strategy);
    CHECK(head_of_search(2, 7, strategy) == one);
    CHECK(head_of_search(4, 7, strategy) == one);
    const std::string overlapping = head_of_search(1, 7, strategy, true);
    CHECK(head_of_search(2, 7, strategy, true) == overlapping);
    CHECK(head_of_search(4, 7, strategy, true) == overlapping);
  }
}

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

TEST_CASE("another seed gives another pool") { CHECK(head_of_search(1, 7) != head_of_search(1, 8)); }

TEST_CASE("a search that is interrupted anywhere and resumed ends like one that was not") {
  const bool overlap = GENERATE(false, true);
  FakeRun whole;
  whole.options.overlap = overlap;
  REQUIRE(whole.search());
  const int solves = whole.world.solves;
  for (int stop_at = 40; stop_at < solves; stop_at += 61) {
    FakeRun run;
    run.options.overlap = overlap;
    run.workers = 2;
    std::atomic<int> left = stop_at;
    run.world.on_solve = [&] {
      if (--left == 0) run.cancel = true;
    };
    auto first = run.search();
    REQUIRE(first);
    REQUIRE(first->stopped == "interrupted");
    run.pool = run.pool.reopened();
    auto second = run.search();
    REQUIRE(second);
    CHECK(second->stopped == "generations");
    CHECK(run.pool.head() == whole.pool.head());
    CHECK(to_json(second->tally) ==
          to_json(Loop({whole.pool, **make_strategy("dgmh"), whole.domain, {{nullptr, nullptr}}, whole.clock, whole.cancel, whole.progress},
                       whole.options)
                      .run()
                      ->tally));
  }
}

TEST_CASE("a search in two parts chooses the parents that one in one part does") {
  FakeRun whole, parts;
  whole.options.generations = parts.options.generations = 20;
  whole.options.overlap = parts.options.overlap = GENERATE(false, true);
  REQUIRE(whole.search());
  parts.options.max_seconds = 1;  // stop after some generations, by the fake clock
  parts.world.on_solve = [&] { parts.clock.now = parts.clock.now + 0.002; };
  for (int part = 0; part < 100 && parts.pool.state().value("generation", 0) < 20; ++part) {
    REQUIRE(parts.search());
    parts.pool = parts.pool.reopened();
  }
  CHECK(parts.pool.candidates().size() == whole.pool.candidates().size());
  for (std::size_t i = 0; i < whole.pool.candidates().size(); ++i)
    CHECK(to_json(parts.pool.candidates()[i]) == to_json(whole.pool.candidates()[i]));
}
