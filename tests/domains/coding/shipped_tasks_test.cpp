#include "tests/domains/coding/repair_fixture.h"

using namespace hyperagent;

TEST_CASE("every shipped task fails a visible test as it is and is repaired by its reference") {
  if (!std::filesystem::exists(HA_TEST_TASKS)) {
    WARN("SKIPPED: no shipped tasks in " HA_TEST_TASKS);
    return;
  }
  const RepairFixture fixture = repair_over(HA_TEST_TASKS);
  if (!fixture.domain) return;
  for (const Split split : {Split::Train, Split::Val, Split::Test}) {
    for (std::size_t i = 0; i < fixture.domain->size(split); ++i) {
      const std::string id = fixture.domain->task_id(split, i);
      const Json input = fixture.domain->input(split, i);
      const bool cpp = input["input"]["language"] == "cpp";
      INFO(id);
      auto services = fixture.domain->services(split, i);
      const Json own = ask(*services, "repair.evaluate", {{"programs", {{{"handle", ""}}}}})["results"][0];
      INFO(own.dump());
      CHECK(!own.contains("why"));
      CHECK(own.value("passed", -1) < own.value("of", -1));
      // The text differs, the behaviour does not: so this is graded, not refused as unchanged.
      const auto as_is = fixture.domain->grade(split, i, input["input"]["source"].get<std::string>() + (cpp ? "\n// same\n" : "\n# same\n"));
      REQUIRE(as_is);
      CHECK(as_is->score == 0);
      const auto fixed = fixture.domain->grade(split, i, text_of(std::filesystem::path(HA_TEST_TASKS) / id / (cpp ? "fixed.cpp" : "fixed.py")));
      REQUIRE(fixed);
      INFO(fixed->detail.dump());
      CHECK(fixed->score == 1);
    }
  }
}

TEST_CASE("a QuixBugs folder loads into the test split and its programs fail their visible tests") {
  const char* given = std::getenv("HYPERAGENT_SHARED_DATA");
  const std::string folder = (given != nullptr ? std::string(given) : std::string(HA_TEST_SHARED_DATA)) + "/repair";
  if (!std::filesystem::exists(folder + "/programs.jsonl")) {
    WARN("SKIPPED: no QuixBugs data in " + folder);
    return;
  }
  const RepairFixture fixture = repair_over(folder);
  if (!fixture.domain) return;
  CHECK(fixture.domain->size(Split::Test) == 28);
  CHECK(fixture.domain->size(Split::Train) == 0);
  for (std::size_t i = 0; i < fixture.domain->size(Split::Test); ++i) {
    INFO(fixture.domain->task_id(Split::Test, i));
    auto services = fixture.domain->services(Split::Test, i);
    const Json own = ask(*services, "repair.evaluate", {{"programs", {{{"handle", ""}}}}})["results"][0];
    CHECK(own.value("passed", -1) < own.value("of", -1));
  }
  // The limits must leave room for every correct program.
  std::ifstream answers(folder + "/answers.jsonl");
  std::map<std::string, std::string> fixes;
  for (std::string line; std::getline(answers, line);) {
    const Json row = Json::parse(line);
    fixes[row["id"]] = row["source"];
  }
  if (fixes.empty()) WARN("SKIPPED: no answers.jsonl in " + folder);
  for (std::size_t i = 0; i < fixture.domain->size(Split::Test) && !fixes.empty(); ++i) {
    const auto graded = fixture.domain->grade(Split::Test, i, fixes[fixture.domain->task_id(Split::Test, i)]);
    REQUIRE(graded);
    INFO(fixture.domain->task_id(Split::Test, i) + ": " + graded->detail["why"].get<std::string>());
    // Its reference needs 37 million lines on one test: no step limit that stops endless mutants leaves room for that.
    if (fixture.domain->task_id(Split::Test, i) == "levenshtein") continue;
    CHECK(graded->score == 1);
  }
}
