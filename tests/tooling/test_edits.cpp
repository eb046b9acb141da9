#include "tests/tooling/edit_cases.h"
#include "tooling/sites.h"
#include "tooling/agent_build.h"

using namespace hyperagent;
using namespace hyperagent::tooling;

namespace {

std::string code_for(const std::string& before, const Json& edit) { return refusal_of(before, edit).code; }

}  // namespace

TEST_CASE("each edit does to the source what it says") {
  check("int f() { return 1; }", {{"op", "set_literal"}, {"function", "f"}, {"path", "0.0"}, {"expect", "1"}, {"value", "2"}}, "int f() { return 2; }");
  check("int f(int a) { return a + 1; }", {{"op", "replace_node"}, {"function", "f"}, {"path", "0.0"}, {"code", "a * 2"}}, "int f(int a) { return a * 2; }");
  check("int f() { return 1; }", {{"op", "replace_body"}, {"function", "f"}, {"code", "{ return 3; }"}}, "int f() { return 3; }");
  check("int f() { return 1; }", {{"op", "replace_function"}, {"function", "f"}, {"code", "int f() { return 4; }"}}, "int f() { return 4; }");
  check("int f() {\n  int a = 1;\n  return a;\n}", {{"op", "insert_statement"}, {"function", "f"}, {"path", "1"}, {"where", "before"}, {"code", "a = 2;"}},
        "int f() {\n  int a = 1;\n  a = 2;\n  return a;\n}");
  check("int f() {\n  int a = 1;\n  a = 2;\n  return a;\n}",
        {{"op", "delete_statement"}, {"function", "f"}, {"path", "1"}, {"expect", "a = 2;"}}, "int f() {\n  int a = 1;\n  return a;\n}");
  check("int f() {\n  int a = 1;\n  a = 2;\n  a = 3;\n  return a;\n}", {{"op", "swap_statements"}, {"function", "f"}, {"path", "1"}, {"with", "2"}},
        "int f() {\n  int a = 1;\n  a = 3;\n  a = 2;\n  return a;\n}");
  check("int f(int a) {\n  a = 2;\n  return a;\n}",
        {{"op", "wrap_statement"}, {"function", "f"}, {"path", "0"}, {"code", "if (a > 1) { $statement }"}},
        "int f(int a) {\n  if (a > 1) {\n    a = 2;\n  }\n  return a;\n}");
  check("int g();\nint f() { return 1; }", {{"op", "remove_declaration"}, {"name", "f"}}, "int g();");
  check("int f() { return 1; }", {{"op", "insert_declaration"}, {"before", "f"}, {"code", "int g() { return 2; }"}}, "\nint g() { return 2; }\nint f() { return 1; }");
}

TEST_CASE("comments and formatting of untouched code survive an edit") {
  check("// why one\nint  f( ) { return 1; }  // odd\nint g() { return 5; }", {{"op", "set_literal"}, {"function", "g"}, {"path", "0.0"}, {"value", "6"}},
        "// why one\nint  f( ) { return 1; }  // odd\nint g() { return 6; }");
}

TEST_CASE("the declaration behind an inserted one keeps its layout") {
  const std::string odd = "int   odd( int a )\n{ return a ; }";
  check(odd, {{"op", "insert_declaration"}, {"before", "odd"}, {"code", "int  even( ) { return 2 ; }"}}, "\nint even() { return 2; }\n" + odd);
}

TEST_CASE("lines that an edit does not touch stay byte for byte") {
  const std::string f = "int f( int a ) {\n\tif (a)\n\t\ta =  3;   \n  // odd  \n\treturn a ; }";
  check(f, {{"op", "set_literal"}, {"function", "f"}, {"path", "0.1.1"}, {"value", "4"}},
        "int f( int a ) {\n\tif (a)\n\t\ta = 4;   \n  // odd  \n\treturn a ; }");
  check(f, {{"op", "insert_statement"}, {"function", "f"}, {"path", "0"}, {"where", "before"}, {"code", "a=2;"}},
        "int f( int a ) {\n\ta = 2;\n\tif (a)\n\t\ta =  3;   \n  // odd  \n\treturn a ; }");
  check(f, {{"op", "delete_statement"}, {"function", "f"}, {"path", "0"}}, "int f( int a ) {\n  // odd  \n\treturn a ; }");
  check("int g(int a) {\n  return a +\n     1 + 2 +\n       3;\n}",
        {{"op", "replace_node"}, {"function", "g"}, {"path", "0.0.0.1"}, {"code", "a*2"}},
        "int g(int a) {\n  return a +\n     1 + a * 2 +\n       3;\n}");
  check("int g(int a) { return a; }  // \"x\"\n\n\n\nint h() { return 1; }",
        {{"op", "insert_declaration"}, {"before", "h"}, {"code", "int i();"}},
        "int g(int a) { return a; }  // \"x\"\n\n\n\nint i();\nint h() { return 1; }");
}

TEST_CASE("new lines end as those of the file do") {
  const auto edit = [](const std::string& text, const Json& one) {
    auto result = apply_edits(test_compiler(), {{"task/solve.cpp", text}}, list_of(one));
    const auto* refusal = std::get_if<Refusal>(&result);
    return refusal != nullptr ? refusal->message : std::get<Files>(result).at("task/solve.cpp");
  };
  const Json insert = {
      {"op", "insert_statement"}, {"function", "f"}, {"path", "0"}, {"where", "before"}, {"code", "a = 2;\nif (a) {\r\na = 3; }"}};
  CHECK(edit("int f(int a) {\r\n  return  a;\r\n}", insert) ==
        "int f(int a) {\r\n  a = 2;\r\n  if (a) {\r\n    a = 3;\r\n  }\r\n  return  a;\r\n}");
  CHECK(edit("int f(int a) {\n  return  a;\n}", insert) == "int f(int a) {\n  a = 2;\n  if (a) {\n    a = 3;\n  }\n  return  a;\n}");
  CHECK(edit("int f(int a) {\r\n  return a; }", {{"op", "rename"}, {"name", "f"}, {"to", "g"}}) == "int g(int a) {\r\n  return a; }");
  CHECK(edit("int f(int a) {\r\n  a = 1;\r\n  return a; }", {{"op", "delete_statement"}, {"function", "f"}, {"path", "0"}}) ==
        "int f(int a) {\r\n  return a; }");
}

TEST_CASE("a byte order mark stays in front") {
  const std::string mark = "\xEF\xBB\xBF", f = "int f(int a) { return a; }";
  const auto edit = [&](const Json& one) {
    auto result = apply_edits(test_compiler(), {{"task/solve.cpp", mark + f}}, list_of(one));
    const auto* refusal = std::get_if<Refusal>(&result);
    return refusal != nullptr ? refusal->message : std::get<Files>(result).at("task/solve.cpp");
  };
  CHECK(edit({{"op", "replace_node"}, {"function", "f"}, {"path", "0.0"}, {"code", "2"}}) == mark + "int f(int a) { return 2; }");
  CHECK(edit({{"op", "insert_declaration"}, {"before", "f"}, {"code", "int g();"}}) == mark + "\nint g();\n" + f);
  CHECK(edit({{"op", "insert_declaration"}, {"file", "task/solve.cpp"}, {"code", "#include <cmath>"}}) ==
        mark + "\n#include <cmath>\n" + f);
}

TEST_CASE("an include is inserted only from the allow-list") {
  const Json fine = {{"op", "insert_declaration"}, {"file", "task/solve.cpp"}, {"code", "#include <ha/text.h>"}};
  CHECK(code_for("", fine) == "");
  const Json bad = {{"op", "insert_declaration"}, {"file", "task/solve.cpp"}, {"code", "#include <fstream>"}};
  CHECK(code_for("", bad) == refusal::kForbidden);
}

TEST_CASE("each check refuses with its own code") {
  const std::string f = "int f(int a) { return a; }";
  CHECK(code_for(f, "not an object") == refusal::kMalformed);
  CHECK(code_for(f, {{"op", "explode"}}) == refusal::kMalformed);
  CHECK(code_for(f, {{"op", "replace_body"}, {"function", "f"}}) == refusal::kMalformed);
  CHECK(code_for(f, {{"op", "replace_body"}, {"function", "g"}, {"code", "{}"}}) == refusal::kNotFound);
  CHECK(code_for(f, {{"op", "replace_node"}, {"function", "f"}, {"path", "0.7"}, {"code", "a"}}) == refusal::kNotFound);
  CHECK(code_for(f + "\nint f(double a) { return 1; }", {{"op", "replace_body"}, {"function", "f"}, {"code", "{ return 1; }"}}) == refusal::kAmbiguous);
  CHECK(code_for(f, {{"op", "replace_node"}, {"function", "f"}, {"path", "0.0"}, {"expect", "b"}, {"code", "a"}}) == refusal::kExpectation);
  CHECK(code_for(f, {{"op", "replace_body"}, {"function", "f"}, {"code", "{\n#define x y\nreturn 1; }"}}) == refusal::kForbidden);
  CHECK(code_for(f, {{"op", "replace_body"}, {"function", "f"}, {"code", "{ asm(\"nop\"); return 1; }"}}) == refusal::kForbidden);
  CHECK(code_for(f, {{"op", "set_literal"}, {"function", "f"}, {"path", "0.0"}, {"value", "1"}}) == refusal::kNotApplicable);
  CHECK(code_for("int f() { return 1; }", {{"op", "set_literal"}, {"function", "f"}, {"path", "0.0"}, {"value", "1 + 1"}}) == refusal::kMalformed);
}

TEST_CASE("templates and their members are edited like other functions, and nothing is drawn for them") {
  const std::string twice = "template <class T>\nT twice(T a) {\n  return a + a;\n}\ntemplate <class T>\nstruct Box {\n  T held;\n  T get() const { return held; }\n};\n"
                            "int use() { return twice(2) + Box<int>{1}.get(); }";
  CHECK(edited(twice, {{"op", "replace_node"}, {"function", "twice"}, {"path", "0.0"}, {"expect", "a + a"}, {"code", "a * 2"}}).find("  return a * 2;") != std::string::npos);
  CHECK(edited(twice, {{"op", "replace_body"}, {"function", "Box::get"}, {"code", "{ return held + held; }"}}).find("T get() const { return held + held; }") != std::string::npos);
  CHECK(edited(twice, {{"op", "insert_statement"}, {"function", "twice"}, {"path", "0"}, {"where", "before"}, {"code", "a += 1;"}}).find("  a += 1;\n  return a + a;") != std::string::npos);
  const auto program = Program::parse(test_compiler(), agent_with(twice + "\n" + kSolve));
  REQUIRE(std::holds_alternative<Program>(program));
  for (const Json& group : site_groups(std::get<Program>(program))["groups"])
    if (group["file"] == "task/solve.cpp") CHECK((group["function"] == "use()" || group["function"].get<std::string>().starts_with("solve(")));
}

TEST_CASE("an overload is named by its signature") {
  check("int f(int a) { return a; }\nint f(double) { return 1; }", {{"op", "set_literal"}, {"function", "f(double)"}, {"path", "0.0"}, {"value", "2"}},
        "int f(int a) { return a; }\nint f(double) { return 2; }");
}

TEST_CASE("edits see the result of the ones before them, and all are dropped when one is refused") {
  const Json edits = {{{"op", "set_literal"}, {"function", "f"}, {"path", "0.0"}, {"value", "2"}},
                      {{"op", "set_literal"}, {"function", "f"}, {"path", "0.0"}, {"expect", "2"}, {"value", "3"}}};
  const Files before = agent_with("int f() { return 1; }\n" + kSolve);
  auto edited = apply_edits(test_compiler(), before, edits);
  REQUIRE(std::holds_alternative<Files>(edited));
  CHECK(std::get<Files>(edited).at("task/solve.cpp").find("return 3;") != std::string::npos);
  Json bad = edits;
  bad[1]["expect"] = "7";
  CHECK(code_of(apply_edits(test_compiler(), before, bad)) == refusal::kExpectation);
}

TEST_CASE("a program that does not parse, does not type-check or loses an entry point is refused as such") {
  const auto built = [](const std::string& source) {
    auto result = build_agent(test_compiler(), agent_with(source));
    REQUIRE(result.has_value());
    return code_of(*result);
  };
  CHECK(built(kSolve) == "");
  CHECK(built("ha::Answer solve(const ha::Task&, ha::Host&) { return ha::Answer() }") == refusal::kParse);
  CHECK(built("ha::Answer solve(const ha::Task&, ha::Host&) { return 1.5 + nothing; }") == refusal::kTypeCheck);
  CHECK(built("int f() { return 1; }") == refusal::kEntryPoints);
}

TEST_CASE("the canonical hash ignores comments, layout and parentheses, and sees every change of meaning") {
  const auto hash = [](const std::string& source) {
    auto result = build_agent(test_compiler(), agent_with(source + kSolve));
    REQUIRE(result.has_value());
    REQUIRE(std::holds_alternative<CompiledAgent>(*result));
    return std::get<CompiledAgent>(*result).ast_hash;
  };
  const std::string original = hash("int f(int a) { return a + 1; }\n");
  CHECK(hash("// hello\nint f( int a )\n{ return (a + 1); /* x */ }\n") == original);
  CHECK(hash("int f(int a) { return a + 2; }\n") != original);
  CHECK(hash("int f(int a) { return a - 1; }\n") != original);
  CHECK(hash("int f(int b) { return b + 1; }\n") != original);
  CHECK(hash("long f(int a) { return a + 1; }\n") != original);
  CHECK(hash("int g(int a) { return a + 1; }\n") != original);
}
