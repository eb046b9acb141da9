#include <array>
#include <set>
#include <thread>

#include "domains/coding/budget.h"
#include "tests/domains/coding/repair_fixture.h"

using namespace hyperagent;

TEST_CASE("a mutant that passes every test repairs the task, in both languages") {
  TaskFolder folder;
  folder.add_double("cpp");
  folder.add_double("python");
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  REQUIRE(fixture.domain->size(Split::Train) == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    auto services = fixture.domain->services(Split::Train, i);
    const Json programs = ask(*services, "repair.mutants", {{"program", {{"handle", ""}}}})["programs"];
    Json all = Json::array();
    for (const Json& p : programs) if (all.size() < 100) all.push_back(p);
    const Json results = ask(*services, "repair.evaluate", {{"programs", all}})["results"];
    bool solved = false;
    for (std::size_t k = 0; k < results.size() && !solved; ++k) {
      if (results[k].value("passed", 0) != 2) continue;
      const auto graded = fixture.domain->grade(Split::Train, i, all[k]);
      REQUIRE(graded);
      solved = graded->score == 1;
    }
    CHECK(solved);
  }
}

namespace {

struct BrokenToolchain : Toolchain {
  Result<Verdict<Rewritten>> apply(const AgentSource&, const Json&) override { return environment_error("broken"); }
  Result<Verdict<CompiledAgent>> compile(const AgentSource&) override { return environment_error("broken"); }
  Result<Json> ask(const std::string&, const Json&) override { return Json{{"refused", {{"code", "parse"}, {"message", "a header is missing"}}}}; }
};

}  // namespace

// It was kept in the cache as programs without mutants, and agents scored 0 on them for ever.
TEST_CASE("a compiler that compiles nothing is our failure, and nothing of it is kept") {
  TaskFolder folder, cache;
  folder.add_double("cpp");
  const RepairFixture good = repair_over(folder.path(), cache.path());
  if (!good.domain) return;
  auto broken = open_repair({folder.path(), std::nullopt, HA_TEST_SHARE, good.launcher.get(),
                             []() -> Result<std::unique_ptr<Toolchain>> { return std::unique_ptr<Toolchain>(std::make_unique<BrokenToolchain>()); }, cache.path()});
  REQUIRE(broken);
  for (const auto& [call, arguments] : {std::pair<std::string, Json>{"repair.mutants", {{"program", {{"handle", ""}}}}}, {"repair.evaluate", {{"programs", Json::array({Json{{"handle", ""}}})}}}}) {
    const auto reply = (*broken)->services(Split::Train, 0)->call(call, arguments);
    REQUIRE(!reply);
    CHECK(reply.error().kind == ErrorKind::Environment);
    CHECK_THAT(reply.error().message, Catch::Matchers::Contains("a header is missing") && Catch::Matchers::Contains("doctor"));
  }
  CHECK(!(*broken)->grade(Split::Train, 0, Json{{"source", "int twice(int n) { return 2 * n; }"}}));
  CHECK(ask(*good.domain->services(Split::Train, 0), "repair.mutants", {{"program", {{"handle", ""}}}})["programs"].size() > 3);
  const auto graded = good.domain->grade(Split::Train, 0, Json{{"source", "int twice(int n) { return 2 * n; }"}});
  REQUIRE(graded);
  CHECK(graded->score == 1);
}

TEST_CASE("what an agent is given holds no hidden test and no split") {
  TaskFolder folder;
  folder.add_double("python");
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  const Json input = fixture.domain->input(Split::Train, 0);
  CHECK(input["input"]["tests"].size() == 2);
  CHECK(input.dump().find("-6") == std::string::npos);
  CHECK(!input["input"].contains("hidden"));
}

TEST_CASE("malformed answers score zero and say why") {
  TaskFolder folder;
  folder.add_double("cpp");
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  for (const Json& answer : {Json(), Json(3), Json::object(), Json{{"handle", "x"}}, Json{{"handle", "9999999"}}, Json{{"handle", "1."}}, Json{{"source", 3}}, Json("int twice(int n) {"), Json("#include \"/etc/passwd\"\n")}) {
    const auto graded = fixture.domain->grade(Split::Train, 0, answer);
    REQUIRE(graded);
    INFO(answer.dump());
    CHECK(graded->score == 0);
    CHECK(!graded->detail["why"].get<std::string>().empty());
  }
}

TEST_CASE("an agent's evaluations are counted and end with an error, repeats are free") {
  constexpr int kTried = 15;
  TaskFolder folder;
  folder.add_double("python");
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  auto services = fixture.domain->services(Split::Train, 0);
  const Json mutants = ask(*services, "repair.mutants", {{"program", {{"handle", ""}}}})["programs"];
  REQUIRE(mutants.size() > static_cast<std::size_t>(kTried));
  // Some mutants twice, then mutants of mutants until the budget ends.
  Json half = Json::array();
  for (int i = 0; i < kTried; ++i) half.push_back(mutants[static_cast<std::size_t>(i)]);
  for (int turn = 0; turn < 2; ++turn) {
    for (const Json& result : ask(*services, "repair.evaluate", {{"programs", half}})["results"]) CHECK(result.contains("passed"));
  }
  int listed = 0;
  while (listed < 100 && ask(*services, "repair.mutants", {{"program", mutants[static_cast<std::size_t>(listed)]}}).contains("programs")) ++listed;
  CHECK(listed == (kBudget - kTried - 3 * kCallCost) / (kMutantsCost + kCallCost));
}

TEST_CASE("an endless loop is stopped by the step limit, with the same reply every time") {
  TaskFolder folder;
  const char* tests = "{\"args\": [3], \"expected\": 3}\n{\"args\": [0], \"expected\": 0}\n";
  folder.add("a", "cpp", "count", "int count(int n) {\n  int i = 0;\n  while (i != n) i += 0;\n  return i;\n}\n", tests, tests);
  folder.add("b", "python", "count", "def count(n):\n    i = 0\n    while i != n:\n        i += 0\n    return i\n", tests, tests);
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    std::set<std::string> details;
    for (int turn = 0; turn < 2; ++turn) {
      const RepairFixture fixture = repair_over(folder.path());
      if (!fixture.domain) return;
      const Json input = fixture.domain->input(Split::Train, i);
      const auto graded = fixture.domain->grade(Split::Train, i, input["input"]["source"].get<std::string>() + "\n\n");
      REQUIRE(graded);
      details.insert(graded->detail.dump());
      CHECK(graded->detail["why"].get<std::string>().find("step limit") != std::string::npos);
    }
    CHECK(details.size() == 1);
  }
}

TEST_CASE("a C++ program may catch what it throws, and what it does not catch fails one test") {
  TaskFolder folder;
  const char* tests = "{\"args\": [\"7\"], \"expected\": 7}\n{\"args\": [\"none\"], \"expected\": -1}\n{\"args\": [\"8\"], \"expected\": 8}\n";
  folder.add("a", "cpp", "number", "#include <string>\nint number(std::string s) {\n  try {\n    return std::stoi(s);\n  } catch (const std::exception&) {\n    return -2;\n  }\n}\n", tests, tests);
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  const std::string wrong = fixture.domain->input(Split::Train, 0)["input"]["source"];
  std::string right = wrong;
  right.replace(right.find("-2"), 2, "-1");
  const auto repaired = fixture.domain->grade(Split::Train, 0, right);
  REQUIRE(repaired);
  INFO(repaired->detail.dump());
  CHECK(repaired->score == 1);
  const auto thrown = fixture.domain->grade(Split::Train, 0, "#include <string>\nint number(std::string s) { return std::stoi(s); }\n");
  REQUIRE(thrown);
  INFO(thrown->detail.dump());
  CHECK(thrown->score == 0);
  CHECK(thrown->detail["why"].get<std::string>().find("invalid_argument") != std::string::npos);
}

TEST_CASE("the line with the bug is among the most suspicious") {
  TaskFolder folder;
  const char* tests = "{\"args\": [5], \"expected\": 5}\n{\"args\": [-5], \"expected\": 5}\n{\"args\": [0], \"expected\": 0}\n";
  folder.add("a", "cpp", "size", "int size(int n) {\n  if (n < 0) {\n    return n;\n  }\n  return n;\n}\n", tests, tests);
  folder.add("b", "python", "size", "def size(n):\n    if n < 0:\n        return n\n    return n\n", tests, tests);
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    auto services = fixture.domain->services(Split::Train, i);
    const Json lines = ask(*services, "repair.lines", {{"program", {{"handle", ""}}}})["lines"];
    REQUIRE(!lines.empty());
    CHECK(lines[0]["line"] == 3);
    CHECK(lines[0]["suspicion"] == 1.0);
  }
}

TEST_CASE("a second run finds its results in the cache folder") {
  TaskFolder folder, cache;
  folder.add_double("cpp");
  { const RepairFixture fixture = repair_over(folder.path(), cache.path());
    if (!fixture.domain) return;
    REQUIRE(fixture.domain->grade(Split::Train, 0, {{"handle", "0"}})); }
  // No toolchain and no box would answer now.
  auto launcher = make_box_launcher();
  REQUIRE(launcher);
  auto domain = open_repair({folder.path(), std::nullopt, HA_TEST_SHARE, launcher->get(), {}, cache.path()});
  REQUIRE(domain);
  CHECK((*domain)->grade(Split::Train, 0, {{"handle", "0"}}).has_value());
  CHECK_FALSE((*domain)->grade(Split::Train, 0, "int twice(int n) { return 7; }").has_value());
}

TEST_CASE("every kind of mutant is in the vocabulary") {
  TaskFolder folder;
  folder.add_double("cpp");
  folder.add_double("python");
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  const Json known = fixture.domain->describe()["vocabulary"]["mutation_kind"];
  for (std::size_t i = 0; i < 2; ++i) {
    auto services = fixture.domain->services(Split::Train, i);
    for (const Json& p : ask(*services, "repair.mutants", {{"program", {{"handle", ""}}}})["programs"]) {
      INFO(p.dump());
      CHECK(std::find(known.begin(), known.end(), p["kind"]) != known.end());
    }
  }
}

TEST_CASE("two threads that work on the same task get the same replies") {
  TaskFolder folder;
  folder.add_double("cpp");
  folder.add_double("python");
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  std::array<std::string, 2> seen;
  std::vector<std::thread> threads;
  for (std::string& mine : seen) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 2; ++i) {
        auto services = fixture.domain->services(Split::Train, i);
        for (const char* name : {"repair.mutants", "repair.lines"}) {
          const auto reply = services->call(name, {{"program", {{"handle", ""}}}});
          mine += reply && *reply ? (*reply)->dump() : "failed";
        }
        const auto graded = fixture.domain->grade(Split::Train, i, {{"handle", "3"}});
        mine += graded ? graded->detail.dump() : "failed";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(seen[0] == seen[1]);
  CHECK(seen[0].find("failed") == std::string::npos);
}
