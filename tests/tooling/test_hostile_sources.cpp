// Sources made to exhaust or fool the compiler, sent to the boxed worker as an agent's edits: each is turned down with a reason, and the
// worker then serves the next request.
#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>
#include <sstream>

#include "sandbox/box_launcher.h"
#include "tooling/client.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

struct Desk {
  std::unique_ptr<BoxLauncher> launcher;
  std::unique_ptr<Toolchain> toolchain;
  AgentSource agent;

  Desk() {
    auto made = make_box_launcher();
    if (!made) throw std::runtime_error(made.error().message);
    launcher = std::move(*made);
    toolchain = make_boxed_toolchain(*launcher, {.program = HYPERAGENT_TEST_TOOL, .share = HYPERAGENT_TEST_SHARE});
    agent.files = {{"task/solve.cpp", read_file(HYPERAGENT_TEST_SHARE "/agents/task/blank.cpp")},
                   {"meta/improve.cpp", read_file(HYPERAGENT_TEST_SHARE "/agents/meta/typed_mutation.cpp")}};
  }

  Verdict<Rewritten> apply(const Json& edit) {
    auto verdict = toolchain->apply(agent, Json::array({edit}));
    if (!verdict) throw std::runtime_error(verdict.error().message);
    return std::move(*verdict);
  }

  // `code` as a declaration before solve().
  Refusal refusal_of(const std::string& code) {
    const auto start = std::chrono::steady_clock::now();
    const auto verdict = apply({{"op", "insert_declaration"}, {"before", "solve"}, {"code", code}});
    CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < 40);
    REQUIRE(std::holds_alternative<Refusal>(verdict));
    // And it goes on.
    const auto next = apply({{"op", "insert_declaration"}, {"before", "solve"}, {"code", "int harmless() { return 1; }"}});
    CHECK(std::holds_alternative<Rewritten>(next));
    return std::get<Refusal>(verdict);
  }
};

}  // namespace

TEST_CASE("a template that instantiates itself for ever is a type error") {
  Desk desk;
  const Refusal refusal = desk.refusal_of("template <int N> struct Deep { static constexpr int value = Deep<N + 1>::value; };\nint deep() { return Deep<0>::value; }");
  CHECK(refusal.code == "type_check");
  CHECK_THAT(refusal.message, Contains("depth"));
}

TEST_CASE("a template with millions of instances runs into the worker's limits") {
  Desk desk;
  const Refusal refusal = desk.refusal_of(
      "template <int D, long K> struct Wide { static constexpr long value = Wide<D - 1, 2 * K>::value + Wide<D - 1, 2 * K + 1>::value; };\n"
      "template <long K> struct Wide<0, K> { static constexpr long value = K; };\nlong wide() { return Wide<26, 1>::value; }");
  CHECK(refusal.code == "limit");
}

TEST_CASE("a constant expression that does not end is a type error") {
  Desk desk;
  const Refusal refusal = desk.refusal_of("constexpr int endless() { int i = 0; while (true) ++i; return i; }\nstatic_assert(endless() == 1);");
  CHECK(refusal.code == "type_check");
  CHECK_THAT(refusal.message, Contains("constant expression"));
}

TEST_CASE("brackets nested too deeply are turned down before anything parses them") {
  Desk desk;
  CHECK(desk.refusal_of("int nested() { return " + repeated("(", 50000) + "1" + repeated(")", 50000) + "; }").code == "malformed");
}

TEST_CASE("operators nested too deeply are turned down") {
  Desk desk;
  const Refusal refusal = desk.refusal_of("bool nested(bool b) { return " + repeated("!", 200000) + "b; }");
  INFO(refusal.message);
  CHECK((refusal.code == "limit" || refusal.code == "parse"));
}

TEST_CASE("a body of ten megabytes is turned down before anything parses it") {
  Desk desk;
  const Refusal refusal = desk.refusal_of("int big(int a) {\n" + repeated("a += 1;\n", 1310720) + "return a; }");
  CHECK(refusal.code == "malformed");
  CHECK_THAT(refusal.message, Contains("longer"));
}

TEST_CASE("files of the system cannot be included") {
  Desk desk;
  for (const char* code : {"#include \"/etc/passwd\"", "#include </proc/self/environ>", "#include <fstream>", " #include </proc/self/maps>", "/**/#include <fstream>", "#include <ha/../../../etc/passwd>"}) {
    INFO(code);
    CHECK(desk.refusal_of(code).code == "forbidden");
  }
}

TEST_CASE("an agent that comes with such an include does not see the file") {
  Desk desk;
  desk.agent.files["task/solve.cpp"] = "#include \"/etc/passwd\"\n" + desk.agent.files["task/solve.cpp"];
  auto compiled = desk.toolchain->compile(desk.agent);
  REQUIRE(compiled);
  REQUIRE(std::holds_alternative<Refusal>(*compiled));
  CHECK_THAT(std::get<Refusal>(*compiled).message, Contains("/etc/passwd") && !Contains("root:"));
}

TEST_CASE("names that only look alike, and characters nobody sees, are forbidden") {
  Desk desk;
  const Refusal alike = desk.refusal_of("int s\xD0\xBElve() { return 1; }");  // a Cyrillic o
  CHECK(alike.code == "forbidden");
  CHECK_THAT(alike.message, Contains("ASCII"));
  CHECK(desk.refusal_of("int f() { /* \xE2\x80\xAE } */ return 1; }").code == "forbidden");
  const auto renamed = desk.apply({{"op", "rename"}, {"name", "solve"}, {"to", "s\xD0\xBElve"}});
  REQUIRE(std::holds_alternative<Refusal>(renamed));
  CHECK(std::get<Refusal>(renamed).code == "forbidden");
  CHECK(desk.refusal_of("const char* g() { return \"\xE2\x80\x8B\"; }").code == "forbidden");
  const auto plain = desk.apply({{"op", "insert_declaration"}, {"before", "solve"}, {"code", "const char* h() { return \"gr\xC3\xBC\xC3\x9F\"; }  // caf\xC3\xA9"}});
  CHECK(std::holds_alternative<Rewritten>(plain));
}
