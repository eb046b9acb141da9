#include <catch2/catch.hpp>

#include <set>

#include "tooling/programs/programs.h"

using namespace hyperagent;

namespace {

std::string apply(std::string source, const Json& m) {
  return source.replace(m["offset"].get<std::size_t>(), m["length"].get<std::size_t>(), m["text"].get<std::string>());
}

std::set<std::string> mutants_of(const std::string& source) {
  const Json reply = programs::mutate_cpp({{"source", source}, {"entry", "f"}}, HA_TEST_SHARE);
  INFO(reply.dump());
  REQUIRE(reply.contains("mutants"));
  std::set<std::string> out;
  for (const Json& m : reply["mutants"]) out.insert(apply(source, m));
  CHECK(out.size() == reply["mutants"].size());
  return out;
}

Json build(const std::vector<std::string>& variants) { return programs::build_cpp({{"entry", "f"}, {"variants", variants}}, HA_TEST_SHARE); }

}  // namespace

TEST_CASE("C++ mutants cover the operator families") {
  const auto list = mutants_of("int f(int a, int b) {\n  if (a < b) return a + 1;\n  return b;\n}\n");
  for (const char* body : {"if (a <= b) return a + 1;\n  return b;", "if (a < b) return a - 1;\n  return b;", "if (a < b) return a + 2;\n  return b;",
                           "if (a < b) return b + 1;\n  return b;", "if (!(a < b)) return a + 1;\n  return b;", ";\n  return b;",
                           "if (a < b) return a + 1;\n  return a;", "if (a < b) return a + 1;\n  return std::abs(b);"}) {
    INFO(body);
    CHECK(list.count(std::string("int f(int a, int b) {\n  ") + body + "\n}\n") == 1);
  }
}

TEST_CASE("a variable is replaced by variables of its type that are in scope") {
  const auto list = mutants_of("#include <string>\nint f(int a, std::string s) {\n  for (int i = 0; i < a; ++i) { a -= i; }\n  return a;\n}\n");
  for (const std::string& text : list) {
    CHECK(text.find("return s;") == std::string::npos);
    CHECK(text.find("return i;") == std::string::npos);
  }
}

TEST_CASE("mutants come in source order, with the line they edit, the same every time") {
  const Json request = {{"source", "int f(int a) {\n  int b = a;\n  b += 2;\n  return b;\n}\n"}, {"entry", "f"}};
  const Json reply = programs::mutate_cpp(request, HA_TEST_SHARE);
  CHECK(reply == programs::mutate_cpp(request, HA_TEST_SHARE));
  long long last = 0;
  for (const Json& m : reply["mutants"]) {
    CHECK(m["offset"].get<long long>() >= last);
    last = m["offset"];
    const std::string before = request["source"].get<std::string>().substr(0, static_cast<std::size_t>(last));
    CHECK(m["line"].get<long>() == 1 + std::count(before.begin(), before.end(), '\n'));
  }
}

TEST_CASE("a program with a class, a lambda, a template and a switch keeps compiling under instrumentation") {
  const std::string source =
      "#include <algorithm>\n#include <vector>\nnamespace {\nstruct Counter {\n  int n = 0;\n  void add(int x) { if (x > 0) n += x; else if (x < -5) --n; else return; }\n};\n"
      "template <class T> constexpr T square(T x) { return x * x; }\nconstexpr int kNine = square(3);\n}\n"
      "int f(std::vector<int> v) {\n  Counter c;\n  std::sort(v.begin(), v.end(), [](int a, int b) { return a > b; });\n  for (int x : v) c.add(x);\n"
      "  for (std::size_t i = 0; i < v.size(); ++i) if (v[i] == 3) break; else continue;\n  do c.add(1); while (c.n < 3);\n"
      "  switch (c.n) {\n    case 1: return 1;\n    case 2:\n    case 3: { return kNine; }\n    default: break;\n  }\n  try { return v.at(100); } catch (...) { return c.n; }\n}\n";
  const Json reply = build({source, source});
  INFO(reply.dump().substr(0, 500));
  CHECK(reply["compiled"] == Json({true, true}));
  CHECK(reply["library"].is_binary());
}

TEST_CASE("a variant that does not compile costs only itself") {
  const Json reply = build({"int f(int a) { return a; }", "int f(int a) { return b; }", "int f(int a) { return a", "int f(int a) { return a + 1; }",
                            "#include <vector>\n#include <algorithm>\nstruct X {};\nint f(int a) { std::vector<X> v(2); std::sort(v.begin(), v.end()); return a; }",
                            "int g(int a) { return a; }", "int f(int a) { } }", "int f(int a) { return 2 * a; }"});
  INFO(reply["errors"].dump());
  CHECK(reply["compiled"] == Json({true, false, false, true, false, false, false, true}));
  CHECK(!reply["errors"][1].get<std::string>().empty());
}

TEST_CASE("edits of every kind of place compile together, and one that cannot costs only itself") {
  // [text replaced, its replacement, compiles]
  const std::string source =
      "#include <vector>\n#include <algorithm>\nenum Kind { kA, kB };\nint limit = 3;\nint f(std::vector<int> xs, int n) {\n  const Kind k = n > 0 ? kA : kB;\n  int sum = xs.size() + 1;\n  const auto twice = sum * 2;\n"
      "  std::sort(xs.begin(), xs.end(), [](int a, int b) { return a < b; });\n  for (int i = 0; i < 4; ++i) sum += i; \n  if (sum > 7) return 1;\n  else if (sum == 5) sum = 0;\n"
      "  switch (k) {\n    case kA: sum += 9; break;\n    default: sum -= 8;\n  }\n  do { --sum; } while (sum > 40);\n  std::vector<int> more(12, 0);\n  return sum > 2 ? twice : limit;\n}\n";
  const std::vector<std::tuple<std::string, std::string, bool>> cases = {
      {"xs.size() + 1", "xs.size() - 1", true}, {"sum * 2", "sum * 2.5", true}, {"a < b", "b < a", true}, {"a < b", "a - b", true}, {"a < b", "a + xs", false}, {"int i = 0", "int i = 1", true},
      {"i < 4", "i", true}, {"++i)", "i += 2)", true}, {"sum += i;", "sum -= i;", true}, {"sum += i;", "nothing(i);", false}, {"return 1;", "return xs;", false}, {"return 1;", "return 2;", true},
      {"sum == 5", "!xs.empty()", true}, {"sum = 0;", ";", true}, {"case kA", "case kB", true}, {"sum += 9;", "", true}, {"break;", ";", true}, {"sum > 40", "sum > 50", true}, {"12, 0", "13, 0", true},
      {"sum > 2 ?", "sum ?", true}, {"twice : limit", "limit : twice", true}, {"int limit = 3", "int limit = 4", true}, {"sum -= 8;", "sum -= \"x\";", false}};
  Json edits = Json::array();
  for (const auto& [from, to, compiles] : cases) edits.push_back({{"offset", source.find(from)}, {"length", from.size()}, {"text", to}});
  const Json reply = programs::build_cpp({{"entry", "f"}, {"source", source}, {"edits", edits}}, HA_TEST_SHARE);
  REQUIRE(reply["compiled"].size() == cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(std::get<0>(cases[i]) << " -> " << std::get<1>(cases[i]) << ": " << reply["errors"][i]);
    CHECK(reply["compiled"][i] == std::get<2>(cases[i]));
  }
  CHECK(reply["library"].is_binary());
  CHECK(programs::build_cpp({{"entry", "f"}, {"source", source}, {"edits", {{{"offset", 100000}, {"length", 1}, {"text", ""}}}}}, HA_TEST_SHARE).contains("error"));
}

TEST_CASE("nothing compiles: no library and a reason each") {
  const Json reply = build({"int f(", "#include \"/etc/passwd\"\nint f() { return 1; }", "%:include <unistd.h>\nint f() { return 1; }", "#if 1\nint f() { return 1; }\n#endif"});
  CHECK(reply["library"].is_null());
  for (const Json& error : reply["errors"]) CHECK(!error.get<std::string>().empty());
}

TEST_CASE("a program cannot make the compiler read a file into it") {
  for (const char* source : {"__asm__(\".incbin \\\"/etc/passwd\\\"\");\nint f() { return 1; }", "asm(\"nop\");\nint f() { return 1; }",
                             "#define A(x) as##x\nA(m)(\"nop\");\nint f() { return 1; }", "as\\\nm(\"nop\");\nint f() { return 1; }",
                             "#embed \"/etc/passwd\"\nint f() { return 1; }", "int f() { return 1\n#embed \"/etc/passwd\"\n; }"}) {
    INFO(source);
    CHECK(build({source})["compiled"] == Json({false}));
  }
  CHECK(build({"int f() { int plasma = 1; return plasma; }  // asmara"})["compiled"] == Json({true}));
}

TEST_CASE("a malformed request and a broken program are refused with a reason") {
  CHECK(programs::build_cpp(Json::object(), HA_TEST_SHARE).contains("error"));
  CHECK(programs::mutate_cpp(Json::object(), HA_TEST_SHARE).contains("error"));
  CHECK(programs::mutate_cpp({{"source", "int f( {"}, {"entry", "f"}}, HA_TEST_SHARE).contains("error"));
}

TEST_CASE("the number of mutants is bounded") {
  std::string source = "int f(int a, int b, int c) {\n";
  for (int i = 0; i < 60; ++i) source += "  if (a + b < c - " + std::to_string(i) + ") a += b * c;\n";
  const Json reply = programs::mutate_cpp({{"source", source + "  return a;\n}\n"}, {"entry", "f"}}, HA_TEST_SHARE);
  CHECK(reply["mutants"].size() == static_cast<std::size_t>(programs::kMutantCap));
}
