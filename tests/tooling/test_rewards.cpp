// Agents of the robot_reward domain: a reward instead of solve(), and typed edits over the state's terms.
#include "tests/tooling/fixture.h"

#include "tooling/agent_build.h"
#include "tooling/edits.h"
#include "tooling/sites.h"

using namespace hyperagent;
using namespace hyperagent::tooling;

namespace {

Files reward_agent(const std::string& source) {
  Files files = blank_agent();
  files["task/solve.cpp"] = source;
  return files;
}
Files shipped_reward(const std::string& name) { return reward_agent(read_file(HYPERAGENT_TEST_SHARE "/agents/task/" + name + ".cpp")); }

std::string built(const Files& files) {
  auto agent = build_agent(test_compiler(), files);
  REQUIRE(agent);
  const auto* refusal = std::get_if<Refusal>(&*agent);
  return refusal == nullptr ? "" : refusal->code;
}

}  // namespace

TEST_CASE("the rewards that ship compile, and an agent needs one entry point of either kind") {
  for (const char* name : {"reward_blank", "reward_weak", "reward_walk", "reward_hop"}) CHECK(built(shipped_reward(name)) == "");
  CHECK(built(reward_agent("#include <ha/robot.h>\nfloat rewards(const ha::robot::State&) { return 0.0f; }\n")) == refusal::kEntryPoints);
  CHECK(built(reward_agent("#include <ha/robot.h>\ndouble reward(const ha::robot::State&, int) { return 0.0; }\n")) == refusal::kEntryPoints);
}

TEST_CASE("typed edits of the blank reward type-check, and one in twenty expressions tracks the commanded speed") {
  const Files files = shipped_reward("reward_blank");
  auto parsed = Program::parse(test_compiler(), files);
  REQUIRE(std::holds_alternative<Program>(parsed));
  const Program& program = std::get<Program>(parsed);
  Vocabulary vocabulary;
  vocabulary.headers = {"ha/robot.h"};
  std::string function;
  const Json groups = site_groups(program)["groups"];
  for (const Json& group : groups)
    if (group["half"] == "task" && group["kind"] == "expression") function = group["function"];
  REQUIRE_FALSE(function.empty());
  int drawn = 0, refused = 0, tracking = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Json edit = draw_edit(program, function, "expression", seed, vocabulary)["edit"];
    if (edit.is_null()) continue;
    ++drawn;
    const std::string code = edit["code"];
    tracking += code.find("small(ha::forward_error(state)") != std::string::npos ? 1 : 0;
    if (seed % 10 == 0) {
      auto edited = apply_edits(test_compiler(), files, Json::array({edit}));
      INFO(code);
      if (std::holds_alternative<Refusal>(edited)) ++refused;
    }
  }
  INFO(drawn << " drawn, " << tracking << " track the command, " << refused << " of 20 refused");
  CHECK(drawn > 180);
  CHECK(tracking * 20 >= drawn);
  CHECK(refused <= 1);
}
