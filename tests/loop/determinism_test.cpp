#include <catch2/catch.hpp>

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
