#include <catch2/catch.hpp>

#include "hyperagent/cli/agent_source.h"
#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

struct Shelf {
  cli_test::TemporaryDirectory folder;
  Paths paths = cli_test::fake_installation(folder);

  std::string error_of(const std::string& name) {
    const auto agent = load_agent(paths, name);
    REQUIRE_FALSE(agent);
    CHECK(agent.error().kind == ErrorKind::UserInput);
    return agent.error().message;
  }
  std::string agent(const std::string& descriptor) {
    folder.write("mine/task/solve.cpp", "int solve();\n");
    folder.write("mine/agent.json", descriptor);
    return folder.path("mine");
  }
};

}  // namespace

TEST_CASE("blank is the shipped task half with the default meta half") {
  Shelf shelf;
  const auto agent = load_agent(shelf.paths, "blank");
  REQUIRE(agent);
  CHECK(agent->origin == "blank");
  CHECK(agent->source.files.count("task/solve.cpp") == 1);
  CHECK(agent->source.files.at("meta/improve.cpp") == "int improve();\n");
  CHECK(Json::parse(agent->source.files.at("agent.json")) == Json{{"name", "blank"}, {"api", 1}, {"description", "Knows nothing."}});
}

TEST_CASE("a directory is an agent; the default meta half is put in where it has none") {
  Shelf shelf;
  const auto agent = load_agent(shelf.paths, shelf.agent(R"({"name": "mine", "api": 1})"));
  REQUIRE(agent);
  CHECK(agent->origin == "seed mine");
  CHECK(agent->source.files.count("meta/improve.cpp") == 1);
  CHECK(agent->on_disk.count("meta/improve.cpp") == 0);
  CHECK(agent->on_disk.count("task/solve.cpp") == 1);
}

TEST_CASE("an unknown agent is an error that lists the shipped ones") {
  Shelf shelf;
  CHECK_THAT(shelf.error_of("no_such_agent"), Contains("there is no agent 'no_such_agent'") && Contains("blank, clever"));
}

TEST_CASE("a directory without agent.json is an error that says what to write") {
  Shelf shelf;
  shelf.folder.write("mine/task/solve.cpp", "int solve();\n");
  CHECK_THAT(shelf.error_of(shelf.folder.path("mine")), Contains("it has no agent.json"));
}

TEST_CASE("broken JSON in agent.json is an error that says where") {
  Shelf shelf;
  CHECK_THAT(shelf.error_of(shelf.agent("{\"name\": ")), Contains("agent.json is not JSON") && Contains("line 1"));
}

TEST_CASE("an agent of another API version is an error that names both versions") {
  Shelf shelf;
  CHECK_THAT(shelf.error_of(shelf.agent(R"({"name": "mine", "api": 7})")), Contains("API version 7") && Contains("has version 1"));
}

TEST_CASE("an agent without a name is an error") {
  Shelf shelf;
  CHECK_THAT(shelf.error_of(shelf.agent(R"({"api": 1})")), Contains("has no \"name\""));
}

TEST_CASE("an agent without a task half is an error") {
  Shelf shelf;
  shelf.folder.write("mine/agent.json", R"({"name": "mine", "api": 1})");
  CHECK_THAT(shelf.error_of(shelf.folder.path("mine")), Contains("has no task half"));
}

TEST_CASE("an agent of more than a megabyte is an error") {
  Shelf shelf;
  const std::string path = shelf.agent(R"({"name": "mine", "api": 1})");
  shelf.folder.write("mine/task/more.cpp", std::string(700'000, ' '));
  shelf.folder.write("mine/task/most.cpp", std::string(700'000, ' '));
  CHECK_THAT(shelf.error_of(path), Contains("too large"));
}

TEST_CASE("a file that no compiler reads is an error rather than silently left out") {
  Shelf shelf;
  const std::string path = shelf.agent(R"({"name": "mine", "api": 1})");
  shelf.folder.write("mine/task/weights.bin", "x");
  CHECK_THAT(shelf.error_of(path), Contains("weights.bin is not part of an agent"));
}

TEST_CASE("a single file counts as the half its folder names") {
  Shelf shelf;
  const auto task = load_program(shelf.paths, shelf.folder.write("some/solve.cpp", "int mine();\n"));
  REQUIRE(task);
  CHECK(task->source.files.at("task/solve.cpp") == "int mine();\n");
  const auto meta = load_program(shelf.paths, shelf.folder.write("some/meta/improve.cpp", "int better();\n"));
  REQUIRE(meta);
  CHECK(meta->source.files.at("meta/improve.cpp") == "int better();\n");
}
