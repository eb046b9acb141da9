#include <catch2/catch.hpp>

#include "hyperagent/loop/candidate.h"
#include "hyperagent/loop/evaluate.h"
#include "hyperagent/core/lru.h"
#include "hyperagent/loop/meta_services.h"
#include "tests/loop/fakes.h"

using namespace hyperagent;

TEST_CASE("options survive a round trip and name the member that is wrong") {
  LoopOptions options{.seed = 0xFFFFFFFFFFFFFFFFull, .generations = 12, .batch = 3, .overlap = true, .max_seconds = 1.5, .patience = 4, .target = 0.75};
  auto read = loop_options_from(Json::parse(to_json(options).dump()));
  REQUIRE(read);
  CHECK(to_json(*read) == to_json(options));
  auto wrong = loop_options_from({{"batch", 0}});
  REQUIRE(!wrong);
  CHECK(wrong.error().message == "option 'batch' must be a whole number of at least 1, not 0");
  CHECK(!loop_options_from({{"seed", -1}}));
  CHECK(!loop_options_from({{"max_seconds", "long"}}));
  CHECK(!loop_options_from(Json::array()));
}

TEST_CASE("an evaluation gives the same report with one and three runners") {
  FakeWorld world;
  FakeDomain domain(world);
  FakeClock clock;
  CancelFlag cancel = false;
  FakeRunner a(world), b(world), c(world);
  std::vector<AgentRunner*> one = {&a}, three = {&a, &b, &c};
  auto first = evaluate_agent("8 1", domain, Split::Test, one, clock, cancel);
  auto second = evaluate_agent("8 1", domain, Split::Test, three, clock, cancel);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(to_json(*first) == to_json(*second));
  CHECK(first->score.n == 4);
  CHECK(first->score.mean == 1);
  CHECK(first->answered == 4);
}

TEST_CASE("a task without an answer is graded as none and its detail says how the agent ended") {
  FakeWorld world;
  FakeDomain domain(world);
  FakeClock clock;
  CancelFlag cancel = false;
  FakeRunner runner(world);
  std::vector<AgentRunner*> runners = {&runner};
  auto report = evaluate_agent("-1 1", domain, Split::Train, runners, clock, cancel);
  REQUIRE(report);
  CHECK(report->score.mean == 0);
  CHECK(report->score.n == 10);
  CHECK(report->answered == 0);
  CHECK(report->results[0].detail["why"] == "no answer: killed by signal Segmentation fault");
}

TEST_CASE("an evaluation that is cancelled is an interruption and not a score") {
  FakeWorld world;
  FakeDomain domain(world);
  FakeClock clock;
  CancelFlag cancel = true;
  FakeRunner runner(world);
  std::vector<AgentRunner*> runners = {&runner};
  auto report = evaluate_agent("1 1", domain, Split::Train, runners, clock, cancel);
  REQUIRE(!report);
  CHECK(report.error().kind == ErrorKind::Interrupted);
}

TEST_CASE("the host calls of improve answer questions about the agent's own program") {
  FakeWorld world;
  FakeToolchain toolchain(world);
  FakePool pool;
  REQUIRE(pool.add(AgentRecord{}, fake_agent(4, 5)));
  PoolReader reader(pool);
  const KnownAgents agents(reader, static_cast<int>(pool.agents().size()));
  Programs programs;
  const Json domain = FakeDomain(world).describe();
  const AgentSource source = fake_agent(1, 2);
  const std::string hash = "1";
  MetaServices services(toolchain, programs, agents, domain, source, hash, 14);
  CHECK(services.call("meta.sites", {})->at("groups")[0]["function"] == "solve");
  // The first place that is added to an empty list moves it: what was found before must not be looked at again.
  const Json places = services.call("meta.sites", {{"function", "solve"}})->at("sites");
  REQUIRE(places.size() == 2);
  CHECK(places[0]["edits"].size() == 2);
  CHECK(places[1]["path"] == "1.0");
  CHECK(services.call("meta.sites", {{"function", "nowhere"}})->contains("error"));
  CHECK(services.call("meta.draw", {{"function", "solve"}, {"kind", "literal"}, {"seed", 3}})->at("edit") == add_to_task(1));
  CHECK(services.call("meta.draw", {{"function", 3}})->contains("error"));
  CHECK(*services.call("meta.check", {{"edits", list_of(add_to_task(1))}}) == Json{{"ok", true}});
  CHECK(services.call("meta.check", {{"edits", list_of(add_to_task(kIllTyped))}})->at("refused")["code"] == "type_check");
  CHECK(services.call("meta.outline", {})->at("functions")[0]["source"] == "1");
  CHECK(services.call("meta.source", {{"agent", 0}})->at("files")["task/solve.cpp"] == "4");
  CHECK(services.call("meta.source", {{"agent", 1}})->contains("error"));
  CHECK(services.call("meta.source", {{"agent", 18446744073709551615ull}})->contains("error"));
  CHECK(services.call("meta.weather", {})->contains("error"));
  const int asked = world.questions;
  CHECK(services.call("meta.sites", {})->contains("groups"));
  CHECK(world.questions == asked);  // remembered
  CHECK(!services.call("meta.outline", {})->contains("error"));
  CHECK(services.call("meta.outline", {})->contains("error"));  // the thirteenth call
}

TEST_CASE("a cache forgets what was used longest ago") {
  Lru<int, int> cache(2);
  cache.put(1, 10);
  cache.put(2, 20);
  CHECK(*cache.find(1) == 10);
  cache.put(3, 30);
  CHECK(!cache.find(2));
  CHECK(*cache.find(1) == 10);
  CHECK(*cache.find(3) == 30);
}

TEST_CASE("text is cut between characters") {
  CHECK(cut_text("caf\xc3\xa9", 4) == "caf");
  CHECK(cut_text("caf\xc3\xa9", 5) == "caf\xc3\xa9");
}

TEST_CASE("the first stage is drawn by the seed, sorted and without repeats") {
  FakeWorld world;
  FakeDomain domain(world);
  domain.train_size = 100;
  const auto tasks = draw_stage_tasks(domain, 5);
  CHECK(std::set<std::size_t>(tasks.begin(), tasks.end()).size() == 4);
  CHECK(std::is_sorted(tasks.begin(), tasks.end()));
  CHECK(tasks == draw_stage_tasks(domain, 5));
  CHECK(tasks != draw_stage_tasks(domain, 6));
  domain.train_size = 3;
  CHECK(draw_stage_tasks(domain, 5) == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("the gate lets a child pass that gains and loses tasks within the noise, and none that only loses") {
  const auto results = [](std::initializer_list<int> solved) {
    std::vector<TaskResult> all;
    for (int one : solved) all.push_back({"t" + std::to_string(all.size()), static_cast<double>(one), {}});
    return all;
  };
  const auto parent = results({1, 1, 1, 1, 1, 1, 0, 0, 0, 0});
  CHECK(passes_gate(results({0, 1, 1, 1, 1, 1, 0, 0, 0, 0}), parent));
  CHECK_FALSE(passes_gate(results({0, 0, 1, 1, 1, 1, 0, 0, 0, 0}), parent));
  CHECK(passes_gate(results({0, 0, 0, 1, 1, 1, 1, 0, 0, 0}), parent));  // 2 worse of 4 that changed
  CHECK_FALSE(passes_gate(results({0, 0, 0, 0, 1, 1, 1, 0, 0, 0}), parent));
  CHECK_FALSE(passes_gate(results({0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), results({0, 0, 0, 0, 0, 0, 0, 0, 0, 0})));
  CHECK(passes_gate({}, {}));
}
