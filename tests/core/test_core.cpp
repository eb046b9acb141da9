#include <catch2/catch.hpp>

#include "hyperagent/core/outcome.h"
#include "hyperagent/core/pool.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/rng.h"
#include "hyperagent/core/score.h"

using namespace hyperagent;

TEST_CASE("a result holds a value or an error") {
  const Result<int> good = 3, bad = user_error("cannot read x: no such file");
  CHECK(good.has_value());
  CHECK(*good == 3);
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().message == "cannot read x: no such file");
}

TEST_CASE("the selection score is val, but no more than train and val say together") {
  AgentRecord agent;
  CHECK(selection_score(agent) == 0);
  agent.train = {.mean = 0.5, .n = 30};
  CHECK(selection_score(agent) == 0.5);
  agent.val = {.mean = 0.4, .n = 10};
  CHECK(selection_score(agent) == 0.4);  // train learnt by heart is worth nothing
  agent.val.mean = 0.7;
  CHECK(selection_score(agent) == Approx(0.55));  // a lucky val is discounted
}

TEST_CASE("a domain's own measure drives selection where it has one") {
  AgentRecord agent;
  agent.train = {.mean = 0.5, .n = 10};
  agent.val = {.mean = 0.5, .n = 10};
  agent.metrics = {{"train", {{"selection", 0.6}}}, {"val", {{"selection", 0.8}}}};
  CHECK(selection_score(agent) == Approx(0.7));
  agent.metrics = {{"train", {{"auc", 0.6}}}};
  CHECK(selection_score(agent) == 0.5);
}

TEST_CASE("a score is a mean with the standard error of the mean") {
  const std::vector<TaskResult> results = {{"a", 1, {}}, {"b", 0, {}}, {"c", 1, {}}, {"d", 0, {}}};
  const Score score = score_of(results);
  CHECK(score.mean == Approx(0.5));
  CHECK(score.standard_error == Approx(0.288675).epsilon(1e-5));  // sqrt(1/3) / 2
  CHECK(score.n == 4);
}

TEST_CASE("no score is not a score of 0") {
  CHECK(to_json(score_of({}))["score"].is_null());
  CHECK(score_from(to_json(score_of({}))).n == 0);
}

TEST_CASE("random numbers are the same for the same seed and place, and differ between places") {
  Rng first(7), second(7);
  for (int i = 0; i < 10; ++i) CHECK(first.next() == second.next());
  CHECK(Rng::at(7, {1, 2}).next() == Rng::at(7, {1, 2}).next());
  CHECK(Rng::at(7, {1, 2}).next() != Rng::at(7, {2, 1}).next());
}

TEST_CASE("a weighted draw follows its weights") {
  Rng rng(11);
  const std::vector<double> weights = {1, 0, 3};
  int counts[3] = {};
  for (int i = 0; i < 4000; ++i) ++counts[rng.weighted(weights)];
  CHECK(counts[1] == 0);
  CHECK(counts[2] > 2 * counts[0]);
  CHECK(counts[2] < 4 * counts[0]);
}

TEST_CASE("an agent's record survives the way through JSON") {
  AgentRecord record;
  record.id = 5;
  record.parents = {2};
  record.origin = "edit";
  record.reason = "because";
  record.train = {0.5, 0.1, 30};
  record.train_results = {{"t", 1, {{"why", "ok"}}}};
  CHECK(to_json(agent_record_from(to_json(record))) == to_json(record));
}

TEST_CASE("outcomes say in words how a program ended") {
  CHECK(describe(Exited{1}) == "exited with status 1");
  CHECK(describe(TimedOut{2}) == "timed out after 2 s");
  CHECK(succeeded(Exited{0}));
  CHECK_FALSE(succeeded(Signalled{9}));
}
