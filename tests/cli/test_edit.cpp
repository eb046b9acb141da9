// outline and edit on programs on disk.
#include <catch2/catch.hpp>

#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kSolve =
    "#include <ha/agent.h>\n\nnamespace {\ndouble weight() { return 0.5; }\n}  // namespace\n\n"
    "ha::Answer solve(const ha::Task& task, ha::Host& host) {\n  (void)task;\n  (void)host;\n  if (weight() > 1) return ha::Answer();\n  return ha::Answer();\n}\n";

struct Desk {
  cli_test::TemporaryDirectory folder;
  std::string agent = folder.path("mine");
  Desk() {
    folder.write("mine/agent.json", R"({"name": "mine", "api": 1})");
    folder.write("mine/task/solve.cpp", kSolve);
  }
};

}  // namespace

TEST_CASE("the outline lists functions with file, lines and signature") {
  if (!cli_test::boxes_work()) return;
  Desk desk;
  const auto outline = cli_test::hyperagent({"outline", desk.agent, "--sites"});
  CHECK(outline.status == 0);
  CHECK_THAT(outline.out, Contains("task/solve.cpp") && Contains("weight") && Contains("7-12") && Contains("typed edit sites") && Contains("literal"));
  CHECK(cli_test::hyperagent({"outline", desk.agent, "--json"}).json()["functions"].is_array());
}

TEST_CASE("an edit is shown, checked and written") {
  if (!cli_test::boxes_work()) return;
  Desk desk;
  const std::string edits = desk.folder.write("edits.json", R"([{"op": "replace_body", "function": "weight", "code": "{ return 0.7; }"}])");
  CHECK(cli_test::hyperagent({"edit", desk.agent, edits, "--check"}).status == 0);
  const auto shown = cli_test::hyperagent({"edit", desk.agent, edits});
  CHECK(shown.status == 0);
  CHECK_THAT(shown.out, Contains("0.7") && Contains("weight"));
  CHECK(cli_test::read(desk.agent + "/task/solve.cpp") == kSolve);
  CHECK(cli_test::hyperagent({"edit", desk.agent, edits, "--write"}).status == 0);
  CHECK_THAT(cli_test::read(desk.agent + "/task/solve.cpp"), Contains("return 0.7;"));
}

TEST_CASE("an edit that is refused says its code and why, and changes nothing") {
  if (!cli_test::boxes_work()) return;
  Desk desk;
  const std::string edits = desk.folder.write("edits.json", R"([{"op": "replace_body", "function": "weigh", "code": "{ return 0.7; }"}])");
  const auto refused = cli_test::hyperagent({"edit", desk.agent, edits, "--check", "--json"});
  CHECK(refused.status == 1);
  CHECK(refused.json()["refused"]["code"] == "target_not_found");
}

TEST_CASE("edits that are not JSON are the user's error") {
  Desk desk;
  const auto refused = cli_test::hyperagent({"edit", desk.agent, desk.folder.write("edits.json", "[{")});
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Contains("edits.json is not JSON"));
}
