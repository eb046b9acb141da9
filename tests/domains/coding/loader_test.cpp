#include "domains/coding/task_set.h"
#include "tests/domains/coding/repair_fixture.h"

using namespace hyperagent;

namespace {
std::string error_of(const TaskFolder& folder) {
  const auto tasks = load_tasks(folder.path(), std::nullopt);
  REQUIRE_FALSE(tasks.has_value());
  CHECK(tasks.error().kind == ErrorKind::UserInput);
  return tasks.error().message;
}
}  // namespace

TEST_CASE("a broken test line is named by file and line") {
  TaskFolder folder;
  folder.add("t", "python", "f", "def f(): pass\n", "{\"args\": [], \"expected\": 1}\n{\"args\": 3}\n", "{\"args\": [], \"expected\": 1}\n");
  CHECK(error_of(folder).find("visible.jsonl:2:") != std::string::npos);
}

TEST_CASE("a task with an unknown split or language is refused") {
  TaskFolder folder;
  folder.add_double("cpp");
  folder.write("cpp_double/task.json", R"({"id":"cpp_double","language":"cobol","entry":"f","split":"train","description":"d"})");
  CHECK(error_of(folder).find("language") != std::string::npos);
  folder.write("cpp_double/task.json", R"({"id":"cpp_double","language":"cpp","entry":"f","split":"dev","description":"d"})");
  CHECK(error_of(folder).find("split") != std::string::npos);
}

TEST_CASE("an empty folder and a missing one are errors") {
  TaskFolder folder;
  CHECK(error_of(folder).find("no repair task") != std::string::npos);
  CHECK_FALSE(load_tasks(folder.path() + "/absent", std::nullopt).has_value());
}

TEST_CASE("slow tests of a QuixBugs folder are left out and ids must be unique") {
  TaskFolder folder;
  const std::string row = R"({"id":"p","entry":"p","description":"d","buggy_source":"def p(): pass\n","tests":"tests/p.jsonl","hidden_tests":"hidden/p.jsonl"})";
  folder.write("programs.jsonl", row + "\n");
  folder.write("tests/p.jsonl", "{\"args\": [], \"expected\": 1}\n{\"args\": [], \"expected\": 1, \"slow\": true}\n");
  folder.write("hidden/p.jsonl", "{\"args\": [], \"expected\": 1}\n");
  const auto tasks = load_tasks(folder.path(), std::nullopt);
  REQUIRE(tasks);
  CHECK((*tasks)[2].at(0).visible.size() == 1);
  folder.write("programs.jsonl", row + "\n" + row + "\n");
  CHECK(error_of(folder).find("programs.jsonl:2:") != std::string::npos);
}
