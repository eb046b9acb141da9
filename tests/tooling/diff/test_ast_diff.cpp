// Source in, facts out, one line a change: "FUNCTION: kind `before` -> `after`".
#include <catch2/catch.hpp>

#include <cctype>
#include <cstring>

#include "tests/tooling/fixture.h"
#include "tooling/ast_diff.h"

using namespace hyperagent;
using namespace hyperagent::tooling;

namespace {

const std::string kHead = "#include <ha/agent.h>\ndouble mean(const std::vector<double>& v);\nvoid note(int what);\nint total(int a, int b);\n";

std::string facts(const Json& diff) {
  std::string out;
  if (diff.contains("refused")) return "refused " + diff["refused"]["code"].get<std::string>() + " " + diff["refused"]["side"].get<std::string>();
  for (const Json& function : diff["functions"])
    for (const Json& change : function["changes"]) {
      out += function["name"].get<std::string>() + ": " + change["kind"].get<std::string>();
      for (const char* side : {"before", "after"})
        if (!change[side].is_null()) out += std::string(side[0] == 'a' && !change["before"].is_null() ? " -> " : " ") + "`" + change[side]["text"].get<std::string>() + "`";
      out += "\n";
    }
  return out;
}

Json diff_task(const std::string& before, const std::string& after) {
  return ast_diff(test_compiler(), {{"task/solve.cpp", kHead + before}}, {{"task/solve.cpp", kHead + after}});
}
std::string task(const std::string& before, const std::string& after) { return facts(diff_task(before, after)); }

// The statements of one function.
std::string body(const std::string& before, const std::string& after) {
  const auto wrap = [](const std::string& text) { return "int f(std::vector<double> scores, int words) {\n" + text + "\nreturn words;\n}\n"; };
  return task(wrap(before), wrap(after));
}

}  // namespace

TEST_CASE("a changed literal is one update with the expression around it") {
  const Json diff = diff_task("bool f(std::vector<double> scores) { return mean(scores) > 5.0; }", "bool f(std::vector<double> scores) { return mean(scores) > 5.5; }");
  CHECK(facts(diff) == "f: update `5.0` -> `5.5`\n");
  const Json& change = diff["functions"][0]["changes"][0];
  CHECK(change["context"] == "mean(scores) > 5.0");
  CHECK(change["node"] == "FloatingLiteral");
  CHECK(change["before"]["line"] == 5);
  CHECK(change["before"]["column"] == 60);
  CHECK(diff["functions"][0]["half"] == "task");
  CHECK(diff["functions"][0]["status"] == "changed");
  CHECK(diff["files"] == Json::array({{{"file", "task/solve.cpp"}, {"added", 1}, {"removed", 1}}}));
  CHECK(diff["summary"] == Json({{"insert", 0}, {"delete", 0}, {"update", 1}, {"move", 0}}));
}

TEST_CASE("a changed operator is an update of the operator with the whole expression as context") {
  const Json diff = diff_task("bool f(int a, int b) { return a < b; }", "bool f(int a, int b) { return a <= b; }");
  CHECK(facts(diff) == "f: update `<` -> `<=`\n");
  CHECK(diff["functions"][0]["changes"][0]["context"] == "a < b");
}

TEST_CASE("a compound assignment that became a plain one is an update of the operator") {
  CHECK(body("words += 2;", "words = 2;") == "f: update `+=` -> `=`\n");
}

TEST_CASE("changes that Clang's own node values do not hold are seen") {
  CHECK(body("words = 'a';", "words = 'b';") == "f: update `'a'` -> `'b'`\n");
  CHECK(body("words = static_cast<int>(scores[0]);", "words = static_cast<long>(scores[0]);") == "f: update `int` -> `long`\n");
  CHECK(body("scores[0] = INFINITY;", "scores[0] = NAN;") == "f: update `INFINITY` -> `NAN`\n");
}

TEST_CASE("an inserted statement is one insert with its source") {
  CHECK(body("note(1);", "note(1);\nif (words < 3) return 0;") == "f: insert `if (words < 3) return 0;`\n");
}

TEST_CASE("a deleted statement is one delete with its source") {
  CHECK(body("note(1);\nfor (double s : scores) {\n  note(s);\n}", "note(1);") == "f: delete `for (double s : scores) {\n  note(s);\n}`\n");
}

TEST_CASE("a moved statement is shown once") {
  const std::string moved = body("note(words + 1);\nwords = 3;\nscores.clear();\nnote(2);", "words = 3;\nscores.clear();\nnote(2);\nnote(words + 1);");
  CHECK(moved == "f: move `note(words + 1);` -> `note(words + 1);`\n");
}

TEST_CASE("a statement moved into another block is a move and no deletion") {
  const std::string moved = body("note(words + 1);\nif (words > 9) { scores.clear(); }", "if (words > 9) { scores.clear(); note(words + 1); }");
  CHECK(moved == "f: move `note(words + 1);` -> `note(words + 1);`\n");
}

TEST_CASE("two swapped statements are one move") {
  CHECK(body("note(1);\nwords = total(1, 2);", "words = total(1, 2);\nnote(1);") == "f: move `note(1);` -> `note(1);`\n");
}

TEST_CASE("two swapped arguments are one move") {
  CHECK(body("words = total(words, 7);", "words = total(7, words);").find("f: move ") == 0);
  CHECK(diff_task("int f(int a) { return total(a, 7); }", "int f(int a) { return total(7, a); }")["summary"]["move"] == 1);
}

TEST_CASE("an if around a statement inserts the if and keeps the statement") {
  CHECK(body("words = total(1, 2);", "if (words < 3) {\n  words = total(1, 2);\n}") == "f: insert `if (words < 3) {\n  ...\n}`\n");
  CHECK(body("words = total(1, 2);", "if (words < 3) words = total(1, 2);") == "f: insert `if (words < 3) ...`\n");
}

TEST_CASE("an if taken away around a statement deletes the if and keeps the statement") {
  CHECK(body("if (words < 3) {\n  words = total(1, 2);\n}", "words = total(1, 2);") == "f: delete `if (words < 3) {\n  ...\n}`\n");
}

TEST_CASE("a change inside a wrapped statement is shown beside the wrap") {
  CHECK(body("words = total(words, 2);", "if (words < 3) {\n  words = total(words, 5);\n}").find("`2` -> `5`") != std::string::npos);
}

TEST_CASE("braces around a single statement are no change of it") {
  CHECK(body("if (words < 3) note(words);", "if (words < 3) { note(words); scores.clear(); }") == "f: insert `scores.clear();`\n");
}

TEST_CASE("an expression put into another one is one update") {
  CHECK(body("if (words < 3) note(1);", "if (!(words < 3)) note(1);") == "f: update `words < 3` -> `!(words < 3)`\n");
}

TEST_CASE("a replaced argument is one update") { CHECK(body("note(words);", "note(total(words, 1));") == "f: update `words` -> `total(words, 1)`\n"); }

TEST_CASE("an added argument is one insert") {
  CHECK(body("words = std::max({words, 1});", "words = std::max({words, 1, 9});") == "f: insert `9`\n");
}

TEST_CASE("a new else is one insert that shows the else") {
  CHECK(body("if (words < 3) note(1);", "if (words < 3) note(1); else scores.clear();") == "f: insert `else scores.clear();`\n");
}

TEST_CASE("a renamed local is one update at its declaration") {
  const Json diff = diff_task("int f(int a) { int x = a + 1; note(x); return x * 2; }", "int f(int a) { int count = a + 1; note(count); return count * 2; }");
  CHECK(facts(diff) == "f: update `x` -> `count`\n");
  CHECK(diff["functions"][0]["changes"][0]["uses"] == 2);
}

TEST_CASE("a renamed function is one update of its declaration") {
  const Json diff = diff_task("int twice(int a) { return total(a, a) + 1; }\nint f(int a) { return twice(a); }",
                              "int doubled(int a) { return total(a, a) + 1; }\nint f(int a) { return doubled(a); }");
  CHECK(facts(diff) == "doubled: update `twice` -> `doubled`\n");
  CHECK(diff["functions"][0]["old_name"] == "twice");
  CHECK(diff["functions"][0]["changes"][0]["uses"] == 1);
}

TEST_CASE("a rename is one fact, whatever is renamed") {
  const auto same = [](const std::string& text, std::string from, const std::string& to) {
    std::string after;
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text.compare(i, from.size() + 1, "@" + from) == 0) after += to, i += from.size();
      else after += text[i];
    std::string before = text;
    std::erase(before, '@');
    return task(before, after);
  };
  CHECK(same("void @hook() {}\nint go() { @hook(); return 1; }", "hook", "trigger") == "trigger: update `hook` -> `trigger`\n");
  CHECK(same("int @counter;\n#define USE(x) x + @counter\nint go() { @counter = 2; return USE(1) + @counter; }", "counter", "total_calls") ==
        "global total_calls: update `counter` -> `total_calls`\n");
  CHECK(same("struct @Tag {};\nvoid go(@Tag a, const @Tag& b);\nint f() { @Tag tag; (void)tag; return sizeof(@Tag); }", "Tag", "Mark") == "global Mark: update `Tag` -> `Mark`\n");
  CHECK(same("enum Colour { @Red, Green };\nint f() { return @Red; }", "Red", "Crimson") == "global Colour: update `Red` -> `Crimson`\n");
  CHECK(same("enum class Colour { @Red, Green };\nint f() { return int(Colour::@Red); }", "Red", "Crimson") == "global Colour: update `Red` -> `Crimson`\n");
  CHECK(same("template <class T> T @twice(T x) { return x; }\nint f() { return @twice(1) + @twice<int>(2); }", "twice", "doubled") == "doubled: update `twice` -> `doubled`\n");
  CHECK(same("void @fwd(int a);\nvoid f() { @fwd(1); }\nvoid @fwd(int a) { note(a); }", "fwd", "ahead") == "ahead: update `fwd` -> `ahead`\n");
  CHECK(same("template <class T> struct Box { T v; T @get() const { return v; } };\nint f(Box<int> b) { return b.@get(); }", "get", "value") == "Box::value: update `get` -> `value`\n");
  CHECK(same("struct @Acc { int s; @Acc() : s(0) {} void add(int x); };\nvoid @Acc::add(int x) { s += x; }\nint f() { @Acc acc; acc.add(1); return acc.s; }", "Acc", "Sum") ==
        "global Sum: update `Acc` -> `Sum`\n");
  CHECK(same("int f(int a) { int @x = a; return @x; }\nint g(int a) { int @x = a; return @x + 1; }", "x", "y") == "f: update `x` -> `y`\ng: update `x` -> `y`\n");
}

TEST_CASE("a renamed namespace is one fact, and so is a renamed macro") {
  const std::string space =
      "namespace SPACE {\nint a(int x) { return x + 1; }\nint b(int x) { return a(x); }\n}\nnamespace SPACE { int c(); }\nint use() { "
      "return SPACE::a(1) + SPACE::c(); }";
  const auto named = [](std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
  };
  const Json diff = diff_task(named(space, "SPACE", "old_space"), named(space, "SPACE", "new_space"));
  CHECK(facts(diff) == "global new_space: update `old_space` -> `new_space`\n");
  CHECK(diff["functions"][0]["changes"][0]["uses"] == 3);
  const std::string inner = "namespace outer { namespace SPACE { int a(int x) { return x; } } }\nusing namespace outer::SPACE;";
  CHECK(task(named(inner, "SPACE", "one"), named(inner, "SPACE", "two")) == "global outer::two: update `one` -> `two`\n");
  const std::string macro = "#define MACRO(x) ((x) * 2)\nint use(int a) { return MACRO(a) + MACRO(3); }";
  const Json renamed = diff_task(named(macro, "MACRO", "TWICE"), named(macro, "MACRO", "DOUBLE"));
  CHECK(facts(renamed) == "global preprocessor: update `TWICE` -> `DOUBLE`\n");
  CHECK(renamed["functions"][0]["changes"][0]["uses"] == 2);
}

TEST_CASE("a macro that is asked for, or may become a word or a text, is not taken for a renamed one") {
  CHECK(task("#define FAST 1\n#ifdef FAST\nint f() { return FAST; }\n#endif",
             "#define QUICK 1\n#ifdef QUICK\nint f() { return QUICK; }\n#endif")
            .find("#ifdef") != std::string::npos);
  CHECK(
      task("#define TEXT(x) #x\n#define ONE 1\nconst char* s = TEXT(ONE);", "#define TEXT(x) #x\n#define TWO 1\nconst char* s = TEXT(TWO);")
          .find("`ONE` -> `TWO`\nglobal s") == std::string::npos);
  CHECK(task("namespace a { int x() { return 1; } }", "namespace b { double quite(int other) { return other * 2.5; } }")
            .find("update `a` -> `b`") == std::string::npos);
}

TEST_CASE("an attribute behind a function belongs to what it stands at") {
  CHECK(task("int f() { return 1; }\n[[nodiscard]] int g() { return 2; }",
             "int f() { return 1; }\nint h(int a) { return total(a, 7); }\n[[nodiscard]] int g() { return 2; }") ==
        "h: insert `int h(int a) { return total(a, 7); }`\n");
}

TEST_CASE("a rename beside other changes and other renames is still one fact") {
  const Json diff = diff_task("struct Item { int n; };\nint weigh(Item item) { return item.n; }\nint f() { Item item; item.n = 2; return weigh(item); }",
                              "struct Entry { int n; };\nint price(Entry entry) { return entry.n + 1; }\nint f() { Entry entry; entry.n = 2; return price(entry); }");
  CHECK(facts(diff) == "global Entry: update `Item` -> `Entry`\nprice: update `weigh` -> `price`\nprice: update `item` -> `entry`\nprice: update `item.n` -> `entry.n + 1`\n"
                       "f: update `item` -> `entry`\n");
  CHECK(diff["functions"][0]["changes"][0]["uses"] == 2);
  CHECK(diff["functions"][1]["old_name"] == "weigh");
  CHECK(task("void p() {}\nvoid q() {}\nvoid f() { p(); q(); }", "void r() {}\nvoid s() {}\nvoid f() { r(); s(); }") == "r: update `p` -> `r`\ns: update `q` -> `s`\n");
}

// What a rename swallows is never shown again: nothing but the name may hide in it.
TEST_CASE("what only looks like a rename is told use by use") {
  CHECK(task("template <class T> T twice(T x) { return x + x; }\nint twice() { return 1; }\nint f() { return twice<int>(2); }",
             "template <class T> T doubled(T x) { return x + x; }\nint twice() { return 1; }\nint f() { return doubled<char>(2); }") ==
        "doubled: update `twice` -> `doubled`\nf: update `twice<int` -> `doubled<char`\n");
  CHECK(task("int f(int a, int b) { int max = 1; return std::max(a, b) + max; }", "int f(int a, int b) { int min = 1; return std::min(a, b) + min; }") ==
        "f: update `max` -> `min`\nf: update `max` -> `min`\n");
  CHECK(task("int weak; [[gnu::weak]] void w() { weak = 1; }", "int used; [[gnu::used]] void w() { used = 1; }").find("w: update `weak` -> `used`\nw: update `weak` -> `used`\n") !=
        std::string::npos);
  CHECK(task("void a() {}\nvoid b() { note(1); }\nvoid f() { a(); }", "void a() {}\nvoid b() { note(1); }\nvoid f() { b(); }") == "f: insert `b();`\nf: delete `a();`\n");
  CHECK(task("#define K hook\nvoid hook() {}\nconst char* s = \"hook\";", "#define K trigger\nvoid trigger() {}\nconst char* s = \"trigger\";") ==
        "trigger: update `hook` -> `trigger`\nglobal s: update `\"hook\"` -> `\"trigger\"`\n");
  const auto with = [](const std::string& solve) { return Files{{"task/solve.cpp", kHead + "#include \"words.h\"\n" + solve}, {"task/words.h", "inline int one() { return 1; }\ninline int two() { return 2; }\n"}}; };
  CHECK(facts(ast_diff(test_compiler(), with("int g() { int one = 3; return one; }\nint f() { return one(); }"), with("int g() { int two = 3; return two; }\nint f() { return two(); }")))
            .find("f: update `one` -> `two`") != std::string::npos);
}

TEST_CASE("a changed signature is an update of the function's head") {
  const Json diff = diff_task("int f(int a) { return a; }", "long f(int a) { return a; }");
  CHECK(facts(diff) == "f: update `int` -> `long`\n");
  CHECK(diff["functions"][0]["changes"][0]["context"] == "int f(int a)");
}

TEST_CASE("an added and a removed function are one change each") {
  const Json diff = diff_task("int old(int a) {\n  return a;\n}\n", "double fresh(std::vector<double> v) { return v.empty() ? 0.0 : mean(v) / 2; }\n");
  CHECK(facts(diff) == "fresh: insert `double fresh(std::vector<double> v) { return v.empty() ? 0.0 : mean(v) / 2; }`\n"
                       "old: delete `int old(int a) {\n  return a;\n}`\n");
  CHECK(diff["functions"][0]["status"] == "added");
  CHECK(diff["functions"][1]["status"] == "removed");
}

TEST_CASE("changes are grouped by function in source order") {
  CHECK(task("int f(int a) { return a + 1; }\nint g(int a) { return a + 1; }\nint h(int a) { return a * 4; }",
             "int f(int a) { return a + 2; }\nint g(int a) { return a + 1; }\nint h(int a) { return a * 5; }") ==
        "f: update `1` -> `2`\nh: update `4` -> `5`\n");
}

TEST_CASE("a change in a member function names the member, one in a global names the global") {
  CHECK(task("struct S { int w = 1; int get() const { return w * 2; } };\nconst int limit = 3;",
             "struct S { int w = 4; int get() const { return w * 3; } };\nconst int limit = 5;") ==
        "global S: update `1` -> `4`\nS::get: update `2` -> `3`\nglobal limit: update `3` -> `5`\n");
}

TEST_CASE("the halves are told apart") {
  const Files before = {{"meta/improve.cpp", kHead + "int m() { return 1; }\n"}, {"task/solve.cpp", kHead + "int t() { return 1; }\n"}};
  Files after = before;
  after["meta/improve.cpp"] = kHead + "int m() { return 2; }\n";
  const Json one = ast_diff(test_compiler(), before, after);
  CHECK(facts(one) == "m: update `1` -> `2`\n");
  CHECK(one["functions"][0]["half"] == "meta");
  CHECK(one["files"].size() == 1);
}

TEST_CASE("a function moved to another file is a move that names the old file") {
  const std::string moved = "int far(int a) { return total(a, a) + 1; }\n";
  const Json diff = ast_diff(test_compiler(), {{"task/a.cpp", kHead + moved}, {"task/b.cpp", kHead}}, {{"task/a.cpp", kHead}, {"task/b.cpp", kHead + moved}});
  CHECK(diff["functions"].size() == 1);
  CHECK(diff["functions"][0]["old_file"] == "task/a.cpp");
  CHECK(diff["functions"][0]["changes"][0]["kind"] == "move");
}

TEST_CASE("a new include is shown") { CHECK(task("", "#include <map>\n") == "global preprocessor: insert `#include <map>`\n"); }

TEST_CASE("identical programs have no changes") {
  const Json diff = diff_task("int f() { return 1; }", "int f() { return 1; }");
  CHECK(diff["functions"].empty());
  CHECK(diff["files"].empty());
}

TEST_CASE("comments and formatting are no changes") {
  const Json diff = diff_task("int f(int a) { return a + 1; }\n#define K  2\n", "// adds one\nint f(int a) {\n  return a + 1;  // here\n}\n /**/ #define K /**/ 2\n");
  CHECK(facts(diff) == "");
  CHECK(diff["files"].size() == 1);
}

// Text that changes the program must never be passed over: somebody approves what he reads here.
TEST_CASE("parentheses alone are told") {
  CHECK(task("int f(int a) { return a + 1; }", "int f(int a) { return (a + 1); }") == "f: update `return a + 1;` -> `return (a + 1);`\n");
  CHECK(task("int x;\nusing T = decltype(x);", "int x;\nusing T = decltype((x));").find("global T: update ") == 0);
}

TEST_CASE("the place of an operator and the kind of brackets are told beside other changes") {
  CHECK(body("note(words++);", "note(++words);") == "f: update `words++` -> `++words`\n");
  CHECK(body("for (; words; ) note(1);", "for (;; words) note(2);").find("for (;; words)") != std::string::npos);
  CHECK(body("int a[3];\nnote(2);", "int a(3);\nnote(4);") == "f: update `int a[3]` -> `int a(3)`\nf: update `2` -> `4`\n");
}

TEST_CASE("a declaration that enters or leaves a namespace or a linkage block is a move between the two") {
  const Json diff = diff_task("double w(double x) { return x; }", "namespace {\ndouble w(double x) { return x; }\n}");
  CHECK(facts(diff) == "(anonymous namespace)::w: move `double w(double x) { return x; }` -> `double w(double x) { return x; }`\n");
  CHECK(diff["functions"][0]["changes"][0]["context"] == "no namespace -> namespace {");
  const Json linkage = diff_task("extern \"C\" double w(double x) { return x; }", "double w(double x) { return x; }");
  CHECK(linkage["functions"][0]["changes"][0]["context"] == "extern \"C\" -> no namespace");
  CHECK(task("namespace a { int w(int x) { return x; } }", "namespace a { inline namespace b { int w(int x) { return x; } } }").find("a::w: move ") == 0);
  CHECK(task("extern \"C\" { int n; }", "extern \"C\" int n;").find("global n: move ") == 0);
  CHECK(task("", "namespace a {}") == "global text outside of declarations: insert `namespace a {}`\n");
}

TEST_CASE("a member function that leaves its class, or comes into it, is a move") {
  const std::string in = "struct Acc { int sum = 0; void add(int x) { sum += x; } int get() const { return sum; } };",
                    out = "struct Acc { int sum = 0; void add(int x); int get() const { return sum; } };\nvoid Acc::add(int x) { sum += x; }";
  CHECK(task(in, out) == "Acc::add: move `void add(int x) { sum += x; }` -> `void Acc::add(int x) { sum += x; }`\n");
  CHECK(task(out, in) == "Acc::add: move `void Acc::add(int x) { sum += x; }` -> `void add(int x) { sum += x; }`\n");
  CHECK(task(in, "struct Acc { int sum = 1; void add(int x); int get() const { return sum; } };\nvoid Acc::add(int x) { sum += x + 1; }") ==
        "global Acc: update `0` -> `1`\nAcc::add: move `void add(int x) { sum += x; }` -> `void Acc::add(int x) { sum += x + 1; }`\nAcc::add: update `x` -> `x + 1`\n");
  CHECK(task("template <class T> struct Box { T v; Box(T x) : v(x) {} T get() const { return v; } };",
             "template <class T> struct Box { T v; Box(T x); T get() const; };\ntemplate <class T> Box<T>::Box(T x) : v(x) {}\ntemplate <class T> T Box<T>::get() const { return v; }") ==
        "Box::Box<T>: move `Box(T x) : v(x) {}` -> `template <class T> Box<T>::Box(T x) : v(x) {}`\n"
        "Box::get: move `T get() const { return v; }` -> `template <class T> T Box<T>::get() const { return v; }`\n");
}

TEST_CASE("attributes are part of what they stand at") {
  CHECK(task("[[clang::annotate(\"ha::frozen\")]] int w(int x) { return x; }", "int w(int x) { return x; }") ==
        "w: update `[[clang::annotate(\"ha::frozen\")]] int w` -> `int w`\n");
  CHECK(task("void w() {}", "[[gnu::constructor]] void w() {}") == "w: update `void w` -> `[[gnu::constructor]] void w`\n");
  CHECK(task("void w();", "void w() __attribute__((weak));").find("w: update ") == 0);
  CHECK(task("int w;", "alignas(64) int w;").find("global w: update ") == 0);
  CHECK(task("struct S { int a; int b; };", "struct S { int a; [[deprecated]] int b; };") == "global S: update `int b` -> `[[deprecated]] int b`\n");
}

TEST_CASE("a directive counts wherever it stands") {
  CHECK(task("", "  #define K 1\n") == "global preprocessor: insert `#define K 1`\n");
  CHECK(task("", "/**/ #define K 1\n") == "global preprocessor: insert `#define K 1`\n");
  CHECK(task("#define K 1\n", "/* 1\n2 */ # define K 2\n") == "global preprocessor: update `#define K 1` -> `# define K 2`\n");
  CHECK(task("#define K(x) 1\n", "#define K (x) 1\n") == "global preprocessor: update `#define K(x) 1` -> `#define K (x) 1`\n");
  CHECK(body("note(1);\n#define K 1\nnote(2);", "note(1);\nnote(2);\n#define K 1\n") == "f: move `#define K 1` -> `#define K 1`\n");
  CHECK(task("#define K 1\nint k() { return 1; }\n", "int k() { return 1; }\n#define K 1\n") ==
        "global preprocessor: move `#define K 1` -> `#define K 1`\n");
}

TEST_CASE("text that no declaration holds is told with its lines") {
  CHECK(task("int a;\n#if 0\nint b = 1;\n#endif\n", "int a;\n#if 0\nint b = 2;\n#endif\n") == "global text outside of declarations: update `1` -> `2`\n");
  CHECK(task("template <class T> T t(T x) { return x; }", "template <class T> T t(T x) { return x; }\ntemplate int t<int>(int);").find("insert `template int t<int>(int);`") !=
        std::string::npos);
  CHECK(task("int a;", "int a;;") == "global text outside of declarations: insert `;`\n");
  const auto data = [](const std::string& text) { return Files{{"agent.json", text}, {"task/solve.cpp", kHead}}; };
  CHECK(facts(ast_diff(test_compiler(), data("{\n  \"a\": 1\n}\n"), data("{\n  \"a\": 2\n}\n"))) == "global text: update `  \"a\": 1` -> `  \"a\": 2`\n");
}

TEST_CASE("a program that does not parse is refused") {
  CHECK(task("int f() { return 1; }", "int f() { return ; ] }") == "refused parse after");
  CHECK(task("int f() { return x; }", "int f() { return 1; }") == "refused parse before");
}

TEST_CASE("a long snippet is whole") {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "note(" + std::to_string(i) + ");\n";
  const Json diff = diff_task("", "void f() {\n" + many + "}\n");
  CHECK(diff["functions"][0]["changes"][0]["after"]["text"] == "void f() {\n" + many + "}");
}

TEST_CASE("a long function with one change is one update") {
  std::string many;
  for (int i = 0; i < 150; ++i) many += "if (words > " + std::to_string(i) + ") note(total(words, " + std::to_string(i * 2) + "));\n";
  std::string other = many;
  other.replace(other.find("words > 77"), 10, "words > 78");
  CHECK(body(many, other) == "f: update `77` -> `78`\n");
}

TEST_CASE("a header is compared on its own, and one that cannot stand alone only by its lines") {
  const std::string solve = "#include <ha/agent.h>\nstruct Late {};\n#include \"words.h\"\n";
  const auto with = [&](const std::string& header) { return Files{{"task/solve.cpp", solve}, {"task/words.h", header}}; };
  CHECK(facts(ast_diff(test_compiler(), with("inline int w() { return 1; }\n"), with("inline int w() { return 2; }\n"))) == "w: update `1` -> `2`\n");
  const Json late = ast_diff(test_compiler(), with("inline int w(Late) { return 1; }\n"), with("inline int w(Late) { return 2; }\n"));
  CHECK(facts(late) == "global text: update `1` -> `2`\n");
  CHECK(late["files"] == Json::array({{{"file", "task/words.h"}, {"added", 1}, {"removed", 1}, {"unparsed", true}}}));
}

TEST_CASE("templates, lambdas, overloads and namespaces are compared inside") {
  CHECK(task("template <class T> T twice(T x) { return x + x; }", "template <class T> T twice(T x) { return x * x; }") == "twice: update `+` -> `*`\n");
  CHECK(body("auto g = [&](int a) { return a + words; };\nnote(g(1));", "auto g = [=](int a) { return a - words; };\nnote(g(1));") ==
        "f: update `&` -> `=`\nf: update `+` -> `-`\n");
  CHECK(task("int g(int a) { return a; }\nint g(double a) { return 1; }", "int g(int a) { return a; }\nint g(double a) { return 2; }") == "g: update `1` -> `2`\n");
  CHECK(task("namespace { int k() { return 1; } }", "namespace { int k() { return 2; } }") == "(anonymous namespace)::k: update `1` -> `2`\n");
}

// Behind another change in the same function and a rename, too.
TEST_CASE("no token can be taken away or doubled without being told") {
  const std::string before = "namespace inner { int hook(int a) { return a + 1; } }\nextern \"C\" { inline int c_side(int a) { return a * 2; } }\n"
                             "struct S { int w = 1; private: int v[2] = {1, 2}; public: virtual int get() const { return (w + v[0]) * 3; } explicit S(int x) : w(x) {} };\n"
                             "[[nodiscard]] static inline int g(const int& a, int b = 4) { int i = a; for (; i < 9; ++i) { if (i > 3) continue; else note(i); } return -i - -b; }\n"
                             "template <class T> T t(T x) { auto f = [&x](T y) -> T { return y + x; }; return f(T{5}); }\nenum class E : short { A = 1, B };\n#define K(x) ((x) + 6)\n"
                             "int f(int a) { switch (a) { case 1: note(1); break; default: note(K(7)); } return a ? inner::hook(a) : (a & ~a, !a); }\n";
  std::string decoy = before;
  for (const auto& [from, to] : {std::pair("hook", "trigger"), {"hook", "trigger"}, {"+ 1;", "+ 10;"}, {"* 2", "* 20"}, {"* 3", "* 30"}, {"i < 9", "i < 90"}, {"T{5}", "T{50}"},
                                 {"B }", "B = 8 }"}, {"+ 6", "+ 60"}, {"K(7)", "K(70)"}})
    decoy.replace(decoy.find(from), std::strlen(from), to);
  const std::string told = task(before, decoy);
  int parsed = 0;
  for (std::size_t at = 0; at < decoy.size();) {
    std::size_t end = at + 1;
    const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    while (word(decoy[at]) && word(decoy[end])) ++end;
    const std::string token = decoy.substr(at, end - at);
    for (const std::string& instead : {std::string(), token + " " + token}) {
      if (std::isspace(static_cast<unsigned char>(token[0])) != 0 || instead == "; ;") continue;  // an empty member declaration says nothing
      const std::string now = task(before, decoy.substr(0, at) + instead + decoy.substr(end));
      if (now.starts_with("refused")) continue;
      ++parsed;
      INFO("`" << token << "` at " << at << " is now `" << instead << "`");
      CHECK(now != told);
    }
    at = end;
  }
  CHECK(parsed > 60);
}

TEST_CASE("the same programs give the same bytes") {
  const std::string a = "int f(int x) { note(1); note(2); if (x) note(3); return x; }", b = "int f(int x) { if (x) note(2); note(3); return x + 1; }";
  CHECK(diff_task(a, b).dump() == diff_task(a, b).dump());
}
