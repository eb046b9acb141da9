#include <catch2/catch.hpp>

#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

TEST_CASE("a new domain checks out") {
  cli_test::TemporaryDirectory folder;
  CHECK(cli_test::hyperagent({"domain", "new", "cafe", folder.path("cafe")}).status == 0);
  const auto checked = cli_test::hyperagent({"domain", "check", folder.path("cafe")});
  CHECK(checked.status == 0);
  CHECK_THAT(checked.out, Contains("cafe: target verdict") && Contains("14 of 14 expected answers score 1"));
  CHECK(cli_test::hyperagent({"domain", "check", folder.path("cafe"), "--json"}).json()["ok"] == true);
}

TEST_CASE("a domain is not written over somebody's files") {
  cli_test::TemporaryDirectory folder;
  folder.write("cafe/thesis.tex", "precious");
  CHECK(cli_test::hyperagent({"domain", "new", "cafe", folder.path("cafe")}).status == 1);
}
