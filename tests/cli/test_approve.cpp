// Runs whose edits need approval: without a terminal they wait, and `approve` goes through them.
#include <catch2/catch.hpp>

#include "hyperagent/cli/approval.h"
#include "hyperagent/cli/cpp_source.h"
#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

// A run in which every edit waits: {"waiting": [...]} of `approve`.
Json run_with_approval(const cli_test::TemporaryDirectory& folder, const std::string& run) {
  cli_test::hyperagent({"domain", "new", "cafe", folder.path("cafe")});
  const auto finished = cli_test::hyperagent({"run", "--domain", folder.path("cafe"), "--run", run, "--generations", "1", "--batch", "6", "--seed", "3", "--approve", "--json"});
  INFO(finished.err);
  REQUIRE(finished.status == 0);
  CHECK(finished.json()["agents"] == 1);
  const auto list = cli_test::hyperagent({"approve", run, "--json"});
  REQUIRE(list.status == 0);
  return list.json()["waiting"];
}

}  // namespace

TEST_CASE("edits wait for approval without a terminal, and are tried or turned down when a person decides") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  const std::string run = folder.path("run");
  const Json waiting = run_with_approval(folder, run);
  REQUIRE(waiting.size() >= 3);
  const std::string first = waiting[0]["id"], second = waiting[1]["id"];
  CHECK_THAT(waiting[0]["why"].get<std::string>(), Contains("every edit needs approval"));

  for (const std::string& id : {first, std::string("all")}) {
    const auto both = cli_test::hyperagent({"approve", run, "--yes", id, "--no", id});
    CHECK(both.status == 1);
    CHECK_THAT(both.err, Contains("'" + id + "' is named by --yes and by --no"));
  }

  const auto turned_down = cli_test::hyperagent({"approve", run, "--no", first, "--json"});
  CHECK(turned_down.status == 0);
  CHECK(turned_down.json()["decided"][0]["outcome"] == "rejected");
  const auto approved = cli_test::hyperagent({"approve", run, "--yes", second, "--json"});
  CHECK(approved.status == 0);
  CHECK(approved.json()["decided"][0]["id"] == second);
  CHECK(approved.json()["decided"][0]["outcome"] != "queued");
  CHECK(approved.json()["waiting"] == waiting.size() - 2);

  const auto again = cli_test::hyperagent({"approve", run, "--yes", first});
  CHECK(again.status == 1);
  CHECK_THAT(again.err, Contains("no edit '" + first + "' waits"));
  const std::string third = waiting[2]["id"];
  const auto rest = cli_test::hyperagent({"approve", run, "--no", "all", "--yes", third, "--json"});
  CHECK(rest.status == 0);
  CHECK((rest.json()["decided"][0]["id"] == third && rest.json()["decided"][0]["outcome"] != "rejected"));
  CHECK(rest.json()["waiting"] == 0);
  CHECK_THAT(cli_test::hyperagent({"approve", run}).out, Contains("no edit waits for approval"));
  CHECK(cli_test::hyperagent({"resume", run, "--generations", "9", "--json"}).status == 0);
}

TEST_CASE("a policy file that cannot be read stops a run before it begins") {
  const cli_test::TemporaryDirectory folder;
  const auto refused = cli_test::hyperagent({"run", "--domain", "repair", "--run", folder.path("run"), "--policy", folder.write("policy.json", "{")});
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Contains("policy.json is not JSON: line 1, column 2: unexpected end of input"));
}

TEST_CASE("without a policy --approve asks about every edit, with one the policy decides") {
  CHECK(policy_with_approval(nullptr, false) == nullptr);
  CHECK(policy_with_approval(nullptr, true)["default"] == "needs_approval");
  CHECK(policy_with_approval({{"default", "deny"}}, true)["default"] == "deny");
}

TEST_CASE("a compile command is parted as a shell would") {
  using Words = std::vector<std::string>;
  CHECK(shell_words("c++ -DA='x y' -DB=\"p q\" -I\\ a") == Words{"c++", "-DA=x y", "-DB=p q", "-I a"});
  CHECK(shell_words("  a\t'' b ") == Words{"a", "", "b"});
  CHECK(shell_words("").empty());
}
