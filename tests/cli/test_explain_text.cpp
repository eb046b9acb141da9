#include <catch2/catch.hpp>

#include "hyperagent/report/explain_text.h"
#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

TEST_CASE("a lineage runs from the root to the agent") {
  const std::vector<AgentRecord> agents = {cli_test::root(), cli_test::child(1, 0, 0.1), cli_test::child(2, 0, 0.2), cli_test::child(3, 1, 0.3)};
  CHECK(lineage_of(agents, 3) == std::vector<int>{0, 1, 3});
}

TEST_CASE("each step tells its reason, its edits, its gain and its diff") {
  const AgentRecord first = cli_test::root(), second = cli_test::child(1, 0, 0.3);
  const std::vector<Step> steps = {{first, nullptr, Json(), ""}, {second, &first, {{"functions", Json::array()}}, "solve (task/solve.cpp)\n"}};
  const std::string text = explain_text(steps, Json());
  CHECK_THAT(text, Contains("agent 1 is 1 step from agent 0 (blank); train 0.000 -> 0.300; val 0.000 -> 0.300"));
  CHECK_THAT(text, Contains("why: step 1") && Contains("edit: set_literal in solve") && Contains("val 0.300 (+0.300)") && Contains("    solve (task/solve.cpp)"));
  const Json json = explain_json(steps, Json());
  CHECK(json["steps"][0]["val_change"].is_null());
  CHECK(json["steps"][1]["val_change"].get<double>() == Approx(0.3));
}

TEST_CASE("stage times are the last word of each session, summed") {
  const std::vector<Json> events = {{{"event", "session"}}, {{"event", "generation"}, {"stages", {{"run", 1.0}}}},
                                    {{"event", "done"}, {"stages", {{"run", 2.0}, {"compile", 1.0}}}}, {{"event", "session"}},
                                    {{"event", "generation"}, {"stages", {{"run", 3.0}}}}};
  CHECK(stage_seconds(events) == Json{{"run", 5.0}, {"compile", 1.0}});
}

TEST_CASE("stages are listed with their shares, the longest first") {
  CHECK(stages_text({{"compile", 1.0}, {"run", 3.0}}) == "  run        75%  3.0 s\n  compile    25%  1.0 s\n");
  CHECK(stages_text(Json::object()).empty());
}
