#include <catch2/catch.hpp>

#include "hyperagent/report/tree_text.h"
#include "tests/cli/fixture.h"

using namespace hyperagent;
using cli_test::child;
using cli_test::root;

TEST_CASE("children hang below their parent, with scores and the best marked") {
  const std::vector<AgentRecord> agents = {root(), child(1, 0, 0.1), child(2, 1, 0.4), child(3, 0, 0.2)};
  CHECK(tree_text(agents, 2) ==
        "0 blank  train 0.000  val 0.000  2 children\n"
        "|- 1 step 1  train 0.100  val 0.100  1 child\n"
        "|  `- 2 step 2  train 0.400  val 0.400  <- best\n"
        "`- 3 step 3  train 0.200  val 0.200\n");
}

TEST_CASE("a long line of only children is folded in its middle") {
  std::vector<AgentRecord> agents = {root()};
  for (int id = 1; id <= 12; ++id) agents.push_back(child(id, id - 1, id / 100.0));
  const std::string text = tree_text(agents, 12);
  CHECK(text.find("... 7 more in line") != std::string::npos);
  CHECK(text.find("step 2 ") != std::string::npos);
  CHECK(text.find("step 5 ") == std::string::npos);
  CHECK(text.find("<- best") != std::string::npos);
}

TEST_CASE("a crowd of childless children is folded to its best") {
  std::vector<AgentRecord> agents = {root()};
  for (int id = 1; id <= 20; ++id) agents.push_back(child(id, 0, id == 7 ? 0.9 : 0.1));
  const std::string text = tree_text(agents, 7);
  CHECK(text.find("step 7 ") != std::string::npos);
  CHECK(text.find("... 15 more without children") != std::string::npos);
}

TEST_CASE("with all set nothing is folded") {
  std::vector<AgentRecord> agents = {root()};
  for (int id = 1; id <= 30; ++id) agents.push_back(child(id, id < 15 ? id - 1 : 0, 0.1));
  const std::string text = tree_text(agents, 1, {.all = true});
  CHECK(std::count(text.begin(), text.end(), '\n') == 31);
}

TEST_CASE("a lineage of a hundred thousand agents is printed without recursion") {
  std::vector<AgentRecord> agents = {root()};
  for (int id = 1; id < 100'000; ++id) agents.push_back(child(id, id - 1, 0.1));
  CHECK(tree_text(agents, 1).size() < 2000);
}

TEST_CASE("an empty archive says so") { CHECK(tree_text({}, -1) == "no agents yet\n"); }

TEST_CASE("the tree as JSON counts every agent's children") {
  const Json tree = tree_json({root(), child(1, 0, 0.1), child(2, 0, 0.4)}, 2);
  CHECK(tree["best"] == 2);
  CHECK(tree["agents"][0]["children"] == 2);
  CHECK(tree["agents"][2]["val"]["score"] == 0.4);
}
