#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "tests/loop/fakes.h"

using namespace hyperagent;

namespace {

double wall_seconds() { return SystemClock().seconds(); }

}  // namespace

TEST_CASE("fifty generations on fakes improve the agent in well under a second") {
  FakeRun run;
  run.options.generations = 50;
  const double start = wall_seconds();
  auto summary = run.search();
  const double seconds = wall_seconds() - start;
  REQUIRE(summary);
  WARN("50 generations of 8 candidates on fakes: " << seconds * 1000 << " ms, best val " << *summary->best_val);
  CHECK(summary->stopped == "generations");
  CHECK(summary->candidates == 400);
  CHECK(*summary->best_val > 0.9);
}

TEST_CASE("the agents that are announced as best are those the pool ranks first, by the score it ranks by") {
  FakeRun run;
  run.options.generations = 20;
  auto summary = run.search();
  REQUIRE(summary);
  double highest = -1;
  int best = -1, announced = 0;
  for (const Json& event : run.progress.events) {
    if (event["event"] == "generation") CHECK(event["best_score"].get<double>() == Approx(highest));
    if (!event.value("best", false)) continue;
    CHECK(event["score"] == selection_score(run.pool.agents()[event["id"].get<std::size_t>()]));
    CHECK(event["score"].get<double>() >= highest);
    highest = event["score"].get<double>();
    best = event["id"];
    ++announced;
  }
  CHECK(announced > 3);
  CHECK(best == run.pool.best());
  CHECK(summary->best_score == highest);
}

TEST_CASE("generations are committed one by one, the roots as generation 0") {
  FakeRun run;
  run.options.generations = 3;
  REQUIRE(run.search());
  CHECK(run.pool.generations == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("a failure of ours that passes is retried and shows in no result") {
  FakeRun smooth, bumpy;
  REQUIRE(smooth.search());
  std::atomic<int> calls = 0;
  bumpy.world.toolchain_fails = [&](const AgentSource&) { return ++calls % 5 == 0; };
  std::atomic<int> runs = 0, grades = 0;
  bumpy.world.runner_fails = [&] { return ++runs % 7 == 0; };
  bumpy.world.grading_fails = [&] { return ++grades % 11 == 0; };
  REQUIRE(bumpy.search());
  CHECK(bumpy.pool.head() == smooth.pool.head());
}

TEST_CASE("a toolchain that keeps failing ends the run with its error, and the whole generations before stay") {
  FakeRun run;
  run.workers = 2;
  run.world.toolchain_fails = [&](const AgentSource&) { return run.world.applies > 30; };
  auto summary = run.search();
  REQUIRE(!summary);
  CHECK(summary.error().kind == ErrorKind::Environment);
  CHECK(summary.error().message == "the compiler worker could not be started");
  REQUIRE(run.pool.generations.size() > 1);
  CHECK(run.pool.candidates().size() == 8 * (run.pool.generations.size() - 1));
  FakeRun whole;
  REQUIRE(whole.search());
  run.world.toolchain_fails = [](const AgentSource&) { return false; };
  run.pool = run.pool.reopened();
  REQUIRE(run.search());
  CHECK(run.pool.head() == whole.pool.head());
}

TEST_CASE("a grader that keeps failing is an error and never a score") {
  FakeRun run;
  run.world.grading_fails = [&] { return run.world.improves > 0; };
  auto summary = run.search();
  REQUIRE(!summary);
  CHECK(summary.error().message == "disk full");
  CHECK(run.pool.candidates().empty());
}

TEST_CASE("the time limit gives the running generation up and keeps the ones before") {
  FakeRun run;
  run.options.generations = 0;
  run.options.max_seconds = 10;
  run.world.on_solve = [&] { run.clock.now = run.clock.now + 0.05; };
  auto summary = run.search();
  REQUIRE(summary);
  CHECK(summary->stopped == "time");
  CHECK(summary->candidates == 8 * (run.pool.generations.size() - 1));
  CHECK(run.clock.now < 20);
}

TEST_CASE("a stop request during a call that hangs returns at once through the interrupt hook") {
  FakeRun run;
  run.workers = 2;
  std::mutex mutex;
  std::condition_variable freed;
  bool killed = false;
  std::atomic<bool> hanging = false;
  run.world.on_solve = [&] {
    if (run.world.improves == 0) return;
    hanging = true;
    std::unique_lock lock(mutex);
    freed.wait(lock, [&] { return killed; });
  };
  run.interrupt = [&] {
    std::lock_guard lock(mutex);
    killed = true;
    freed.notify_all();
  };
  std::jthread user([&] {
    while (!hanging) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    run.cancel = true;
  });
  const double start = wall_seconds();
  auto summary = run.search();
  CHECK(wall_seconds() - start < 2);
  REQUIRE(summary);
  CHECK(summary->stopped == "interrupted");
  CHECK(run.pool.candidates().empty());
}

TEST_CASE("a run stops at its candidate limit exactly") {
  FakeRun run;
  run.options.generations = 0;
  run.options.max_candidates = 21;
  auto summary = run.search();
  REQUIRE(summary);
  CHECK(summary->stopped == "candidates");
  CHECK(summary->candidates == 21);
}

TEST_CASE("a run stops when its target is reached") {
  FakeRun run;
  run.options.generations = 0;
  run.options.target = 0.5;
  auto summary = run.search();
  REQUIRE(summary);
  CHECK(summary->stopped == "target");
  CHECK(*summary->best_val >= 0.5);
}

TEST_CASE("a run stops when its patience is spent") {
  FakeRun run;
  run.options.generations = 0;
  run.options.patience = 3;
  run.world.improve = [](const Json&, const auto&) { return proposes({rename_task()}); };
  auto summary = run.search();
  REQUIRE(summary);
  CHECK(summary->stopped == "patience");
  CHECK(summary->candidates == 24);
}

TEST_CASE("a root that does not compile is the user's error with the compiler's words") {
  FakeRun run;
  run.root = fake_agent(3, kUncompilable);
  auto summary = run.search();
  REQUIRE(!summary);
  CHECK(summary.error().kind == ErrorKind::UserInput);
  CHECK(summary.error().message == "agent blank does not compile: internal compiler error");
}

TEST_CASE("a root that answers no task is the user's error") {
  FakeRun run;
  run.root = fake_agent(-3, 5);
  auto summary = run.search();
  REQUIRE(!summary);
  CHECK(summary.error().kind == ErrorKind::UserInput);
}

TEST_CASE("a seed added to a search under way becomes a generation of its own; adding it again changes nothing") {
  FakeRun run;
  run.options.generations = 2;
  REQUIRE(run.search());
  FakeToolchain toolchain(run.world);
  FakeRunner runner(run.world);
  auto strategy = make_strategy("dgmh");
  Loop loop({run.pool, **strategy, run.domain, {{&toolchain, &runner}}, run.clock, run.cancel, run.progress}, run.options);
  auto id = loop.add_root(fake_agent(19, 4), "seed good", "good");
  REQUIRE(id);
  REQUIRE(loop.commit_roots());
  CHECK(run.pool.generations == std::vector<int>{0, 1, 2, 3});
  CHECK(run.pool.agents().back().origin == "seed good");
  CHECK(*loop.add_root(fake_agent(19, 4), "seed good", "good") == *id);
  REQUIRE(loop.commit_roots());
  CHECK(run.pool.generations.size() == 4);
}

TEST_CASE("a run refuses to go on with other data than it was started with") {
  FakeRun run;
  run.options.generations = 1;
  REQUIRE(run.search());
  run.domain.train_size = 9;
  run.options.generations = 2;
  auto summary = run.search();
  REQUIRE(!summary);
  CHECK(summary.error().kind == ErrorKind::UserInput);
}

TEST_CASE("events tell of roots, archived agents and generations, and the summary adds up") {
  FakeRun run;
  run.world.on_solve = [&] { run.clock.now = run.clock.now + 0.01; };
  auto summary = run.search();
  REQUIRE(summary);
  std::map<std::string, int> events;
  for (const Json& event : run.progress.events) ++events[event.at("event")];
  CHECK(events["root"] == 1);
  CHECK(events["generation"] == 10);
  CHECK(events["agent"] == static_cast<int>(run.pool.agents().size()) - 1);
  const Json last = run.progress.events.back();
  CHECK(last["candidates"] == 80);
  CHECK(last["eta"] == Approx(0));
  CHECK(last["candidates_per_second"].get<double>() > 0);

  const Json done = to_json(*summary);
  CHECK(done["event"] == "done");
  CHECK(done["archive_head"] == run.pool.head());
  long long candidates = 0;
  for (const auto& [outcome, n] : done["outcomes"].items()) candidates += n.get<long long>();
  CHECK(candidates == 80);
  CHECK(done["outcomes"]["archived"] == run.pool.agents().size() - 1);
  double seconds = 0;
  for (const auto& [stage, n] : done["stages"].items()) seconds += n.get<double>();
  CHECK(seconds == Approx(done["seconds"].get<double>()));
  CHECK(done["stages"]["run"].get<double>() == Approx(seconds));
  CHECK(done["proposals_type_checked"].get<double>() > 0.5);
  CHECK(done["children_ran"].get<double>() > 0.5);
}
