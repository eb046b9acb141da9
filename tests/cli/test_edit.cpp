// outline and edit on programs on disk.
#include <catch2/catch.hpp>

#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kSolve =
    "#include <ha/agent.h>\n\nnamespace {\ndouble weight() { return 0.5; }\n}  // namespace\n\n"
    "ha::Answer solve(const ha::Task& task, ha::Host& host) {\n  (void)task;\n  (void)host;\n  if (weight() > 1) return ha::Answer();\n  return ha::Answer();\n}\n";

struct Desk {
  cli_test::TemporaryDirectory folder;
  std::string agent = folder.path("mine");
  Desk() {
    folder.write("mine/agent.json", R"({"name": "mine", "api": 1})");
    folder.write("mine/task/solve.cpp", kSolve);
  }
};

}  // namespace

TEST_CASE("the outline lists functions with file, lines and signature") {
  if (!cli_test::boxes_work()) return;
  Desk desk;
  const auto outline = cli_test::hyperagent({"outline", desk.agent, "--sites"});
  CHECK(outline.status == 0);
  CHECK_THAT(outline.out, Contains("task/solve.cpp") && Contains("weight") && Contains("7-12") && Contains("typed edit sites") && Contains("literal"));
  CHECK(cli_test::hyperagent({"outline", desk.agent, "--json"}).json()["functions"].is_array());
}

TEST_CASE("an edit is shown, checked and written") {
  if (!cli_test::boxes_work()) return;
  Desk desk;
  const std::string edits = desk.folder.write("edits.json", R"([{"op": "replace_body", "function": "weight", "code": "{ return 0.7; }"}])");
  CHECK(cli_test::hyperagent({"edit", desk.agent, edits, "--check"}).status == 0);
  const auto shown = cli_test::hyperagent({"edit", desk.agent, edits});
  CHECK(shown.status == 0);
  CHECK_THAT(shown.out, Contains("0.7") && Contains("weight"));
  CHECK(cli_test::read(desk.agent + "/task/solve.cpp") == kSolve);
  CHECK(cli_test::hyperagent({"edit", desk.agent, edits, "--write"}).status == 0);
  CHECK_THAT(cli_test::read(desk.agent + "/task/solve.cpp"), Contains("return 0.7;"));
}

TEST_CASE("an edit that is refused says its code and why, and changes nothing") {
  if (!cli_test::boxes_work()) return;
  Desk desk;
  const std::string edits = desk.folder.write("edits.json", R"([{"op": "replace_body", "function": "weigh", "code": "{ return 0.7; }"}])");
  const auto refused = cli_test::hyperagent({"edit", desk.agent, edits, "--check", "--json"});
  CHECK(refused.status == 1);
  CHECK(refused.json()["refused"]["code"] == "target_not_found");
}

TEST_CASE("edits that are not JSON are the user's error") {
  Desk desk;
  const auto refused = cli_test::hyperagent({"edit", desk.agent, desk.folder.write("edits.json", "[{")});
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Contains("edits.json is not JSON: line 1, column 3: unexpected end of input; expected a name in double quotes") && !Contains("json.exception"));
  CHECK_THAT(cli_test::hyperagent({"edit", desk.agent, "-"}).err, Contains("standard input is not JSON: line 1, column 1: unexpected end of input; expected a value"));
}

TEST_CASE("the schema of edits is printed and is one of all operations") {
  const auto schema = cli_test::hyperagent({"edit", "--schema"});
  CHECK(schema.status == 0);
  CHECK(Json::parse(schema.out)["items"]["oneOf"].size() == 14);
  CHECK(cli_test::hyperagent({"edit"}).status == 1);
}

TEST_CASE("a C++ source that is no agent is outlined with its own compiler flags, given or from a database") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  folder.write("include/scale.h", "#pragma once\ninline int scale(int a) { return a * FACTOR; }\n");
  const std::string source = folder.write("src/main.cc", "#include \"scale.h\"\nint twice(int a) { return scale(a) * 2; }\n");
  const auto outline = cli_test::hyperagent({"outline", source, "--sites", "--", "-DFACTOR=3", "-I", folder.path("include")});
  INFO(outline.err);
  CHECK(outline.status == 0);
  CHECK_THAT(outline.out, Contains("2        twice(int)") && Contains("`scale(a) * 2`"));
  const auto without = cli_test::hyperagent({"outline", source});
  CHECK(without.status == 1);
  CHECK_THAT(without.err, Contains("scale.h") && Contains("file not found"));
  folder.write("compile_commands.json", R"([{"directory": ")" + folder.path("src") +
                                            R"(", "file": "main.cc", "command": "c++ -DFACTOR=3 -I../include -c main.cc"}])");
  const auto found = cli_test::hyperagent({"outline", source, "--compile-commands", folder.path("."), "--json"});
  INFO(found.err);
  CHECK(found.json()["functions"][0]["name"] == "twice");
}

TEST_CASE("a flag that Clang does not know is an error behind --, and another compiler's in a database") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  const std::string source = folder.write("a.cpp", "int f() { return 1; }\n");
  const auto misspelt = cli_test::hyperagent({"outline", source, "--", "-Wall", "-stdd=c++20"});
  CHECK(misspelt.status == 1);
  CHECK_THAT(misspelt.err, Contains("unknown argument '-stdd=c++20'; did you mean '-std=c++20'?"));
  folder.write("compile_commands.json", Json::array({{{"directory", folder.path()}, {"file", "a.cpp"}, {"command", "g++ -fconcepts-diagnostics-depth=3 -c a.cpp"}}}).dump());
  CHECK(cli_test::hyperagent({"outline", source, "--compile-commands", folder.path()}).status == 0);
}

TEST_CASE("a C++ source that is no agent is edited with its own compiler flags") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  folder.write("include/scale.h", "#pragma once\ninline int scale(int a) { return a * FACTOR; }\n");
  const std::string source = folder.write("src/main.cc", "#include <cstdio>\n#include \"scale.h\"\nint twice(int a) { return scale(a) * 2; }\nint main() { std::printf(\"%d\", twice(1)); }\n");
  const std::string edits = folder.write("edits.json", R"([{"op": "rename", "name": "twice", "to": "doubled"}])");
  const auto shown = cli_test::hyperagent({"edit", source, edits, "--", "-std=c++17", "-DFACTOR=3", "-I", folder.path("include")});
  INFO(shown.err);
  CHECK(shown.status == 0);
  CHECK_THAT(shown.out, Contains("+int doubled(int a)") && Contains("(and 1 use)"));

  folder.write("build/compile_commands.json", Json::array({{{"directory", folder.path("build")}, {"file", "../src/main.cc"}, {"command", "g++ -DFACTOR='2 + 1' -I../include -o main.o -c ../src/main.cc"}}}).dump());
  CHECK(cli_test::hyperagent({"edit", source, edits, "--compile-commands", folder.path("build"), "--write"}).status == 0);
  CHECK_THAT(cli_test::read(source), Contains("int doubled(int a) { return scale(a) * 2; }") && Contains("doubled(1)"));

  const auto unflagged = cli_test::hyperagent({"edit", source, folder.write("again.json", R"([{"op": "rename", "name": "doubled", "to": "twice"}])")});
  CHECK(unflagged.status == 1);
  CHECK_THAT(unflagged.out, Contains("does the result parse") || Contains("scale.h"));
}

TEST_CASE("what an edit changes in other C++ is laid out as the project's .clang-format says") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  folder.write(".clang-format", "IndentWidth: 6\nPointerAlignment: Middle\n");
  const std::string source = folder.write("src/a.cpp", "int f(int *a) {\n      return *a;\n}\n");
  const std::string edits = folder.write("edits.json", R"([{"op": "insert_statement", "function": "f", "path": "0", "where": "before", "code": "int*b=a;"}])");
  CHECK(cli_test::hyperagent({"edit", source, edits, "--write"}).status == 0);
  CHECK(cli_test::read(source) == "int f(int *a) {\n      int * b = a;\n      return *a;\n}\n");
}

TEST_CASE("a compile database without the file says so") {
  const cli_test::TemporaryDirectory folder;
  const std::string source = folder.write("a.cpp", "int f() { return 1; }\n");
  folder.write("compile_commands.json", "[]");
  const auto refused = cli_test::hyperagent({"edit", source, folder.write("edits.json", "[]"), "--compile-commands", folder.path()});
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Contains("has no command for"));
}

TEST_CASE("a policy file says what may be edited, and a bad one is the user's error") {
  if (!cli_test::boxes_work()) return;
  Desk desk;
  const std::string edits = desk.folder.write("edits.json", R"([{"op": "replace_body", "function": "weight", "code": "{ return 0.7; }"}])");
  const std::string deny = desk.folder.write("deny.json", R"({"rules": [{"function": "weight", "decision": "deny", "why": "weights are fixed"}]})");
  const auto refused = cli_test::hyperagent({"edit", desk.agent, edits, "--check", "--policy", deny});
  CHECK(refused.status == 1);
  CHECK_THAT(refused.out, Contains("forbidden (is the edit allowed?)") && Contains("task/solve.cpp:4") && Contains("weights are fixed"));
  const std::string ask = desk.folder.write("ask.json", R"({"default": "needs_approval"})");
  CHECK_THAT(cli_test::hyperagent({"edit", desk.agent, edits, "--check", "--policy", ask}).out, Contains("needs approval: task/solve.cpp:4"));
  const auto waits = cli_test::hyperagent({"edit", desk.agent, edits, "--write", "--policy", ask});
  CHECK(waits.status == 1);
  CHECK_THAT(waits.out, Contains("nothing is written") && Contains("--approve"));
  CHECK_THAT(cli_test::hyperagent({"edit", desk.agent, edits, "--write", "--approve", "--policy", ask}).out, Contains("wrote "));
  const auto bad = cli_test::hyperagent({"edit", desk.agent, edits, "--policy", desk.folder.write("bad.json", R"({"rules": [{"decision": "perhaps"}]})")});
  CHECK(bad.status == 1);
  CHECK_THAT(bad.err, Contains("bad.json: rule 1"));
}

TEST_CASE("a function is grafted from another agent on disk") {
  if (!cli_test::boxes_work()) return;
  Desk desk;
  desk.folder.write("other/agent.json", R"({"name": "other", "api": 1})");
  desk.folder.write("other/task/solve.cpp", "#include <ha/agent.h>\ndouble half() { return 0.5; }\ndouble weight() { return half(); }\nha::Answer solve(const ha::Task&, ha::Host&) { return ha::Answer(); }\n");
  const std::string edits = desk.folder.write("edits.json", Json::array({{{"op", "graft"}, {"agent", desk.folder.path("other")}, {"function", "weight"}}}).dump());
  const auto shown = cli_test::hyperagent({"edit", desk.agent, edits});
  INFO(shown.err);
  CHECK(shown.status == 0);
  CHECK_THAT(shown.out, Contains("+double half() { return 0.5; }"));
  const auto unknown = cli_test::hyperagent({"edit", desk.agent, desk.folder.write("id.json", R"([{"op": "graft", "agent": 3, "function": "weight"}])")});
  CHECK(unknown.status == 1);
  CHECK_THAT(unknown.err, Contains("--run DIR"));
}
