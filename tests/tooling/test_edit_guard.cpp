// What edits may touch, and what new code may hold.
#include "tests/tooling/edit_cases.h"

using namespace hyperagent;
using namespace hyperagent::tooling;
using Catch::Matchers::Contains;

namespace {

Json body(const std::string& function, const std::string& code) { return {{"op", "replace_body"}, {"function", function}, {"code", code}}; }

EditRules under(const Json& policy) {
  auto read = EditPolicy::from(policy);
  REQUIRE(read.has_value());
  return {*read, true};
}

}  // namespace

TEST_CASE("a frozen declaration cannot be edited by any operation") {
  const std::string frozen = "[[clang::annotate(\"ha::frozen\")]] int f(int a) {\n  a = 1;\n  return a;\n}\nint g(int a) { return f(a); }";
  for (const Json& edit : {body("f", "{ return 1; }"), Json{{"op", "replace_function"}, {"function", "f"}, {"code", "int f(int) { return 1; }"}},
                           Json{{"op", "set_literal"}, {"function", "f"}, {"path", "0.1"}, {"value", "2"}}, Json{{"op", "delete_statement"}, {"function", "f"}, {"path", "0"}},
                           Json{{"op", "remove_declaration"}, {"name", "f"}}, Json{{"op", "rename"}, {"name", "f"}, {"to", "h"}},
                           Json{{"op", "insert_statement"}, {"function", "f"}, {"path", "0"}, {"where", "before"}, {"code", "a = 3;"}},
                           Json{{"op", "rewrite"}, {"match", "integerLiteral()"}, {"code", "7"}},
                           Json{{"op", "graft"}, {"agent", 1}, {"function", "f"}, {"donor", agent_with("int f(int a) { return a; }\n" + kSolve)}}}) {
    INFO(edit.dump());
    const Refusal refused = refusal_of(frozen, edit);
    CHECK(refused.code == refusal::kForbidden);
    CHECK_THAT(refused.message, Contains("'f' is frozen"));
  }
  CHECK(refusal_of(frozen, body("g", "{ return 1; }")).code == "");
  CHECK(refusal_of(frozen, {{"op", "insert_declaration"}, {"after", "f"}, {"code", "int h() { return 1; }"}}).code == "");
}

TEST_CASE("what is inserted before a frozen declaration does not come between it and its mark") {
  const std::string frozen = "[[maybe_unused, clang::annotate(\"ha::frozen\")]] int f() { return 1; }";
  check(frozen, {{"op", "insert_declaration"}, {"before", "f"}, {"code", "int g() { return 2; }"}}, "\nint g() { return 2; }\n" + frozen);
  check("[[nodiscard]] int f() { return 1; }\nint g() { return 2; }", {{"op", "remove_declaration"}, {"name", "f"}},
        "int g() { return 2; }");
}

TEST_CASE("a frozen type, variable and member are frozen like a function") {
  const std::string mark = "[[clang::annotate(\"ha::frozen\")]] ";
  CHECK(refusal_of("struct " + mark + "S { int a; };", {{"op", "rename"}, {"name", "S::a"}, {"to", "b"}}).code == refusal::kForbidden);
  CHECK(refusal_of(mark + "const int kMost = 3;", {{"op", "remove_declaration"}, {"name", "kMost"}}).code == refusal::kForbidden);
  CHECK(refusal_of("struct S { " + mark + "int f() { return 1; } int g() { return 2; } };", body("S::f", "{ return 3; }")).code == refusal::kForbidden);
  CHECK(refusal_of("struct S { " + mark + "int f() { return 1; } int g() { return 2; } };", body("S::g", "{ return 3; }")).code == "");
}

TEST_CASE("a rename is refused when a frozen function refers to the name") {
  const std::string program = "int f() { return 1; }\n[[clang::annotate(\"ha::frozen\")]] int g() { return f(); }";
  CHECK(refusal_of(program, {{"op", "rename"}, {"name", "f"}, {"to", "h"}}).code == refusal::kForbidden);
}

TEST_CASE("a policy decides by path, half and function, and the first rule that matches counts") {
  const std::string program = "int f() { return 1; }\nint score(int a) { return a; }";
  const auto code = [&](const Json& policy, const Json& edit) { return refusal_of(program, edit, under(policy)).code; };
  const Json f = body("f", "{ return 2; }"), score = body("score", "{ return 2; }"), meta = body("first_weight", "{ return 1.0; }");
  CHECK(code({{"rules", {{{"function", "f"}, {"decision", "deny"}}}}}, f) == refusal::kForbidden);
  CHECK(code({{"rules", {{{"function", "f"}, {"decision", "deny"}}}}}, score) == "");
  CHECK(code({{"rules", {{{"function", "score(int)"}, {"decision", "deny"}}}}}, score) == refusal::kForbidden);
  CHECK(code({{"rules", {{{"half", "meta"}, {"decision", "deny"}}}}}, meta) == refusal::kForbidden);
  CHECK(code({{"rules", {{{"half", "meta"}, {"decision", "deny"}}}}}, f) == "");
  CHECK(code({{"rules", {{{"path", "task/*"}, {"decision", "deny"}}}}}, f) == refusal::kForbidden);
  CHECK(code({{"default", "deny"}, {"rules", {{{"function", "sc*"}, {"decision", "allow"}}}}}, score) == "");
  CHECK(code({{"default", "deny"}, {"rules", {{{"function", "sc*"}, {"decision", "allow"}}}}}, f) == refusal::kForbidden);
}

TEST_CASE("a refusal by policy says which place and which rule") {
  const Json policy = {{"rules", {{{"function", "f"}, {"decision", "deny"}, {"why", "the safety check stays"}}}}};
  CHECK_THAT(refusal_of("int f() { return 1; }", body("f", "{ return 2; }"), under(policy)).message, Contains("task/solve.cpp:2") && Contains("the safety check stays"));
}

TEST_CASE("edits that need approval are applied and named") {
  const EditRules rules = under({{"default", "needs_approval"}, {"rules", {{{"function", "g"}, {"decision", "allow"}}}}});
  const Files files = agent_with("int f() { return 1; }\nint g() { return 1; }\n" + kSolve);
  auto both = apply_edits(test_compiler(), files, Json::array({body("f", "{ return 2; }"), body("g", "{ return 2; }")}), rules);
  REQUIRE(std::holds_alternative<Edited>(both));
  REQUIRE(std::get<Edited>(both).needs_approval.size() == 1);
  CHECK_THAT(std::get<Edited>(both).needs_approval[0], Contains("task/solve.cpp:2"));
}

TEST_CASE("a policy that cannot be read names the rule and the member") {
  const auto message = [](const Json& policy) {
    auto read = EditPolicy::from(policy);
    return read ? std::string() : read.error().message;
  };
  CHECK_THAT(message("x"), Contains("must be a JSON object"));
  CHECK_THAT(message({{"rule", 1}}), Contains("\"rule\""));
  CHECK_THAT(message({{"default", "maybe"}}), Contains("needs_approval"));
  CHECK_THAT(message({{"rules", {{{"decision", "allow"}}, {{"functon", "f"}, {"decision", "deny"}}}}}), Contains("rule 2") && Contains("\"functon\""));
  CHECK_THAT(message({{"rules", {{{"function", "f"}}}}}), Contains("rule 1") && Contains("\"decision\""));
  CHECK(message(nullptr) == "");
}

TEST_CASE("code that reaches beyond its place is refused by name") {
  const auto message = [](const std::string& code) {
    const Refusal refused = refusal_of("int f(int a) { return a; }", body("f", code));
    CHECK((refused.code == refusal::kForbidden || refused.code == refusal::kMalformed));
    return refused.message;
  };
  CHECK_THAT(message("{\n#define return throw\nreturn 1; }"), Contains("#define"));
  CHECK_THAT(message("{\n  %:pragma once\nreturn 1; }"), Contains("#pragma"));
  CHECK_THAT(message("{\n#include \"/etc/passwd\"\nreturn 1; }"), Contains("#include"));
  CHECK_THAT(message("{ asm(\"nop\"); return 1; }"), Contains("assembly"));
  CHECK_THAT(message("{ as\\\nm(\"nop\"); return 1; }"), Contains("line break inside a word"));
  CHECK_THAT(message("{ return 1; }\nextern \"C\" int puts(const char*);"), Contains("extern \"C\""));
  CHECK_THAT(message("{ _Pragma(\"GCC poison a\") return 1; }"), Contains("_Pragma"));
  CHECK_THAT(message("{ __attribute__((noinline)) int b = 1; return b; }"), Contains("__attribute__"));
  CHECK_THAT(message("{ return 1; }\n[[gnu::constructor]] void early() {}"), Contains("'gnu::constructor'"));
  CHECK_THAT(message("{ [[maybe_unused, clang::annotate(\"ha::frozen\")]] int b = 1; return 1; }"), Contains("'clang::annotate'"));
  CHECK_THAT(message("{ [[using gnu: used]] static int b; return 1; }"), Contains("attribute"));
  CHECK_THAT(message("{ return 1; } /*"), Contains("does not end"));
  CHECK_THAT(message("{ return 1; }}"), Contains("no partner"));
  CHECK_THAT(message("{ return (1; }"), Contains("no partner"));
  CHECK_THAT(message("{ return '1; }"), Contains("does not end"));
}

// Each of these got past the guard once.
TEST_CASE("nothing hides a directive, a linkage or an attribute") {
  const auto code = [](const std::string& text) { return refusal_of("", {{"op", "insert_declaration"}, {"file", "task/solve.cpp"}, {"code", text}}).code; };
  for (const char* text : {" #define f g", " #include <fstream>", "\t#include </proc/self/environ>", "/**/ #define return return 1 +", "int a;\n/* b\n*/ #pragma weak c",
                           "int a; #include <vector>", "\v#define f g", "#include <cmath> /*\nR\"(*/\n#define private public\n//)\"", "#include <cmath>\\\n#define f g",
                           "extern /**/ \"C\" int f();", "extern // c\n\"C\" int f();", "[/**/[gnu::constructor]] void f() {}", "[[/**/gnu::constructor]] void f() {}",
                           "[/**/[clang::annotate(\"ha::frozen\")]] int f();"}) {
    INFO(text);
    CHECK(code(text) == refusal::kForbidden);
  }
  CHECK(code("\n# include <vector>\n") == "");
  const std::string f = "int f(int a) { return a; }";
  for (const char* invisible : {"\xD8\x9C", "\xC2\xAD", "\x1B[2J", "\x7F", "\xF3\xA0\x80\xA0"}) {
    CHECK(refusal_of(f, body("f", std::string("{ return 1; /* ") + invisible + " */ }")).code == refusal::kForbidden);
    CHECK(refusal_of("const char* s() { return \"a\"; }", {{"op", "set_literal"}, {"function", "s"}, {"path", "0.0"}, {"value", std::string("\"b") + invisible + "\""}}).code == refusal::kForbidden);
  }
  CHECK(refusal_of(f, body("f", std::string("{ return 1;\0 return 2; }", 25))).code == refusal::kForbidden);
  CHECK(refusal_of(f, body("f", "{ return 1;\rreturn 2; }")).code == refusal::kForbidden);
  CHECK(refusal_of(f, {{"op", "rename"}, {"name", "f"}, {"to", "\xD1\x84"}}).code == refusal::kForbidden);  // a Cyrillic letter
}

TEST_CASE("no macro of the standard library's stands for what is refused by name") {
  const auto code = [](const std::string& text) {
    return refusal_of("", {{"op", "insert_declaration"}, {"file", "task/solve.cpp"}, {"code", text}}).code;
  };
  CHECK(code("__BEGIN_DECLS int puts(const char*); __END_DECLS") == refusal::kForbidden);
  CHECK(code("extern int __REDIRECT(run, (const char* command), system);") == refusal::kForbidden);
  CHECK(code("void early() __attribute_used__;") == refusal::kForbidden);
  CHECK(code("_GLIBCXX_PURE int f();") == refusal::kForbidden);
  CHECK(code("int f(unsigned a) { return __builtin_popcount(a) + int(sizeof(__func__)); }\nint _low(int a_) { return a_; }") == "");
}

TEST_CASE("what a hole is filled with cannot end the literal or comment that the hole stands in") {
  const std::string program = "std::string g(std::string s) {\n  s = \"/*\";\n  return s;\n}\n[[clang::annotate(\"ha::frozen\")]] int f() { return 1; }\n"
                              "const char* z = \"*/; return s; } int f() { return 2; } // \";";
  for (const Json& edit : {Json{{"op", "wrap_statement"}, {"function", "g"}, {"path", "0"}, {"code", "(void)\"$statement\";"}},
                           Json{{"op", "wrap_statement"}, {"function", "g"}, {"path", "0"}, {"code", "/* $statement */"}},
                           Json{{"op", "wrap_statement"}, {"function", "g"}, {"path", "0"}, {"code", "a$statement"}}}) {
    const Refusal refused = refusal_of(program, edit);
    CHECK(refused.code == refusal::kMalformed);
    CHECK_THAT(refused.message, Contains("$statement"));
  }
  const Refusal refused = refusal_of(program, {{"op", "rewrite"}, {"function", "g"}, {"match", "cxxOperatorCallExpr(hasOperatorName(\"=\")).bind(\"s\")"}, {"code", "(void)\"$s;\""}});
  CHECK_THAT(refused.message, Contains("no comment, literal or word"));
  CHECK(refusal_of("int h(int* p, int a) { return a; }", {{"op", "replace_node"}, {"function", "h"}, {"path", "0.0"}, {"code", "a /*"}}).code == refusal::kMalformed);
  CHECK(refusal_of("int h(int* p, int b) { int a = 6; return a/b; }", {{"op", "replace_node"}, {"function", "h"}, {"path", "1.0.1"}, {"code", "*p"}}).code == refusal::kMalformed);
}

TEST_CASE("a type that is renamed takes its members from under a rule") {
  const std::string program = "struct Stats { int scaled() { return 1; } };";
  const EditRules rules = under({{"rules", {{{"function", "Stats::scaled"}, {"decision", "deny"}}}}});
  CHECK(refusal_of(program, {{"op", "rename"}, {"name", "Stats"}, {"to", "Other"}}, rules).code == refusal::kForbidden);
  CHECK(refusal_of(program, {{"op", "rename"}, {"name", "Stats"}, {"to", "Other"}}).code == "");
}

TEST_CASE("a declaration that is frozen freezes nothing between it and the definition") {
  const std::string program = "[[clang::annotate(\"ha::frozen\")]] int guarded();\nint helper() { return 3; }\nint guarded() { return 1; }";
  CHECK(refusal_of(program, body("helper", "{ return 4; }")).code == "");
  CHECK(refusal_of(program, body("guarded", "{ return 4; }")).code == refusal::kForbidden);
}

TEST_CASE("code that only looks like it reaches beyond its place is accepted") {
  const auto code = [](const std::string& text) { return refusal_of("int f(int a) { return a; }", body("f", text)).code; };
  CHECK(code("{ const char* s = \"#define asm {{ /*\"; return s[0]; }  // ( #pragma") == "");
  CHECK(code("{ const char* s = R\"x(\n#define }\n)x\"; return s[0]; }") == "");
  CHECK(code("{ [[maybe_unused]] int b = 1; if (a > 1) [[likely]] return 1; return a; }") == "");
  CHECK(code("{ int b[1][1] = {{1}}; int asmx = 1'000; return b[0][0] + asmx; }") == "");
}

TEST_CASE("a comment at the end of new code does not take in what follows") {
  check("int f(int a) { return a + 1; }", {{"op", "replace_node"}, {"function", "f"}, {"path", "0.0.0"}, {"code", "2  // two"}}, "int f(int a) {\n  return 2  // two\n         + 1;\n}");
}

TEST_CASE("an include that carries a second line is refused") {
  const auto include = [](const std::string& code) { return refusal_of("", {{"op", "insert_declaration"}, {"file", "task/solve.cpp"}, {"code", code}}).code; };
  CHECK(include("#include <ha/text.h>") == "");
  CHECK(include("#include <ha/text.h>\n#define x <y.h>") == refusal::kForbidden);
  CHECK(include("#include <ha/../../etc/x.h>") == refusal::kForbidden);
}

TEST_CASE("a template that is frozen is not specialised from outside") {
  const std::string mark = "[[clang::annotate(\"ha::frozen\")]] ";
  const std::string program = "template <class T> " + mark + "int of(T) { return 1; }\ntemplate <class T> struct " + mark +
                              "Box { int get() { return 1; } };\ntemplate <class T> int free(T) { return 2; }\nint last() { return 3; }";
  const auto added = [&](const char* code) {
    return refusal_of(program, {{"op", "insert_declaration"}, {"after", "last"}, {"code", code}});
  };
  for (const char* code :
       {"template <> int of<int>(int) { return 7; }", "template <> struct Box<int> { int get() { return 7; } };",
        "template <class T> struct Box<T*> { int get() { return 7; } };", "template <> int Box<int>::get() { return 7; }"}) {
    INFO(code);
    const Refusal refused = added(code);
    CHECK(refused.code == refusal::kForbidden);
    CHECK_THAT(refused.message, Contains("frozen"));
  }
  CHECK(added("template <> int free<int>(int) { return 7; }").code == "");
}

TEST_CASE("what a frozen function's text means stays as it is") {
  const std::string frozen = "[[clang::annotate(\"ha::frozen\")]] int guarded() { return pick(1); }\n",
                    wide = "int pick(double a) { return int(a); }\n";
  const Json overload = {{"op", "insert_declaration"}, {"before", "guarded"}, {"code", "int pick(int a) { return a; }"}};
  const Refusal refused = refusal_of(wide + frozen, overload);
  CHECK(refused.code == refusal::kForbidden);
  CHECK_THAT(refused.message,
             Contains("task/solve.cpp:3") && Contains("'guarded' is frozen") && Contains("int (double)") && Contains("int (int)"));
  CHECK(refusal_of(wide + frozen, {{"op", "insert_declaration"}, {"after", "guarded"}, {"code", "int pick(int a) { return a; }"}}).code ==
        "");
  CHECK(refusal_of(wide + "int loose() { return pick(1); }",
                   {{"op", "insert_declaration"}, {"before", "loose"}, {"code", "int pick(int a) { return a; }"}})
            .code == "");
  CHECK(refusal_of("auto number() { return 1; }\nint pick(int a) { return a; }\n" + wide +
                       "[[clang::annotate(\"ha::frozen\")]] int guarded() { return pick(number()); }",
                   body("number", "{ return 1.5; }"))
            .code == refusal::kForbidden);
  CHECK(refusal_of(wide + frozen, body("pick", "{ return 7; }")).code == "");
}

TEST_CASE("what is still used is not removed, though another overload would take its calls") {
  const std::string program = "int pick(int a) { return a; }\nint pick(double a) { return int(a); }\nint f() { return pick(1); }";
  const Refusal refused = refusal_of(program, {{"op", "remove_declaration"}, {"name", "pick(int)"}});
  CHECK(refused.code == refusal::kNotApplicable);
  CHECK_THAT(refused.message, Contains("task/solve.cpp:4") && Contains("still used") && Contains("int (double)"));
  CHECK(refusal_of(program, {{"op", "remove_declaration"}, {"name", "pick(double)"}}).code == "");
  CHECK(refusal_of("const int kMost = 1;\nnamespace n {\nconst int kMost = 2;\nint f() { return kMost; }\n}",
                   {{"op", "remove_declaration"}, {"name", "n::kMost"}})
            .code == refusal::kNotApplicable);
  CHECK(refusal_of("struct A {};\nint operator+(A, A) { return 1; }\nint f(A a) { auto g = [](int x) { return x; }; return g(2); }\nint "
                   "unused() { return 1; }",
                   {{"op", "remove_declaration"}, {"name", "unused"}})
            .code == "");
}

TEST_CASE("a rule for one overload is for its signature, however it is spaced, and for its declarations") {
  const std::string program = "int pick(int);\nint pick(const std::string& a) { return int(a.size()); }\nint pick(int a) { return a; }";
  const auto code = [&](const std::string& rule, const Json& edit) {
    return refusal_of(program, edit, under({{"rules", {{{"function", rule}, {"decision", "deny"}}}}})).code;
  };
  const Json text = body("pick(const std::string &)", "{ return 2; }"), number = body("pick(int)", "{ return 2; }");
  CHECK(code("pick(const std::string&)", text) == refusal::kForbidden);
  CHECK(code("pick( const std::string & )", text) == refusal::kForbidden);
  CHECK(code("pick(const std::string&)", number) == "");
  CHECK(code("pick(int)", number) == refusal::kForbidden);
  CHECK(code("pick(int)", text) == "");
  CHECK(code("pick", text) == refusal::kForbidden);
  CHECK(code("pick(int)", {{"op", "rename"}, {"name", "pick(int)"}, {"to", "choose"}}) == refusal::kForbidden);
}
