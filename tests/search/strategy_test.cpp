#include "hyperagent/search/strategy.h"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "hyperagent/search/dgmh.h"
#include "tests/loop/fakes.h"

using namespace hyperagent;

namespace {

void add(FakePool& pool, double val, int parent = -1, const std::string& task_half = "") {
  AgentRecord record;
  record.val = {.mean = val, .n = 30};
  record.train = {.mean = val, .n = 30};
  record.ast_hash = std::to_string(pool.agents().size());
  if (parent >= 0) record.parents = {parent};
  if (!task_half.empty()) record.notes = {{"object_hashes", {{"task", task_half}}}};
  REQUIRE(pool.add(record, {}));
}

std::map<int, double> shares(Strategy& strategy, const FakePool& pool, int draws) {
  std::vector<Rng> rngs;
  for (int i = 0; i < draws; ++i) rngs.push_back(Rng::at(1, {static_cast<std::uint64_t>(i)}));
  std::map<int, double> counted;
  for (int parent : strategy.choose_parents(pool, rngs)) counted[parent] += 1.0 / draws;
  return counted;
}

// The best of 200 edits, each of which turns one of twenty switches; a program scores the share of those that are on (OneMax, the field's
// simplest landscape on which single edits get nowhere). Candidates are gated and archived as the loop does it.
double best_of_switches(const std::string& name, std::uint64_t seed) {
  constexpr std::size_t kSwitches = 20;
  const auto strategy = *make_strategy(name);
  FakePool pool;
  std::vector<std::uint32_t> programs = {0};
  add(pool, 0);
  const auto score = [](std::uint32_t program) { return std::popcount(program) / static_cast<double>(kSwitches); };
  for (std::uint64_t i = 0; i < 200; ++i) {
    Rng rng = Rng::at(seed, {i});
    const int parent = strategy->choose_parent(pool, rng);
    const std::uint32_t before = programs[static_cast<std::size_t>(parent)], after = before ^ (1u << rng.below(kSwitches));
    if (strategy->gated() && score(after) < score(before)) continue;
    programs.push_back(after);
    add(pool, score(after), parent);
  }
  return selection_score(pool.agents()[static_cast<std::size_t>(pool.best())]);
}

}  // namespace

TEST_CASE("where edits have to come together, the search beats random edits and the best of single ones on the same number of evaluations") {
  std::map<std::string, double> mean;
  for (const char* name : {"dgmh", "greedy", "random", "best_of_n"})
    for (std::uint64_t seed = 1; seed <= 10; ++seed) mean[name] += best_of_switches(name, seed) / 10;
  UNSCOPED_INFO("dgmh " << mean["dgmh"] << ", greedy " << mean["greedy"] << ", random " << mean["random"] << ", best_of_n " << mean["best_of_n"]);
  CHECK(mean["dgmh"] > mean["random"] + 0.2);
  CHECK(mean["random"] > mean["best_of_n"] + 0.1);
  CHECK(mean["best_of_n"] == Approx(0.05));
}

TEST_CASE("the dgmh weight is the published formula") {
  CHECK(dgmh_weight(0.5, 0.5, 0) == Approx(0.5));                          // sigmoid(0)
  CHECK(dgmh_weight(0.6, 0.5, 0) == Approx(0.7310585786));                 // sigmoid(1)
  CHECK(dgmh_weight(0.3, 0.5, 0) == Approx(0.1192029220));                 // sigmoid(-2)
  CHECK(dgmh_weight(0.5, 0.5, 8) == Approx(0.5 * 0.3678794412));           // exp(-1)
  CHECK(dgmh_weight(0.6, 0.5, 4) == Approx(0.7310585786 * 0.8824969026));  // exp(-1/8)
}

TEST_CASE("dgmh draws agents in proportion to their weights") {
  FakePool pool;
  add(pool, 0.2);     // agent 0: children 1, 2 and 3
  add(pool, 0.6, 0);  // agent 1: child 4
  add(pool, 0.5, 0);
  add(pool, 0.4, 0);
  add(pool, 0.2, 1);
  const double m = 0.5;  // mean of 0.6, 0.5, 0.4
  const std::vector<double> weights = {dgmh_weight(0.2, m, 3), dgmh_weight(0.6, m, 1), dgmh_weight(0.5, m, 0), dgmh_weight(0.4, m, 0),
                                       dgmh_weight(0.2, m, 0)};
  double sum = 0;
  for (double weight : weights) sum += weight;
  DgmhStrategy strategy;
  auto drawn = shares(strategy, pool, 40000);
  for (int agent = 0; agent < 5; ++agent) CHECK(drawn[agent] == Approx(weights[static_cast<std::size_t>(agent)] / sum).margin(0.01));
}

TEST_CASE("dgmh draws a task half once, however many meta halves go with it, and half the time the agent that had it first") {
  FakePool pool;
  add(pool, 0.5, -1, "plain");
  add(pool, 0.5, 0, "better");
  for (int copy = 0; copy < 4; ++copy) add(pool, 0.5, 1, "better");
  const double plain = dgmh_weight(0.5, 0.5, 1), better = dgmh_weight(0.5, 0.5, 0), sum = plain + better;  // the copies are no children
  DgmhStrategy strategy;
  auto drawn = shares(strategy, pool, 40000);
  CHECK(drawn[0] == Approx(plain / sum).margin(0.01));
  CHECK(drawn[1] == Approx(better / sum / 2).margin(0.01));
  for (int copy = 2; copy < 6; ++copy) CHECK(drawn[copy] == Approx(better / sum / 8).margin(0.01));
}

TEST_CASE("dgmh draws the same parents whether its index grew bit by bit or all at once") {
  FakePool pool;
  DgmhStrategy grown;
  Rng scores(4);
  add(pool, 0.1);
  for (int i = 0; i < 300; ++i) {
    Rng rng(static_cast<std::uint64_t>(i)), twin(static_cast<std::uint64_t>(i));
    DgmhStrategy fresh;
    const int parent = grown.choose_parent(pool, rng);
    REQUIRE(fresh.choose_parent(pool, twin) == parent);
    const std::uint64_t score = scores.below(10);
    add(pool, static_cast<double>(score) / 10, parent, std::to_string(score) + "," + std::to_string(scores.below(10)));
  }
}

TEST_CASE("dgmh draws from the whole pool when every weight has vanished") {
  FakePool pool;
  // Three agents of a hundred children each: exp(-(100/8)^3) is 0.
  AgentRecord record;
  for (int i = 0; i < 3; ++i) add(pool, 0.5);
  for (int agent = 0; agent < 3; ++agent)
    for (int child = 0; child < 100; ++child) record.parents.push_back(agent);
  record.val = {.mean = 0, .n = 100'000'000};  // slope 10,000: half a point below the best is nothing
  REQUIRE(pool.add(record, {}));
  DgmhStrategy strategy;
  auto drawn = shares(strategy, pool, 4000);
  for (int agent = 0; agent < 4; ++agent) CHECK(drawn[agent] == Approx(0.25).margin(0.03));
}

TEST_CASE("greedy always takes the best agent") {
  FakePool pool;
  add(pool, 0.2);
  add(pool, 0.6);
  add(pool, 0.4);
  auto strategy = *make_strategy("greedy");
  CHECK(shares(*strategy, pool, 10).size() == 1);
  CHECK(shares(*strategy, pool, 10).begin()->first == 1);
}

TEST_CASE("random takes every agent equally often") {
  FakePool pool;
  for (double score : {0.0, 0.9, 0.1, 0.5}) add(pool, score);
  auto strategy = *make_strategy("random");
  auto drawn = shares(*strategy, pool, 20000);
  for (int agent = 0; agent < 4; ++agent) CHECK(drawn[agent] == Approx(0.25).margin(0.015));
  CHECK(!strategy->gated());
}

TEST_CASE("best of n always takes the first agent") {
  FakePool pool;
  add(pool, 0.2);
  add(pool, 0.6);
  auto strategy = *make_strategy("best_of_n");
  CHECK(shares(*strategy, pool, 10).size() == 1);
  CHECK(shares(*strategy, pool, 10).begin()->first == 0);
}

TEST_CASE("dgmh tells apart by four points what a thousand tasks can tell apart") {
  FakePool few, many;
  for (double val : {0.5, 0.5, 0.54, 0.54, 0.54}) {
    AgentRecord record;
    record.val = {.mean = val, .n = 100};
    record.ast_hash = std::to_string(few.agents().size());
    REQUIRE(few.add(record, {}));
    record.val.n = 2500;  // slope 50
    REQUIRE(many.add(record, {}));
  }
  auto of_few = *make_strategy("dgmh"), of_many = *make_strategy("dgmh");
  const double low = 1 / (1 + std::exp(0.4)), lower = 1 / (1 + std::exp(2.0));
  CHECK(shares(*of_few, few, 20000)[0] == Approx(low / (2 * low + 1.5)).margin(0.01));
  CHECK(shares(*of_many, many, 20000)[0] == Approx(lower / (2 * lower + 1.5)).margin(0.01));
}

TEST_CASE("an unknown strategy is a user error that names the known ones") {
  auto strategy = make_strategy("dmgh");
  REQUIRE(!strategy);
  CHECK(strategy.error().kind == ErrorKind::UserInput);
  CHECK(strategy.error().message == "unknown search strategy 'dmgh'; choose one of dgmh, greedy, random, best_of_n");
}

TEST_CASE("selecting does not slow down with the archive (printed)") {
  FakePool pool;
  Rng rng(1);
  add(pool, 0);
  for (int i = 1; i < 100000; ++i) {
    AgentRecord record;
    record.val = {.mean = static_cast<double>(rng.below(31)) / 30, .n = 30};
    record.ast_hash = std::to_string(i);
    record.parents = {static_cast<int>(rng.below(static_cast<std::uint64_t>(i)))};
    record.notes = {{"object_hashes", {{"task", std::to_string(i / 2)}}}};
    REQUIRE(pool.add(record, {}));
  }
  DgmhStrategy strategy;
  SystemClock clock;
  double start = clock.seconds();
  (void)strategy.choose_parent(pool, rng);
  const double first = clock.seconds() - start;
  start = clock.seconds();
  for (int i = 0; i < 100; ++i) (void)strategy.choose_parent(pool, rng);
  WARN("dgmh at 100,000 agents: index built in " << first * 1000 << " ms, then " << (clock.seconds() - start) * 1e4 << " us per selection");
}
