// Real searches on the example domain that `domain new` writes: a few generations, then every command that looks at a run.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;
using cli_test::Finished;
using cli_test::TemporaryDirectory;

namespace {

std::string example_domain(const TemporaryDirectory& folder) {
  cli_test::hyperagent({"domain", "new", "cafe", folder.path("cafe")});
  return folder.path("cafe");
}

Json run_search(const std::string& domain, const std::string& run, const std::string& generations, const std::string& workers) {
  const Finished finished = cli_test::hyperagent(
      {"run", "--domain", domain, "--run", run, "--generations", generations, "--batch", "4", "--workers", workers, "--seed", "3", "--json"});
  INFO(finished.err);
  REQUIRE(finished.status == 0);
  return finished.json();
}

}  // namespace

TEST_CASE("a run goes from a blank agent to a done event, and every command can look at it") {
  if (!cli_test::boxes_work()) return;
  const TemporaryDirectory folder;
  const std::string domain = example_domain(folder), run = folder.path("run");
  const Json done = run_search(domain, run, "3", "2");
  CHECK(done["event"] == "done");
  for (const char* member : {"best_agent", "best_train", "best_val", "archive_head", "agents", "candidates", "seconds", "refused", "stages"}) {
    INFO(member);
    CHECK(done.contains(member));
  }
  CHECK(done["candidates"] == 12);

  const Finished resumed = cli_test::hyperagent({"resume", run, "--generations", "4", "--json"});
  INFO(resumed.err);
  CHECK(resumed.status == 0);
  CHECK(resumed.json()["candidates"] == 16);

  const Json score = cli_test::hyperagent({"evaluate", run, "best", "--split", "test", "--json"}).json();
  CHECK(score["n"] == 4);
  CHECK(score["per_task"].size() == 4);
  CHECK(score.contains("stderr"));

  const Finished tree = cli_test::hyperagent({"tree", run});
  CHECK_THAT(tree.out, Contains("0 blank") && Contains("<- best"));
  CHECK_THAT(cli_test::hyperagent({"show", run, "best", "--source"}).out, Contains("--- task/solve.cpp") && Contains("val"));
  const Finished diff = cli_test::hyperagent({"diff", run, "blank", "best", "--unified"});
  CHECK(diff.status == 0);
  CHECK_THAT(diff.out, Contains("from agent 0"));
  CHECK(cli_test::hyperagent({"diff", run, "blank", "best", "--format", "json"}).json()["diff"].is_object());
  CHECK(cli_test::hyperagent({"diff", run, "blank", "best", "--format", "html"}).out.starts_with("<section class=\"hyperagent\">"));
  CHECK(cli_test::hyperagent({"diff", run, "best", "--lineage", "--json"}).json()["steps"].size() >= 2);
  CHECK(cli_test::hyperagent({"diff", run, "best"}).status == 1);
  CHECK_THAT(cli_test::hyperagent({"explain", run, "best"}).out, Contains("where the run spent its time"));

  CHECK(cli_test::run({"git", "clone", "-q", run + "/archive.git", folder.path("clone")}).status == 0);
  CHECK_THAT(cli_test::run({"git", "-C", folder.path("clone"), "log", "--format=%s"}).out, Contains("agent 0: blank") && Contains("generation 1"));
}

TEST_CASE("resume refuses a limit that is spent, says what would do, and takes another kind in its place") {
  if (!cli_test::boxes_work()) return;
  const TemporaryDirectory folder;
  const std::string domain = example_domain(folder), run = folder.path("run");
  const Finished first = cli_test::hyperagent({"run", "--domain", domain, "--run", run, "--max-candidates", "4", "--batch", "2", "--seed", "3", "--json"});
  INFO(first.err);
  REQUIRE(first.json()["generation"] == 2);
  const std::string settings = cli_test::read(run + "/run.json");
  const auto resumed = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"resume", run, "--json"});
    return cli_test::hyperagent(more);
  };
  const auto refused = [&](const std::vector<std::string>& more, const std::string& wanted) {
    const Finished finished = resumed(more);
    INFO(finished.out << finished.err);
    CHECK(finished.status == 1);
    CHECK_THAT(finished.err, Contains(wanted));
    CHECK(cli_test::read(run + "/run.json") == settings);
  };
  refused({}, "has made 4 candidates already, so it would stop at once: give --max-candidates 5 or more");
  refused({"--max-candidates", "4"}, "--max-candidates 5 or more");
  refused({"--generations", "1"}, "is at generation 2 already, so it would stop at once: give --generations 3 or more");
  refused({"--generations", "9", "--target", "-1"}, "a higher --target");
  refused({"--target", "2"}, "--max-candidates 5 or more");  // a target alone ends nothing

  const Finished generations = resumed({"--generations", "3"});
  INFO(generations.err);
  CHECK(generations.json()["stopped"] == "generations");
  CHECK(generations.json()["candidates"] == 6);
  const Finished time = resumed({"--max-time", "1"});
  CHECK(time.json()["stopped"] == "time");
  CHECK(time.json()["generation"] > 3);
  CHECK_THAT(resumed({}).err, Contains("give --max-time SECONDS"));
}

TEST_CASE("a seed agent joins a run as a root") {
  if (!cli_test::boxes_work()) return;
  const TemporaryDirectory folder;
  const std::string domain = example_domain(folder), run = folder.path("run");
  run_search(domain, run, "1", "2");
  folder.write("mine/agent.json", R"({"name": "optimist", "api": 1})");
  folder.write("mine/task/solve.cpp",
               "#include <ha/agent.h>\n#include <ha/text.h>\nha::Answer solve(const ha::Task& task, ha::Host& host) {\n  (void)task;\n  (void)host;\n"
               "  const ha::Answer always = ha::label(\"good\");  // a form that the search itself does not find\n  return always;\n}\n");
  const Finished seeded = cli_test::hyperagent({"seed", run, folder.path("mine"), "--json"});
  INFO(seeded.err);
  REQUIRE(seeded.status == 0);
  CHECK(seeded.json()["added"][0]["train"]["score"] == 0.5);
  CHECK_THAT(cli_test::hyperagent({"tree", run}).out, Contains("seed optimist"));
}

TEST_CASE("the same seed gives the same archive, whatever the number of workers") {
  if (!cli_test::boxes_work()) return;
  const TemporaryDirectory folder;
  const std::string domain = example_domain(folder);
  const Json one = run_search(domain, folder.path("one"), "2", "1"), two = run_search(domain, folder.path("two"), "2", "2");
  CHECK(one["archive_head"] == two["archive_head"]);
}

TEST_CASE("a run without --json ends with the best agent and what to do next") {
  if (!cli_test::boxes_work()) return;
  const TemporaryDirectory folder;
  const Finished finished =
      cli_test::hyperagent({"run", "--domain", example_domain(folder), "--run", folder.path("run"), "--generations", "1", "--batch", "2"});
  CHECK(finished.status == 0);
  CHECK_THAT(finished.out, Contains("best: agent") && Contains("hyperagent explain") && Contains("--split test"));
  CHECK_THAT(finished.err, Contains("agent 0 (blank)") && Contains("generation 1/1"));
}

TEST_CASE("an agent that learns from the training rows is served its models in the loop") {
  if (!cli_test::boxes_work()) return;
  cli_test::TemporaryDirectory folder;
  for (const auto& [split, rows] : {std::pair("train", 24), {"val", 12}, {"test", 12}}) {
    std::string lines;
    for (int i = 0; i < rows; ++i) {
      const bool accepted = i % 2 == 0;
      lines += Json{{"id", std::string(split) + std::to_string(i)}, {"title", "paper " + std::to_string(i)},
                    {"abstract", std::string(accepted ? "a strong convincing result on graph number " : "a weak unclear remark about graph number ") + std::to_string(i)},
                    {"outcome", accepted ? "accept" : "reject"}}
                   .dump() + "\n";
    }
    folder.write("papers/" + std::string(split) + ".jsonl", lines);
  }
  const std::string run = folder.path("run");
  const Finished finished = cli_test::hyperagent({"run", "--domain", "paper_review", "--data", folder.path("papers"), "--agent", "review_by_words", "--run", run, "--generations", "1", "--json"});
  INFO(finished.err);
  REQUIRE(finished.status == 0);
  CHECK(finished.json()["best_val"] == 1.0);
  CHECK(finished.json()["best_train"] == 1.0);  // from models that have not seen the row
}

namespace {

Json check_named(const Json& report, const std::string& name) {
  for (const Json& check : report["checks"])
    if (check["name"] == name) return check;
  return Json::object();
}

}  // namespace

TEST_CASE("doctor starts the programs of robot_reward in boxes, and without them says what a build needs") {
  if (!cli_test::boxes_work()) return;
  const std::vector<std::string> names = {"judge of robot_reward", "trainer of robot_reward", "LibTorch for robot_reward:gpu"};
  const auto paths = installed_paths();
  REQUIRE(paths);
  if (std::filesystem::exists(paths->program("ha-robot-judge"))) {
    const Json report = cli_test::hyperagent({"doctor", "--json"}).json();
    for (const std::string& name : names) {
      INFO(check_named(report, name).dump());
      CHECK(check_named(report, name)["ok"] == true);
    }
  } else {
    WARN("SKIPPED: built without the robot");
  }
  const TemporaryDirectory folder;  // an installation without the robot
  std::filesystem::create_directories(folder.path("bin"));
  std::filesystem::create_directories(folder.path("share"));
  for (const char* program : {"hyperagent", "ha-box", "ha-runner", "ha-tool"}) std::filesystem::copy(paths->program(program), folder.path("bin/") + program);
  std::filesystem::create_directory_symlink(paths->share, folder.path("share/hyperagent"));
  const Finished without = cli_test::run({folder.path("bin/hyperagent"), "doctor", "--json"});
  INFO(without.out << without.err);
  CHECK(without.status == 0);
  for (const std::string& name : names) {
    const Json check = check_named(without.json(), name);
    CHECK(check["ok"] == false);
    CHECK(check["optional"] == true);
    CHECK_THAT(check["advice"].get<std::string>(), Contains("libtorch-dev") && Contains("-DHYPERAGENT_ROBOT=ON"));
  }
}
