// Not asserted, printed: what adding, committing and opening cost as the archive grows. Run with `test_archive [benchmark]`.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/archive/fixture.h"

using namespace hyperagent;
using namespace hyperagent::archive_test;

TEST_CASE("what two thousand agents cost", "[.][benchmark]") {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); };
  const char* wanted = std::getenv("HA_BENCH_AGENTS");
  const int agents = wanted != nullptr ? std::atoi(wanted) : 2000;
  constexpr int kPerGeneration = 8, kBlock = 500;
  TemporaryDirectory directory(TemporaryDirectory::Where::Disk);
  auto pool = GitPool::create(directory.pool(), {{"seed", 7}});
  REQUIRE(pool);
  REQUIRE((*pool)->add(blank_root(), program(0)));
  REQUIRE((*pool)->commit(0, {}));
  double adding = 0, committing = 0;
  int generation = 0, commits = 0;
  for (int i = 1; i <= agents; ++i) {
    AgentRecord record = child(i / 2, generation + 1, i, 0.3);
    record.train_results.assign(60, {"a-task-of-the-domain", 0.5, {{"why", "expected 12, got 13"}}});
    const auto start = Clock::now();
    REQUIRE((*pool)->add(record, program(i)));
    adding += since(start);
    for (int slot = 0; slot < 3; ++slot) (*pool)->add(candidate(generation + 1, slot, i / 2, "refused"));
    if (i % kPerGeneration == 0) {
      const auto commit_start = Clock::now();
      REQUIRE((*pool)->commit(++generation, {{"generation", generation}}));
      committing += since(commit_start);
      ++commits;
    }
    if (i % kBlock == 0) {
      std::printf("%6d agents: %.2f ms an add, %.2f ms a commit\n", i, adding / kBlock, committing / commits);
      adding = committing = commits = 0;
    }
  }
  pool->reset();
  for (const bool read_only : {false, true}) {
    const auto start = Clock::now();
    auto opened = read_only ? GitPool::open_read_only(directory.pool()) : GitPool::open(directory.pool());
    REQUIRE(opened);
    std::printf("opening %zu agents %s: %.0f ms\n", (*opened)->agents().size(), read_only ? "read-only" : "for writing", since(start));
  }
}
