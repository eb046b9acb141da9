#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using cli_test::Finished;

namespace {

Finished hyperagent_says(std::vector<std::string> arguments) { return cli_test::hyperagent(std::move(arguments)); }

}  // namespace

TEST_CASE("the version is printed") {
  const Finished finished = hyperagent_says({"--version"});
  CHECK(finished.status == 0);
  CHECK_THAT(finished.out, StartsWith("hyperagent "));
}

TEST_CASE("every command has help with an example") {
  for (const char* command : {"run", "resume", "seed", "evaluate", "tree", "show", "diff", "explain", "outline", "edit", "doctor"}) {
    const Finished finished = hyperagent_says({command, "--help"});
    INFO(command);
    CHECK(finished.status == 0);
    CHECK_THAT(finished.out, Contains("--json") && Contains(std::string("Example:\n  hyperagent ") + command));
  }
  for (const char* command : {"list", "new", "check"}) CHECK_THAT(hyperagent_says({"domain", command, "--help"}).out, Contains("Example:"));
}

TEST_CASE("an unknown command or option is the user's error and points to the help") {
  CHECK(hyperagent_says({}).status == 1);
  CHECK(hyperagent_says({"fly"}).status == 1);
  const Finished finished = hyperagent_says({"tree", "run", "--colour"});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.err, StartsWith("hyperagent: ") && Contains("hyperagent tree --help"));
}

TEST_CASE("a flag that a command does not have is named with the nearest that it has, before anything else that is wrong") {
  for (const char* command :
       {"run", "resume", "seed", "evaluate", "tree", "show", "diff", "explain", "outline", "edit", "approve", "doctor"}) {
    const Finished finished = hyperagent_says({command, "--jsno"});
    INFO(command);
    CHECK(finished.status == 1);
    CHECK_THAT(finished.err, Contains("there is no flag --jsno; did you mean '--json'?"));
  }
  CHECK_THAT(hyperagent_says({"run", "--domian=repair", "--run", "x"}).err,
             Contains("there is no flag --domian; did you mean '--domain'?"));
  CHECK_THAT(hyperagent_says({"domain", "new", "a", "b", "--quite-other"}).err,
             Contains("there is no flag --quite-other; see `hyperagent domain new --help`"));
}

TEST_CASE("with --json an error is a JSON object on standard output, too") {
  const Finished finished = hyperagent_says({"tree", "/nowhere", "--json"});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.json()["error"].get<std::string>(), Contains("/nowhere"));
  CHECK_THAT(finished.err, StartsWith("hyperagent: "));
}

TEST_CASE("an unknown language model is an error that names the known providers") {
  cli_test::TemporaryDirectory folder;
  const Finished finished = hyperagent_says({"run", "--domain", "repair", "--run", folder.path("run"), "--model", "oracle"});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.err, Contains("there is no model 'oracle'") && Contains("anthropic"));
}

TEST_CASE("an unknown strategy is an error that names the known ones") {
  cli_test::TemporaryDirectory folder;
  const Finished finished = hyperagent_says({"run", "--domain", "repair", "--run", folder.path("run"), "--search", "magic"});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.err, Contains("magic") && Contains("dgmh"));
}

TEST_CASE("numbers out of range are refused") {
  cli_test::TemporaryDirectory folder;
  for (const auto& [option, value] : {std::pair{"--generations", "0"}, {"--max-time", "-3"}, {"--workers", "0"}, {"--batch", "x"}, {"--seed", "-1"}}) {
    INFO(option);
    CHECK(hyperagent_says({"run", "--domain", "repair", "--run", folder.path("run"), option, value}).status == 1);
  }
}

TEST_CASE("what is not a number is no limit, and no setting of a model") {
  cli_test::TemporaryDirectory folder;
  for (const char* command : {"run", "resume"})
    for (const char* option : {"--max-time", "--target", "--max-cost", "--temperature", "--model-timeout"})
      for (const char* value : {"nan", "-nan", "NAN", "inf"}) {
        if (std::string(command) == "resume" && (std::string(option) == "--temperature" || std::string(option) == "--model-timeout")) continue;
        INFO(command << " " << option << " " << value);
        std::vector<std::string> words = {command, folder.path("run"), std::string(option) + "=" + value};
        if (words[0] == "run") words = {"run", "--domain", "nowhere", "--run", folder.path("run"), words[2]};
        const Finished finished = hyperagent_says(words);
        CHECK(finished.status == 1);
        CHECK_THAT(finished.err, Contains(option) && (Contains("not a number") || Contains("not in range")));
      }
  ::setenv("HYPERAGENT_TEMPERATURE", "nan", 1);
  CHECK_THAT(hyperagent_says({"doctor", "--model", "ollama:x"}).err, Contains("not a number"));
  ::unsetenv("HYPERAGENT_TEMPERATURE");
}

TEST_CASE("an existing run directory is refused and resume is named") {
  cli_test::TemporaryDirectory folder;
  folder.write("run/run.json", "{}");
  const Finished finished = hyperagent_says({"run", "--domain", "repair", "--run", folder.path("run")});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.err, Contains("hyperagent resume"));
}

TEST_CASE("the list of domains is an array of names") {
  const Finished finished = hyperagent_says({"domain", "list", "--json"});
  CHECK(finished.status == 0);
  REQUIRE(finished.json().is_array());
  CHECK(finished.json().at(0).contains("name"));
}

TEST_CASE("evaluate knows three splits") {
  const Finished finished = hyperagent_says({"evaluate", "/nowhere", "best", "--split", "exam"});
  CHECK(finished.status == 1);
  CHECK_THAT(finished.err, Contains("train, val or test"));
}
