#include <catch2/catch.hpp>

#include "tests/loop/fakes.h"

using namespace hyperagent;

namespace {

// The Selfs of all improve() calls of a search, sorted by generation.
std::vector<Json> selves_of(FakeRun& run) {
  std::vector<Json> selves;
  Improve inner = run.world.improve;
  run.world.improve = [&, inner](const Json& self, const auto& host) {
    std::lock_guard lock(run.world.mutex);
    selves.push_back(self);
    return inner(self, host);
  };
  REQUIRE(run.search());
  run.world.improve = inner;
  return selves;
}

}  // namespace

TEST_CASE("self tells the first parent all it may know") {
  FakeRun run;
  run.options.generations = 1;
  run.options.batch = 1;
  const Json self = selves_of(run).front();
  CHECK(self["agent"] == 0);
  CHECK(self["generation"] == 1);
  CHECK(self["progress"] == 0.0);
  CHECK(self["train_score"] == Approx(0.1));
  CHECK(self["score"] == Approx(2.0 / 16));  // val says 1/6, but train and val together less
  CHECK(self["memory"].is_null());
  CHECK(self["functions"][0]["name"] == "solve");
  CHECK(self["failures"].size() == 9);
  CHECK(self["failures"][0]["detail"]["why"] == "too small");
  CHECK(self["lineage"].size() == 1);
  CHECK(self["history"].empty());
  CHECK(self["archive"]["agents"] == 1);
  CHECK(self["archive"]["mean"] == Approx(2.0 / 16));
  CHECK(self["seed"].get<std::uint64_t>() < (1ull << 53));
}

TEST_CASE("self never shows a val or test task") {
  FakeRun run;
  for (const Json& self : selves_of(run)) {
    const std::string text = self.dump();
    CHECK(text.find("val0") == std::string::npos);
    CHECK(text.find("test0") == std::string::npos);
    CHECK(!self.contains("val_results"));
  }
}

TEST_CASE("self passes memory on, shows the lineage oldest first and what became of earlier proposals") {
  FakeRun run;
  run.options = {.seed = 3, .generations = 3, .batch = 1};
  run.strategy_name = "greedy";
  run.world.improve = [](const Json& self, const auto&) { return proposes({add_to_task(2)}, {{"depth", self["lineage"].size()}}); };
  const std::vector<Json> selves = selves_of(run);
  REQUIRE(selves.size() == 3);
  const Json& last = selves[2];
  CHECK(last["agent"] == 2);
  CHECK(last["memory"]["depth"] == 2);
  REQUIRE(last["lineage"].size() == 3);
  CHECK(last["lineage"][0]["agent"] == 0);
  CHECK(last["lineage"][2]["agent"] == 2);
  CHECK(last["lineage"][2]["reason"] == "because");
  REQUIRE(last["history"].size() == 2);
  CHECK(last["history"][0]["outcome"] == "archived");
  CHECK(last["history"][0]["gain"] == Approx(0.1));
  CHECK(last["progress"] == Approx(2.0 / 3));
}

TEST_CASE("the gain of a gated proposal is the difference on the first stage") {
  FakeRun run;
  run.options = {.seed = 3, .generations = 2, .batch = 1};
  run.root = fake_agent(20, 5);
  run.world.improve = [](const Json&, const auto&) { return proposes({add_to_task(-20)}); };
  const std::vector<Json> selves = selves_of(run);
  REQUIRE(selves.size() == 2);
  REQUIRE(selves[1]["history"].size() == 1);
  CHECK(selves[1]["history"][0]["outcome"] == "gate");
  CHECK(selves[1]["history"][0]["gain"] == Approx(-1));
}

TEST_CASE("no two calls of improve get the same seed") {
  FakeRun run;
  std::set<std::uint64_t> seeds;
  const std::vector<Json> selves = selves_of(run);
  for (const Json& self : selves) seeds.insert(self["seed"].get<std::uint64_t>());
  CHECK(seeds.size() == selves.size());
}

TEST_CASE("at most twenty failures are shown, in task order, and other seeds show others") {
  Json self = {{"failures", Json::array()}};
  for (int i = 0; i < 50; ++i) self["failures"].push_back({{"task", i}});
  const Json first = with_seed(self, 1, Json::array())["failures"], second = with_seed(self, 2, Json::array())["failures"];
  REQUIRE(first.size() == 20);
  for (std::size_t i = 1; i < 20; ++i) CHECK(first[i - 1]["task"] < first[i]["task"]);
  CHECK(first != second);
}

TEST_CASE("the history holds the last two hundred proposals of the agent and its ancestors, oldest first") {
  FakePool pool;
  AgentRecord root, child;
  child.parents = {0};
  REQUIRE(pool.add(root, {}));
  REQUIRE(pool.add(child, {}));
  auto propose = [&](int parent, int n) {
    CandidateRecord candidate;
    candidate.parent = parent;
    candidate.outcome = "refused";
    candidate.edits = list_of(n);
    pool.add(candidate);
  };
  for (int i = 0; i < 150; ++i) propose(0, i);
  for (int i = 150; i < 250; ++i) propose(1, i);
  const Json self = self_of(pool, pool.agents()[1], {});
  REQUIRE(self["history"].size() == 200);
  CHECK(self["history"][0]["edits"][0] == 50);
  CHECK(self["history"][199]["edits"][0] == 249);
}
