#include <map>
#include <set>

#include "tests/tooling/fixture.h"
#include "tooling/agent_build.h"
#include "tooling/edits.h"
#include "tooling/sites.h"

using namespace hyperagent;
using namespace hyperagent::tooling;

namespace {

Program parsed(const Files& files) {
  auto program = Program::parse(test_compiler(), files);
  if (const auto* refusal = std::get_if<Refusal>(&program)) FAIL(refusal->message);
  return std::get<Program>(std::move(program));
}

Vocabulary review_words() {
  Vocabulary vocabulary;
  vocabulary.words = {{"text_field", {"title", "abstract"}}, {"numbers_field", {"reviewer_scores"}}, {"number_field", {"year"}}, {"label", {"reject", "accept"}}};
  vocabulary.headers = {"ha/text.h"};
  return vocabulary;
}

// Draws from every group of a program; returns accepted and refused counts and prints the refused ones.
struct Drawn {
  int type_checked = 0, refused = 0, none = 0;
};

Drawn draw_all(const Files& files, const Vocabulary& vocabulary, int per_group) {
  Drawn drawn;
  const Program program = parsed(files);
  const Json groups = site_groups(program)["groups"];
  for (const Json& group : groups) {
    for (int i = 0; i < per_group; ++i) {
      const Json edit = draw_edit(program, group["function"], group["kind"], static_cast<std::uint64_t>(i) * 7919 + 13, vocabulary)["edit"];
      if (edit.is_null()) {
        ++drawn.none;
        continue;
      }
      auto edited = apply_edits(test_compiler(), files, Json::array({edit}));
      std::string why;
      if (const auto* refusal = std::get_if<Refusal>(&edited)) {
        why = refusal->message;
      } else {
        auto again = Program::parse(test_compiler(), std::get<Files>(edited));
        if (const auto* refusal = std::get_if<Refusal>(&again)) why = refusal->message;
      }
      why.empty() ? ++drawn.type_checked : ++drawn.refused;
      if (!why.empty()) UNSCOPED_INFO(edit.dump() + "\n  " + why);
    }
  }
  return drawn;
}

const char* const kBusy = R"(
#include <ha/text.h>
double weigh(const ha::Task& task, double bias) {
  double total = bias;
  for (const auto& score : ha::numbers_field(task, "reviewer_scores")) {
    if (score > 5.5 && total < 100) total += score * 0.5;
  }
  const double words = ha::count_words(ha::text_field(task, "abstract"));
  if (words > 200) return total + 1;
  return total;
}
ha::Answer solve(const ha::Task& task, ha::Host& host) {
  (void)host;
  const double weight = weigh(task, 0.25);
  if (weight > 3.0) return ha::label("accept");
  return ha::label("reject");
}
)";

}  // namespace

TEST_CASE("a function's sites are found by kind") {
  const Program program = parsed(agent_with(kBusy));
  std::map<std::string, int> sites;
  const Json groups = site_groups(program)["groups"];
  for (const Json& group : groups)
    if (group["function"].get<std::string>().starts_with("weigh")) sites[group["kind"]] = group["sites"];
  CHECK(sites["literal"] == 7);    // 5.5, 100, 0.5, 200, 1 and the two field names
  CHECK(sites["operator"] >= 6);
  CHECK(sites["expression"] >= 10);
  CHECK(sites["guard"] >= 5);
}

TEST_CASE("operators of every kind, characters and texts are sites, and what is drawn for them type-checks") {
  const Files files = agent_with(
      "#include <string>\nint odd(int a, unsigned b, bool c, int* p, const std::string& t) {\n  char x = 'a';\n  const std::string s = \"abc\";\n  a %= 3;\n  b <<= 1;\n  a *= 2;\n  ++a;\n"
      "  if (!c) a = -a;\n  if (a % 2 == 1 && t.size() > 3 && p != nullptr) return a & 7;\n  return (a ^ 1) | (1 << 2) | ~a | x;\n}\n"
      "ha::Answer solve(const ha::Task&, ha::Host&) { return odd(1, 2, true, nullptr, \"t\") > 0 ? ha::label(\"yes\") : ha::Answer(); }\n");
  std::map<std::string, std::set<std::string>> texts;
  const Program program = parsed(files);
  const Json listed = list_sites(program, review_words())["sites"];
  for (const Json& site : listed)
    if (site.value("file", "") == "task/solve.cpp") texts[site["kind"]].insert(site["text"].get<std::string>());
  for (const char* text : {"a %= 3", "b <<= 1", "a *= 2", "++a", "!c", "-a", "a % 2", "a & 7", "a ^ 1", "1 << 2", "~a", "p != nullptr"}) {
    INFO(text);
    CHECK(texts["operator"].contains(text));
  }
  CHECK(texts["literal"].contains("'a'"));
  CHECK(texts["expression"].contains("\"abc\""));
  CHECK(texts["expression"].contains("\"t\""));
  for (const char* kind : {"operator", "literal", "expression"})
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const Json edit = draw_edit(program, "odd", kind, seed, review_words())["edit"];
      if (edit.is_null()) continue;
      const auto edited = apply_edits(test_compiler(), files, Json::array({edit}));
      INFO(edit.dump());
      REQUIRE(std::holds_alternative<Files>(edited));
      CHECK(std::holds_alternative<Program>(Program::parse(test_compiler(), std::get<Files>(edited))));
    }
}

TEST_CASE("the same seed draws the same edit") {
  const Program program = parsed(agent_with(kBusy));
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    CHECK(draw_edit(program, "weigh", "expression", seed, review_words()) == draw_edit(program, "weigh", "expression", seed, review_words()));
}

TEST_CASE("at least 95 of 100 drawn edits type-check") {
  for (const Files& files : {blank_agent(), agent_with(kBusy)}) {
    const Drawn drawn = draw_all(files, review_words(), 4);
    WARN("drawn edits that type-check: " << drawn.type_checked << ", refused: " << drawn.refused << ", nothing to draw: " << drawn.none);
    CHECK(drawn.type_checked > 100);
    CHECK(drawn.refused * 20 <= drawn.type_checked + drawn.refused);
  }
}

TEST_CASE("draws use the words of the domain") {
  const Program program = parsed(agent_with("#include <ha/text.h>\nha::Answer solve(const ha::Task& task, ha::Host& host) { (void)task; (void)host; return ha::Answer(); }\n"));
  int labels = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Json edit = draw_edit(program, "solve", "guard", seed, review_words())["edit"];
    if (!edit.is_null() && edit["code"].get<std::string>().find("reviewer_scores") != std::string::npos) ++labels;
  }
  CHECK(labels > 0);
}

TEST_CASE("a block whose words the domain lacks is not drawn, and levels are where thresholds start") {
  const Program program = parsed(agent_with("#include <ha/text.h>\nha::Answer solve(const ha::Task& task, ha::Host& host) { (void)task; (void)host; return ha::Answer(); }\n"));
  const auto drawn = [&](const Vocabulary& vocabulary, const std::string& part) {
    int found = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const Json edit = draw_edit(program, "solve", "expression", seed, vocabulary)["edit"];
      if (!edit.is_null() && edit["code"].get<std::string>().find(part) != std::string::npos) ++found;
    }
    return found;
  };
  Vocabulary without = review_words(), with = review_words();
  with.words["level"] = {5.25, 6};
  CHECK(drawn(without, "label_above(") == 0);
  CHECK(drawn(with, "label_above(") > 0);
  CHECK(drawn(with, ", 5.25)") > 0);
  CHECK(drawn(with, ", 6.0)") > 0);
}

TEST_CASE("a first draw may combine features and chances") {
  const Program program = parsed(agent_with("#include <ha/text.h>\nha::Answer solve(const ha::Task& task, ha::Host& host) { (void)task; (void)host; return ha::Answer(); }\n"));
  int features = 0, chances = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Json edit = draw_edit(program, "solve", "expression", seed, review_words())["edit"];
    if (edit.is_null()) continue;
    const std::string code = edit["code"];
    features += code.find("ha::both(") != std::string::npos ? 1 : 0;
    chances += code.find("ha::average(") != std::string::npos ? 1 : 0;
  }
  CHECK(features > 10);
  CHECK(chances > 3);
}

namespace {

// Edits drawn uniformly over the sites of a program, and how many of them type-check.
Drawn draw_uniformly(const Compiler& compiler, const Files& files, const Vocabulary& vocabulary, int draws, bool agent) {
  Drawn drawn;
  auto program = Program::parse(compiler, files);
  if (const auto* refusal = std::get_if<Refusal>(&program)) FAIL(refusal->message);
  const Json groups = site_groups(std::get<Program>(program))["groups"];
  std::vector<double> sites;
  for (const Json& group : groups) sites.push_back(group["sites"].get<double>());
  Rng rng(20261120);
  for (int i = 0; i < draws; ++i) {
    const Json& group = groups[rng.weighted(sites)];
    const Json edit = draw_edit(std::get<Program>(program), group["function"], group["kind"], rng.next(), vocabulary)["edit"];
    if (edit.is_null()) {
      ++drawn.none;
      continue;
    }
    EditRules rules;
    rules.agent = agent;
    auto edited = apply_edits(compiler, files, Json::array({edit}), rules);
    std::string why;
    if (const auto* refusal = std::get_if<Refusal>(&edited)) {
      why = refusal->message;
    } else if (auto again = Program::parse(compiler, std::get<Edited>(edited).files); const auto* refusal = std::get_if<Refusal>(&again)) {
      why = refusal->message;
    }
    why.empty() ? ++drawn.type_checked : ++drawn.refused;
    if (!why.empty()) std::printf("refused: %s\n  %s\n", edit.dump().c_str(), why.c_str());
  }
  std::printf("drawn uniformly: %d type-check, %d refused, %d nothing to draw\n", drawn.type_checked, drawn.refused, drawn.none);
  return drawn;
}

void check_programs(int draws) {
  for (const char* name : {"ledger.cpp", "geometry.cpp", "parser.cpp"}) {
    const std::string folder = HYPERAGENT_TEST_PROGRAMS;
    auto compiler = Compiler::create_for({"-std=c++20"}, folder, folder + "/");
    REQUIRE(compiler);
    std::printf("%s: ", name);
    const Drawn drawn = draw_uniformly(**compiler, {{name, read_file(folder + "/" + name)}}, {}, draws, /*agent=*/false);
    CHECK(drawn.type_checked >= draws / 2);
    CHECK(100 * drawn.refused <= drawn.type_checked + drawn.refused);
  }
}

}  // namespace

TEST_CASE("of edits drawn uniformly over the sites of shipped agents 99 in 100 type-check") {
  for (const char* name : {"blank", "review_by_words", "repair_by_suspicion"}) {
    Files files = blank_agent();
    files["task/solve.cpp"] = read_file(HYPERAGENT_TEST_SHARE "/agents/task/" + std::string(name) + ".cpp");
    std::printf("%s: ", name);
    const Drawn drawn = draw_uniformly(test_compiler(), files, review_words(), 100, /*agent=*/true);
    CHECK(100 * drawn.refused <= drawn.type_checked + drawn.refused);
  }
}

TEST_CASE("of edits drawn uniformly over the sites of C++ that is no agent 99 in 100 type-check") { check_programs(30); }
// The same with the draws that the stated figure comes from.
TEST_CASE("three hundred edits of each program that is no agent", "[.][figures]") { check_programs(300); }

TEST_CASE("every site is listed with the edits that fit, the same ones each time") {
  const Program program = parsed(agent_with(kBusy));
  const Json sites = list_sites(program, review_words())["sites"];
  CHECK(sites == list_sites(program, review_words())["sites"]);
  for (const char* kind : {"literal", "operator", "expression", "delete", "wrap", "insert", "loop_over", "guard", "cascade"})
    CHECK(std::any_of(sites.begin(), sites.end(), [&](const Json& site) { return site["kind"] == kind && site["file"] == "task/solve.cpp"; }));
  const auto bias = std::find_if(sites.begin(), sites.end(), [](const Json& site) { return site["text"] == "0.25"; });
  REQUIRE(bias != sites.end());
  CHECK((*bias)["kind"] == "literal");
  CHECK((*bias)["type"] == "double");
  CHECK((*bias)["line"] == 15);
  CHECK((*bias)["edits"].size() >= 3);
}

TEST_CASE("functions in an agent's own headers are outlined once, have sites and are edited by node") {
  Files files = agent_with(
      "#include \"tools.h\"\nha::Answer solve(const ha::Task&, ha::Host&) { return half(2) > 1 ? ha::label(\"yes\") : ha::Answer(); }\n");
  files["task/more.cpp"] = "#include \"tools.h\"\ndouble quarter(double a) { return half(half(a)); }\n";
  files["task/tools.h"] = "#pragma once\ninline double half(double a) { return a / 2; }\n";
  const Program program = parsed(files);
  std::vector<std::string> found;
  const Json outline = program.outline()["functions"];
  for (const Json& function : outline)
    if (function["half"] == "task") found.push_back(function["file"].get<std::string>() + " " + function["name"].get<std::string>());
  CHECK(found == std::vector<std::string>{"task/more.cpp quarter", "task/solve.cpp solve", "task/tools.h half"});
  const Json drawn = draw_edit(program, "half(double)", "operator", 2, review_words())["edit"];
  REQUIRE(drawn.is_object());
  CHECK(drawn["file"] == "task/tools.h");
  const auto edited = apply_edits(test_compiler(), files, Json::array({drawn}));
  REQUIRE(std::holds_alternative<Files>(edited));
  CHECK(std::get<Files>(edited).at("task/tools.h") != files["task/tools.h"]);
  CHECK(std::get<Files>(edited).at("task/solve.cpp") == files["task/solve.cpp"]);
}

TEST_CASE("what a macro stands for is one node, and statements that end in one have a path") {
  Files files = agent_with(
      "#include <cassert>\n#define LIMIT 7\n#define TWICE(x) ((x) + (x))\nint f(int a) {\n  assert(a > 2);\n  a = LIMIT;\n  const int b = "
      "TWICE(a + 1);\n  return 2 * LIMIT + b;\n}\n"
      "ha::Answer solve(const ha::Task&, ha::Host&) { return f(3) > 1 ? ha::label(\"yes\") : ha::Answer(); }\n");
  const Json edits = Json::parse(R"json([
    {"op": "replace_node", "function": "f", "path": "3.0.0.1", "expect": "LIMIT", "code": "8"},
    {"op": "replace_node", "function": "f", "path": "2.0", "expect": "TWICE(a + 1)", "code": "a"},
    {"op": "swap_statements", "function": "f", "path": "1", "with": "2", "expect": "a = LIMIT;"},
    {"op": "delete_statement", "function": "f", "path": "0", "expect": "assert(a > 2);"}])json");
  const auto edited = apply_edits(test_compiler(), files, edits);
  if (const auto* refusal = std::get_if<Refusal>(&edited)) FAIL(refusal->message);
  CHECK_THAT(std::get<Files>(edited).at("task/solve.cpp"),
             Catch::Matchers::Contains("int f(int a) {\n  const int b = a;\n  a = LIMIT;\n  return 2 * 8 + b;\n}"));
  const Json sites = list_sites(parsed(files), review_words())["sites"];
  for (const Json& site : sites) {
    const bool inside = site["text"] == "LIMIT" || site["text"] == "TWICE(a + 1)";
    CHECK((!inside || (site["kind"] != "literal" && site["kind"] != "operator")));
  }
}
