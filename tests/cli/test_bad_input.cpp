// What a user can get wrong that needs boxes to be found out. Nothing may be created, nothing lost.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;
using cli_test::Finished;

namespace {

struct Bench {
  cli_test::TemporaryDirectory folder;
  std::string domain = folder.path("cafe");
  std::string run = folder.path("run");

  Bench() { cli_test::hyperagent({"domain", "new", "cafe", domain}); }
  Finished start(std::vector<std::string> more) {
    more.insert(more.begin(), {"run", "--run", run, "--generations", "1"});
    return cli_test::hyperagent(more);
  }
  bool nothing_created() const { return !std::filesystem::exists(run); }
};

}  // namespace

TEST_CASE("an unknown domain is an error that names the known ones") {
  if (!cli_test::boxes_work()) return;
  Bench bench;
  const Finished finished = bench.start({"--domain", "alchemy"});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.err, Contains("alchemy") && Contains("paper_review"));
  CHECK(bench.nothing_created());
}

TEST_CASE("a malformed agent directory is an error") {
  if (!cli_test::boxes_work()) return;
  Bench bench;
  bench.folder.write("mine/agent.json", "{");
  const Finished finished = bench.start({"--domain", bench.domain, "--agent", bench.folder.path("mine")});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.err, Contains("agent.json is not JSON: line 1, column 2: unexpected end of input"));
  CHECK(bench.nothing_created());
}

TEST_CASE("an agent that does not compile is an error with Clang's words") {
  if (!cli_test::boxes_work()) return;
  Bench bench;
  bench.folder.write("mine/agent.json", R"({"name": "mine", "api": 1})");
  bench.folder.write("mine/task/solve.cpp", "#include <ha/agent.h>\nha::Answer solve(const ha::Task&, ha::Host&) { return nonsense; }\n");
  const Finished finished = bench.start({"--domain", bench.domain, "--agent", bench.folder.path("mine")});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.err, Contains("does not compile") && Contains("use of undeclared identifier 'nonsense'"));
  CHECK(bench.nothing_created());
}

TEST_CASE("a broken row is an error that names its line") {
  if (!cli_test::boxes_work()) return;
  Bench bench;
  const std::string rows = cli_test::read(bench.domain + "/train.jsonl");
  bench.folder.write("cafe/train.jsonl", rows.substr(0, rows.find('\n') + 1) + "{\"id\": \"broken\n");
  const Finished finished = bench.start({"--domain", bench.domain});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.err, Contains("train.jsonl") && Contains("2"));
  CHECK(bench.nothing_created());
}

TEST_CASE("an agent without the function that its domain calls is an error that names both, before anything is created or scored") {
  if (!cli_test::boxes_work()) return;
  Bench bench;
  const Finished rewards = bench.start({"--domain", bench.domain, "--agent", "reward_walk"});
  CHECK(rewards.status == 1);
  CHECK_THAT(rewards.err, Contains("reward_walk defines `reward`") && Contains("calls `solve`") && Contains("robot_reward"));
  CHECK(bench.nothing_created());

  const Finished solves = bench.start({"--domain", "robot_reward", "--agent", "review_by_words"});
  if (solves.err.find("built without the robot") != std::string::npos) {
    WARN("SKIPPED: built without the robot");
    return;
  }
  CHECK(solves.status == 1);
  CHECK_THAT(solves.err, Contains("review_by_words defines `solve`") && Contains("calls `reward`") && Contains("reward_blank"));
  CHECK(bench.nothing_created());

  REQUIRE(bench.start({"--domain", bench.domain, "--batch", "2"}).status == 0);
  const Finished evaluated = cli_test::hyperagent({"evaluate", bench.run, "best", "--split", "test", "--domain", "robot_reward"});
  CHECK(evaluated.status == 1);
  CHECK_THAT(evaluated.err, Contains("defines `solve`") && Contains("calls `reward`"));
  CHECK_THAT(cli_test::hyperagent({"seed", bench.run, "reward_walk"}).err, Contains("reward_walk defines `reward`"));
}
