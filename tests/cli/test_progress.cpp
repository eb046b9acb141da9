#include <catch2/catch.hpp>

#include "hyperagent/cli/progress.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

Json generation() {
  return {{"event", "generation"}, {"generation", 4}, {"best_agent", 7}, {"best_val", 0.5}, {"best_train", 0.25}, {"candidates", 32},
          {"candidates_per_second", 3.21}, {"refused", {{"type_check", 3}, {"parse", 1}}}, {"seconds", 10.0}, {"eta", 65.0}};
}

Json agent(int id, double val) { return {{"event", "agent"}, {"id", id}, {"generation", 4}, {"val", val}, {"train", 0.1}, {"reason", "looks further"}}; }

}  // namespace

TEST_CASE("the live line tells generation, best, rate, refusals, what is left and when it ends") {
  CHECK(ProgressText({10, 100, 180}, {}).status(generation()) ==
        "generation 4/10  best 0.500 val, 0.250 train (agent 7)  3.2 cand/s  refused 4 (type_check 3, parse 1)  left 2 min 50 s, 68 candidates, 6 generations"
        "  ETA 1 min 05 s");
}

TEST_CASE("the live line does without what is not known") {
  CHECK(ProgressText({}, {}).status({{"event", "generation"}, {"generation", 1}, {"best_val", nullptr}}) == "generation 1  best - val, - train");
}

TEST_CASE("only a better agent than all before is a milestone, and it tells its reason") {
  ProgressText text({}, 0.3);
  CHECK_FALSE(text.milestone(agent(5, 0.3)));
  const auto line = text.milestone(agent(6, 0.4));
  REQUIRE(line);
  CHECK_THAT(*line, Contains("new best: agent 6") && Contains("val 0.400") && Contains("looks further"));
  CHECK_FALSE(text.milestone(agent(7, 0.4)));
}
