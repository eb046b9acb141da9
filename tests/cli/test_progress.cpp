#include <catch2/catch.hpp>

#include "hyperagent/cli/progress.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

Json generation() {
  return {{"event", "generation"}, {"generation", 4}, {"best_agent", 7}, {"best_score", 0.4}, {"best_val", 0.5}, {"best_train", 0.25}, {"candidates", 32},
          {"candidates_per_second", 3.21}, {"refused", {{"type_check", 3}, {"parse", 1}}}, {"seconds", 10.0}, {"eta", 65.0}};
}

Json agent(int id, double score, double val, bool best) {
  return {{"event", "agent"}, {"id", id}, {"generation", 4}, {"score", score}, {"best", best}, {"val", val}, {"train", 0.1}, {"reason", "looks further"}};
}

}  // namespace

TEST_CASE("the live line tells generation, best, rate, refusals, what is left and when it ends") {
  CHECK(ProgressText({10, 100, 180}).status(generation()) ==
        "generation 4/10  best 0.400 (val 0.500, train 0.250) agent 7  3.2 cand/s  refused 4 (type_check 3, parse 1)  left 2 min 50 s, 68 candidates, 6 generations"
        "  ETA 1 min 05 s");
}

TEST_CASE("the live line does without what is not known") {
  CHECK(ProgressText({}).status({{"event", "generation"}, {"generation", 1}, {"best_val", nullptr}}) == "generation 1  best - (val -, train -)");
}

TEST_CASE("a live line that is too long leaves out refusals first, and keeps what is left and the ETA") {
  Json event = generation();
  const ProgressText all({10, 100, 180}), time({0, 0, 180});
  CHECK(time.status(event, 120) == "generation 4  best 0.400 (val 0.500, train 0.250) agent 7  3.2 cand/s  refused 4  left 2 min 50 s  ETA 1 min 05 s");
  CHECK(time.status(event, 79) == "generation 4  best 0.400 agent 7  left 2 min 50 s  ETA 1 min 05 s");
  CHECK(ProgressText({10, 0, 0}).status(event, 100) == "generation 4/10  best 0.400 (val 0.500, train 0.250) agent 7  left 6 generations  ETA 1 min 05 s");
  CHECK(ProgressText({10, 0, 9000}).status(event, 100) == "generation 4/10  best 0.400 (val 0.500, train 0.250) agent 7  left 2 h 29 min  ETA 1 min 05 s");
  CHECK(all.status(event, 79) == "generation 4/10  best 0.400  left 2 min 50 s, 68 candidates  ETA 1 min 05 s");
  event.update({{"generation", 12345}, {"candidates", 100000}, {"eta", 86000.0}});
  const std::string longest = ProgressText({100000, 1000000, 90000}).status(event, 79);
  CHECK(longest.size() <= 79);
  CHECK_THAT(longest, Contains("left 24 h 59 min, 900000 candidates") && Contains("ETA 23 h 53 min"));
}

TEST_CASE("only the agent that is the pool's best now is a milestone, whatever val says, and it tells its reason") {
  CHECK_FALSE(ProgressText::milestone(agent(5, 0.3, 0.9, false)));
  const auto line = ProgressText::milestone(agent(6, 0.4, 0.5, true));
  REQUIRE(line);
  CHECK(*line == "new best: agent 6 in generation 4, score 0.400 (val 0.500, train 0.100): looks further");
}
