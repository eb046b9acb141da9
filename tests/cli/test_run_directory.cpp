#include <catch2/catch.hpp>

#include "hyperagent/cli/run_directory.h"
#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

TEST_CASE("settings survive being written and read") {
  cli_test::TemporaryDirectory folder;
  RunSettings settings;
  settings.domain = "repair";
  settings.seeds = {"clever"};
  settings.loop.seed = 5;
  settings.loop.target = 0.5;
  REQUIRE(RunDirectory::create(folder.path("run"), settings));
  const auto opened = RunDirectory::open(folder.path("run"));
  REQUIRE(opened);
  CHECK(to_json(opened->settings()) == to_json(settings));
}

TEST_CASE("a directory that holds a run names resume") {
  cli_test::TemporaryDirectory folder;
  REQUIRE(RunDirectory::create(folder.path("run"), {}));
  const auto checked = RunDirectory::check_new(folder.path("run"));
  REQUIRE_FALSE(checked);
  CHECK(checked.error().kind == ErrorKind::UserInput);
  CHECK_THAT(checked.error().message, Contains("hyperagent resume"));
}

TEST_CASE("a directory with other files is not used for a run") {
  cli_test::TemporaryDirectory folder;
  folder.write("run/thesis.tex", "precious");
  CHECK_FALSE(RunDirectory::check_new(folder.path("run")));
}

TEST_CASE("a run that never began is cleared away, but nothing else") {
  cli_test::TemporaryDirectory folder;
  auto directory = RunDirectory::create(folder.path("run"), {});
  REQUIRE(directory);
  folder.write("run/thesis.tex", "precious");
  directory->discard();
  CHECK(cli_test::read(folder.path("run/thesis.tex")) == "precious");
  CHECK(RunDirectory::check_new(folder.path("run")).error().message.find("resume` needs one") != std::string::npos);
}

TEST_CASE("a directory without a run is a user error") {
  cli_test::TemporaryDirectory folder;
  const auto opened = RunDirectory::open(folder.path());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::UserInput);
}

TEST_CASE("too little free disk is an error of the environment") {
  cli_test::TemporaryDirectory folder;
  const auto checked = check_free_space(folder.path("not/yet/there"), ~0ull >> 1);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().kind == ErrorKind::Environment);
  CHECK_THAT(checked.error().message, Contains("MiB free"));
  CHECK(check_free_space(folder.path("not/yet/there"), 1));
}

TEST_CASE("what the archive stores does not depend on budgets or paths") {
  RunSettings one, other;
  one.domain = "/here/cafe";
  one.agent = "/here/agent";
  one.loop.generations = 5;
  other.domain = "/there/cafe";
  other.agent = "/there/agent";
  other.loop.max_seconds = 60;
  CHECK(archive_options(one, "cafe") == archive_options(other, "cafe"));
}
