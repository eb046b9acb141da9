// rename, move_statement, rewrite, graft; and what a refusal says.
#include "tests/tooling/edit_cases.h"
#include "tooling/agent_build.h"

using namespace hyperagent;
using namespace hyperagent::tooling;
using Catch::Matchers::Contains;

namespace {

Json renames(const std::string& name, const std::string& to) { return {{"op", "rename"}, {"name", name}, {"to", to}}; }
Json rename_in(const std::string& function, const std::string& name, const std::string& to) {
  return {{"op", "rename"}, {"function", function}, {"name", name}, {"to", to}};
}
Json moves(const std::string& path, const std::string& to, const std::string& where) {
  return {{"op", "move_statement"}, {"function", "f"}, {"path", path}, {"to", to}, {"where", where}};
}
Json rewrite(const std::string& match, const std::string& code) { return {{"op", "rewrite"}, {"match", match}, {"code", code}}; }

Json graft(const std::string& function, const Files& donor) {
  return {{"op", "graft"}, {"agent", 7}, {"function", function}, {"donor", donor}};
}
Files donor(const std::string& source) { return agent_with(source + "\n" + kSolve); }

std::string built(const Files& files) {
  auto result = build_agent(test_compiler(), files);
  REQUIRE(result.has_value());
  const auto* refusal = std::get_if<Refusal>(&*result);
  return refusal == nullptr ? "" : refusal->code + ": " + refusal->message;
}

}  // namespace

TEST_CASE("a rename changes a declaration and all its references, and nothing that only reads alike") {
  check("int f() { return 1; }\nint g() { return f() + f(); }", renames("f", "first"), "int first() { return 1; }\nint g() { return first() + first(); }");
  check("int f();\nint g() { return f(); }\nint f() { return 1; }", renames("f", "h"), "int h();\nint g() { return h(); }\nint h() { return 1; }");
  check("int f() { return 1; }\nint g(int f) { return f; }  // f", renames("f", "h"), "int h() { return 1; }\nint g(int f) { return f; }  // f");
  check("int f(int a) { return a; }\nint f(double) { return f(1); }", renames("f(int)", "g"), "int g(int a) { return a; }\nint f(double) { return g(1); }");
  check("struct S { int a; };\nint f(S s) { return s.a; }", renames("S", "T"), "struct T { int a; };\nint f(T s) { return s.a; }");
  check("struct S { int a; };\nint f(S s) { return s.a; }", renames("S::a", "b"), "struct S { int b; };\nint f(S s) { return s.b; }");
  check("int f(int a) { return a + a; }", rename_in("f", "a", "b"), "int f(int b) { return b + b; }");
  check("int f() { int a = 1; auto g = [a] { return a; }; return g(); }", rename_in("f", "a", "b"), "int f() { int b = 1; auto g = [b] { return b; }; return g(); }");
  check("namespace {\nconst int kMost = 3;\n}\nint f() { return kMost; }", renames("kMost", "kAll"), "namespace {\nconst int kAll = 3;\n}\nint f() { return kAll; }");
  check("template <class T> T f(T a) { return a; }\nint g() { return f(1) + f<int>(2); }", renames("f", "h"), "template <class T> T h(T a) { return a; }\nint g() { return h(1) + h<int>(2); }");
  check("enum class E { a, b };\nE f() { return E::a; }", renames("E::a", "c"), "enum class E { c, b };\nE f() { return E::c; }");
}

TEST_CASE("a rename reaches the other files of the agent") {
  Files files = agent_with("double half(double a) { return a / 2; }\n" + kSolve);
  files["meta/improve.cpp"] += "\ndouble half(double a);\nnamespace { double quarter(double a) { return half(a) / 2; } }\ndouble eighth() { return quarter(1); }\n";
  auto renamed = apply_edits(test_compiler(), files, list_of(renames("half", "halved")));
  REQUIRE(std::holds_alternative<Files>(renamed));
  const Files& after = std::get<Files>(renamed);
  CHECK_THAT(after.at("task/solve.cpp"), Contains("double halved(double a) {"));
  CHECK_THAT(after.at("meta/improve.cpp"), Contains("double halved(double a);") && Contains("return halved(a) / 2"));
  CHECK(built(after) == "");
}

TEST_CASE("a rename reaches the agent's own header, once") {
  Files files = agent_with("#include \"words.h\"\nint f() { return longest(); }\n" + kSolve);
  files["task/words.h"] = "inline int longest() { return 3; }\n";
  auto renamed = apply_edits(test_compiler(), files, list_of(renames("longest", "most")));
  REQUIRE(std::holds_alternative<Files>(renamed));
  CHECK(std::get<Files>(renamed).at("task/words.h") == "inline int most() { return 3; }\n");
  CHECK_THAT(std::get<Files>(renamed).at("task/solve.cpp"), Contains("return most();"));
}

TEST_CASE("functions of one name in files of one name are told apart by a rename") {
  Files files = agent_with("namespace { int f() { return 1; } }\nint a() { return f(); }\n" + kSolve);
  files["meta/solve.cpp"] = "namespace { int f() { return 2; } }\nint b() { return f(); }\n";
  Json edit = renames("f", "g");
  edit["file"] = "meta/solve.cpp";
  auto renamed = apply_edits(test_compiler(), files, list_of(edit));
  REQUIRE(std::holds_alternative<Files>(renamed));
  CHECK(std::get<Files>(renamed).at("task/solve.cpp") == files.at("task/solve.cpp"));
  CHECK(std::get<Files>(renamed).at("meta/solve.cpp") == "namespace { int g() { return 2; } }\nint b() { return g(); }\n");
}

TEST_CASE("a rename is refused when a template may mean the name, or not") {
  const std::string box = "template <class T> struct Box { T t; T get() const { return t; } };\n";
  const auto member = refusal_of(box + "template <class T> int f(T b) { return b.get(); }", renames("Box::get", "take"));
  CHECK(member.code == refusal::kNotApplicable);
  CHECK_THAT(member.message, Contains("task/solve.cpp:3") && Contains("template") && Contains("name the type"));
  CHECK(refusal_of(box + "int f(Box<int> b) { return b.get(); }", renames("Box::get", "take")).code == "");
  // A call with dependent arguments is found again by argument when the template is used: it must go along or stop the rename.
  const std::string call = edited("int g(int a) { return a; }\ntemplate <class T> int f(T a) { return g(a); }", renames("g", "h"));
  CHECK((call.starts_with(refusal::kNotApplicable) || call.find("return h(a);") != std::string::npos));
}

TEST_CASE("a member of a class template is renamed where a template uses it through the class") {
  const std::string before =
      "template <class T> struct Box { T t; T @() const; T twice() const { return @() + this->@(); } };\n"
      "template <class T> T Box<T>::@() const { return t; }\nstruct Other { int get() { return 1; } };\n"
      "template <class T> T f(const Box<T>& b, Box<T>* p, Other o) { return b.@() + p->@() + T(o.get()); }\n"
      "int g(Box<int> b, Other o) { return b.@() + f(b, &b, o); }";
  const auto with = [&](const std::string& name) {
    std::string text;
    for (const char c : before) text += c == '@' ? name : std::string(1, c);
    return text;
  };
  check(with("get"), renames("Box::get", "take"), with("take"));
  const std::string special = "template <> struct Box<char> { char get() const { return 'a'; } };\n";
  const std::string box = "template <class T> struct Box { T t; T fetch() const { return t; } };\n" + special;
  CHECK(refusal_of(box + "template <class T> T f(Box<T> b) { return b.fetch(); }", renames("Box::fetch", "take")).code ==
        refusal::kNotApplicable);
}

TEST_CASE("a rename that would change what another name means is refused") {
  const auto code = [](const std::string& before, const Json& edit) { return refusal_of(before, edit).code; };
  // The new name hides, is hidden by, or joins another one.
  CHECK(code("int b = 1;\nint f(int a) { return a + b; }", rename_in("f", "a", "b")) == refusal::kNotApplicable);
  CHECK(code("int a = 1;\nint f(int b) { return a + b; }", renames("a", "b")) == refusal::kNotApplicable);
  CHECK(code("int f(int) { return 1; }\nint g(double) { return 2; }\nint h() { return g(1); }", renames("f", "g")) == refusal::kNotApplicable);
  CHECK(code("int f(int) { return 1; }\nint g(double) { return 2; }\nint h() { return f(1); }", renames("f", "g")) == "");
  CHECK(code("int f() { return 1; }\nint g() { return 2; }", renames("f", "g")) == refusal::kTypeCheck);
  CHECK(code("int f() { return 1; }", renames("f", "while")) == refusal::kMalformed);
  CHECK(code("int f() { return 1; }", renames("f", "a b")) == refusal::kMalformed);
  // White space is no word: "while " was no keyword, and a name behind a blank was looked for one place too early.
  for (const char* to : {" g", "g ", "while ", "g\n"}) CHECK(code("int f() { return 1; }", renames("f", to)) == refusal::kMalformed);
  CHECK(code("int f() { return 1; }", renames("f", "f")) == refusal::kNotApplicable);
  CHECK(code("int f(int) { return 1; }\nint f(double) { return 1; }", renames("f", "g")) == refusal::kAmbiguous);
}

// Found by fuzzing: a message that ends within a character could not be written as JSON.
TEST_CASE("what a refusal quotes is whole characters") {
  std::string far(61, 'x');
  for (const Json& edit : {rewrite("binaryOperator(\u200bhasOperatorName(\"+\"))", "1"), rewrite("stmt() " + far.substr(2) + "größer", "1"),
                           Json{{"op", "replace_body"}, {"function", "f"}, {"code", "/*" + far.substr(24) + "ä"}}}) {
    const Refusal refused = refusal_of("int f() { return 1; }", edit);
    INFO(edit.dump());
    CHECK_FALSE(refused.code.empty());
    CHECK_NOTHROW(Json(refused.message).dump());
  }
}

TEST_CASE("a statement is moved within its block, into one and out of one") {
  const std::string f = "int f(int a) {\n  a = 1;\n  a = 2;\n  if (a > 1) {\n    a = 3;\n  }\n  return a;\n}";
  check(f, moves("1", "0", "before"), "int f(int a) {\n  a = 2;\n  a = 1;\n  if (a > 1) {\n    a = 3;\n  }\n  return a;\n}");
  check(f, moves("0", "2.1", "end"), "int f(int a) {\n  a = 2;\n  if (a > 1) {\n    a = 3;\n    a = 1;\n  }\n  return a;\n}");
  check(f, moves("2.1.0", "2", "after"), "int f(int a) {\n  a = 1;\n  a = 2;\n  if (a > 1) {\n  }\n  a = 3;\n  return a;\n}");
  CHECK(refusal_of(f, moves("2", "2.1", "begin")).code == refusal::kNotApplicable);
  CHECK(refusal_of(f, moves("1", "1", "before")).code == refusal::kNotApplicable);
  CHECK(refusal_of(f, moves("9", "1", "before")).code == refusal::kNotFound);
  CHECK(refusal_of(f, moves("1", "0", "begin")).code == refusal::kNotApplicable);
}

TEST_CASE("a rewrite edits every match, with parentheses where they are needed") {
  const std::string calls = "int g(int a) { return a; }\n";
  const std::string matcher = "callExpr(callee(functionDecl(hasName(\"g\"))), hasArgument(0, expr().bind(\"x\")))";
  check(calls + "int f(int a) { return g(a) + g(1 + a); }", rewrite(matcher, "$x * 2"), calls + "int f(int a) { return (a * 2) + ((1 + a) * 2); }");
  check(calls + "int f(int a) { return g(a); }", rewrite(matcher, "$x * 2"), calls + "int f(int a) { return a * 2; }");
  check(calls + "int f(int a) { return g(a + 1); }", rewrite(matcher, "g(g($x))"), calls + "int f(int a) { return g(g(a + 1)); }");
  check("int f(int a) { if (a > 1) return 2; return 3; }", rewrite("ifStmt(hasCondition(expr().bind(\"c\")), hasThen(stmt().bind(\"t\")))", "while ($c) { $t }"),
        "int f(int a) {\n  while (a > 1) {\n    return 2;\n  }\n  return 3;\n}");
  Json one = rewrite("integerLiteral(equals(1)).bind(\"one\")", "5");
  one["function"] = "f";
  check("int g() { return 1; }\nint f() { return 1; }", one, "int g() { return 1; }\nint f() { return 5; }");
  Json inner = rewrite("returnStmt(has(expr().bind(\"value\")))", "-$value");
  inner["target"] = "value";
  inner["function"] = "f";
  check("int f(int a) { return a; }", inner, "int f(int a) { return -a; }");
}

TEST_CASE("a rewrite that matches nothing, cannot be read or does not fit is refused and says so") {
  const std::string f = "int weight(int a) { return a; }\nint f(int a) { return weight(weight(a)); }";
  const auto none = refusal_of(f, rewrite("callExpr(callee(functionDecl(hasName(\"wieght\"))))", "1"));
  CHECK(none.code == refusal::kNotFound);
  CHECK_THAT(none.message, Contains("nothing matches") && Contains("did you mean 'weight'?"));
  const auto unread = refusal_of(f, rewrite("calExpr()", "1"));
  CHECK(unread.code == refusal::kMalformed);
  CHECK_THAT(unread.message, Contains("calExpr"));
  const auto unbound = refusal_of(f, rewrite("callExpr(hasArgument(0, expr().bind(\"inner\")))", "$iner"));
  CHECK(unbound.code == refusal::kMalformed);
  CHECK_THAT(unbound.message, Contains("did you mean 'inner'?"));
  const auto nested = refusal_of(f, rewrite("callExpr()", "1"));
  CHECK(nested.code == refusal::kNotApplicable);
  CHECK_THAT(nested.message, Contains("inside another one"));
}

TEST_CASE("a graft replaces the function of the same signature and brings what it needs") {
  const Files other = donor("double mean(double a, double b) { return (a + b) / 2; }\ndouble unused() { return 9; }\ndouble score(double a) { return mean(a, 1); }");
  check("double score(double a) { return a; }", graft("score", other),
        "\ndouble mean(double a, double b) { return (a + b) / 2; }\n\ndouble score(double a) { return mean(a, 1); }");
  // A function that is new here comes behind the includes.
  CHECK_THAT(edited("", graft("score", other)), Contains("double mean(double a, double b) {") && Contains("double score(double a) {") && !Contains("unused"));
}

TEST_CASE("a graft shares what is here already, and renames what means something else here") {
  const Files other = donor("double mean(double a) { return a / 2; }\ndouble twice(double a) { return mean(a) * 4; }\ndouble score(double a) { return twice(a); }");
  check("double mean(double a) { return a / 2; }\ndouble twice(double a) { return mean(a) * 4; }\ndouble score(double a) { return a; }", graft("score", other),
        "double mean(double a) { return a / 2; }\ndouble twice(double a) { return mean(a) * 4; }\ndouble score(double a) { return twice(a); }");
  // twice() reads alike in both, but does something else here because mean() does.
  const std::string mixed = edited("double mean(double a) { return a / 3; }\ndouble twice(double a) { return mean(a) * 4; }\ndouble score(double a) { return a; }", graft("score", other));
  CHECK_THAT(mixed, Contains("double mean(double a) { return a / 3; }") && Contains("double mean_of_7(double a) { return a / 2; }"));
  CHECK_THAT(mixed, Contains("double twice_of_7(double a) { return mean_of_7(a) * 4; }") && Contains("double score(double a) { return twice_of_7(a); }"));
}

TEST_CASE("a graft brings types, constants and namespaces along") {
  const Files other = donor(
      "namespace {\nconst double kScale = 2;\nstruct Pair { double a, b; };\nusing Couple = Pair;\nenum class Way { up, down };\n}  // namespace\n"
      "double score(double a) { Couple c{a, kScale}; return Way::up == Way::down ? c.a : c.b; }");
  const std::string after = edited("double score(double a) { return a; }", graft("score", other));
  CHECK_THAT(after, Contains("namespace {") && Contains("struct Pair") && Contains("using Couple") && Contains("kScale = 2") && Contains("enum class Way"));
  Files files = agent_with("");
  files["task/solve.cpp"] = after;
  CHECK(built(files) == "");
}

TEST_CASE("an agent's solve is grafted with its helpers onto another agent") {
  const Files other = agent_with("namespace {\ndouble weight() { return 0.5; }\n}\nha::Answer solve(const ha::Task& task, ha::Host& host) { (void)task; (void)host; return weight() > 1 ? ha::Answer() : ha::Answer(); }\n");
  const std::string after = edited("namespace {\ndouble weight() { return 0.7; }\n}\ndouble other() { return weight(); }", graft("solve", other));
  CHECK_THAT(after, Contains("weight_of_7() { return 0.5; }") && Contains("weight() { return 0.7; }") && Contains("return weight_of_7() > 1"));
  Files files = agent_with("");
  files["task/solve.cpp"] = after;
  CHECK(built(files) == "");
}

TEST_CASE("a graft of what is not there is refused and says what is") {
  const Files other = donor("double score(double a) { return a; }");
  const auto misspelt = refusal_of("", graft("scores", other));
  CHECK(misspelt.code == refusal::kNotFound);
  CHECK_THAT(misspelt.message, Contains("did you mean 'score'?"));
  CHECK(refusal_of("", {{"op", "graft"}, {"agent", 99}, {"function", "score"}}).code == refusal::kNotFound);
  const auto elsewhere = refusal_of("", graft("f", donor("double far(double a);\ndouble f() { return far(1); }")));
  CHECK(elsewhere.code == refusal::kNotApplicable);
  CHECK_THAT(elsewhere.message, Contains("'far'"));
}

TEST_CASE("a refusal names the place and the nearest thing that would have matched") {
  const std::string f = "double weight(int a) { return a - -1; }\nint g(int a) {\n  a = 1;\n  return a + 2;\n}";
  const auto message = [&](const Json& edit) { return refusal_of(f, edit).message; };
  CHECK_THAT(message({{"op", "replace_body"}, {"function", "wheight"}, {"code", "{}"}}), Contains("did you mean 'weight'?"));
  CHECK_THAT(message({{"op", "replace_body"}, {"function", "weight(double)"}, {"code", "{}"}}), Contains("weight(int)"));
  CHECK_THAT(message({{"op", "replace_node"}, {"function", "g"}, {"path", "1.4"}, {"code", "1"}}), Contains("'1'") && Contains("one child, 0"));
  CHECK_THAT(message({{"op", "replace_node"}, {"function", "g"}, {"path", "0"}, {"expect", "a + 2"}, {"code", "1"}}), Contains("task/solve.cpp:4") && Contains("at path '1.0'"));
  CHECK_THAT(message({{"op", "replace_node"}, {"function", "weight"}, {"path", "0.0"}, {"expect", "a --1"}, {"code", "1"}}), Contains("white space"));
  CHECK_THAT(message({{"op", "remove_declaration"}, {"name", "wait"}}), !Contains("did you mean"));
  CHECK_THAT(message({{"op", "remove_declaration"}, {"name", "weigth"}}), Contains("did you mean 'weight'?"));
  CHECK_THAT(message({{"op", "remove_declaration"}, {"name", "wieght"}}), Contains("did you mean 'weight'?"));
  CHECK_THAT(message({{"op", "replace_body"}, {"function", "wegiht"}, {"code", "{}"}}), Contains("did you mean 'weight'?"));
  for (const Json& edit : {Json{{"op", "replace_body"}, {"function", "g"}, {"file", "task/sovle.cpp"}, {"code", "{}"}}, Json{{"op", "remove_declaration"}, {"name", "g"}, {"file", "g.cpp"}},
                           Json{{"op", "rename"}, {"name", "g"}, {"file", "g.cpp"}, {"to", "h"}}})
    CHECK_THAT(message(edit), Contains("no file '") && Contains("meta/improve.cpp, task/solve.cpp"));
  const std::string overloads = refusal_of("int h(int);\nint h(int a) { return a; }\nint h(double) { return 1; }", {{"op", "remove_declaration"}, {"name", "h"}}).message;
  CHECK_THAT(overloads, Contains("h(int) (task/solve.cpp:3)") && Contains("h(double) (task/solve.cpp:4)"));
  CHECK_THAT(message({{"op", "replace_bodi"}, {"function", "g"}, {"code", "{}"}}), Contains("did you mean 'replace_body'?"));
  CHECK_THAT(message({{"op", "replace_body"}, {"function", "g"}, {"cod", "{}"}}), Contains("did you mean 'code'?"));
}
