#include <map>
#include <set>

#include "tests/tooling/fixture.h"
#include "tooling/agent_build.h"
#include "tooling/choices.h"
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

TEST_CASE("the sites of one function are those that it has among all") {
  const Program program = parsed(agent_with(kBusy));
  const Json all = list_sites(program, review_words())["sites"];
  const std::string signature = all.front()["function"], name = signature.substr(0, signature.find('('));
  Json own = Json::array();
  for (const Json& site : all)
    if (site["function"] == signature) own.push_back(site);
  CHECK(list_sites(program, review_words(), name)["sites"] == own);
  CHECK(list_sites(program, review_words(), signature)["sites"] == own);
  CHECK(list_sites(program, review_words(), "nowhere")["sites"].empty());
}

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

namespace {

// The listed site of this kind and text.
Json site_at(const Files& files, const std::string& kind, const std::string& text) {
  const Json sites = list_sites(parsed(files), review_words())["sites"];
  for (const Json& site : sites)
    if (site["kind"] == kind && site["text"] == text) return site;
  FAIL("no " + kind + " site `" + text + "`");
  return {};
}

std::set<std::string> codes_of(const Json& site) {
  std::set<std::string> codes;
  for (const Json& edit : site["edits"]) codes.insert(edit.value("code", edit.value("value", edit["op"].get<std::string>())));
  return codes;
}

// The source type-checks after each of the site's edits.
void check_edits(const Files& files, const Json& site) {
  for (const Json& edit : site["edits"]) {
    INFO(edit.dump());
    const auto edited = apply_edits(test_compiler(), files, Json::array({edit}));
    REQUIRE(std::holds_alternative<Files>(edited));
    const auto again = Program::parse(test_compiler(), std::get<Files>(edited));
    if (const auto* refusal = std::get_if<Refusal>(&again)) FAIL(refusal->message);
  }
}

const std::string kAnswers = "ha::Answer solve(const ha::Task&, ha::Host&) { return ha::Answer(); }\n";

}  // namespace

TEST_CASE("a call may become one of another function, of another member, or have its arguments swapped") {
  const Files files = agent_with(
      "#include <algorithm>\nstruct Box {\n  double wide() const { return 1; }\n  double high() const { return 2; }\n  void grow() {}\n  "
      "static double unit() { return 1; }\n};\n"
      "double part(double a, double b) { return a / b; }\ndouble rest(double a, double b) { return a - b; }\nint count(double a) { return "
      "a > 1; }\n"
      "double f(const Box& box, double x) { return part(x, box.wide()) + std::max(x, 1.0); }\n" +
      kAnswers);
  const Json call = site_at(files, "call", "part(x, box.wide())"), member = site_at(files, "call", "box.wide()"),
             alike = site_at(files, "call", "std::max(x, 1.0)");
  CHECK(codes_of(call) == std::set<std::string>{"rest(x, box.wide())", "part(box.wide(), x)"});
  CHECK(codes_of(member) == std::set<std::string>{"box.high()"});
  CHECK(codes_of(alike) == std::set<std::string>{"std::min(x, 1.0)"});
  for (const Json& site : {call, member, alike}) {
    CHECK(site["count"] == site["edits"].size());
    CHECK(site["open"] == false);
    check_edits(files, site);
  }
}

TEST_CASE(
    "a declared variable may get another number type where all its uses allow one, a value where it has none, and go when it is unused") {
  const Files files = agent_with(
      "#include <algorithm>\n#include <vector>\nint f(const std::vector<int>& all, int limit) {\n  int sum = 0;\n  int place = 1;\n  int "
      "bound = 2;\n  int idle = 3;\n  double start;\n  start = limit;\n"
      "  for (int i = 0; i < limit; ++i) sum += i / 2;\n  return sum + all[place] + std::max(bound, limit) + (start > 1);\n}\n" +
      kAnswers);
  const Json sum = site_at(files, "declaration", "int sum = 0;"), place = site_at(files, "declaration", "int place = 1;"),
             idle = site_at(files, "declaration", "int idle = 3;"), start = site_at(files, "declaration", "double start;"),
             counter = site_at(files, "declaration", "int i = 0;");
  CHECK(codes_of(sum) == std::set<std::string>{"long sum = 0;", "double sum = 0;"});
  CHECK(codes_of(place) == std::set<std::string>{"long place = 1;"});
  CHECK(codes_of(site_at(files, "declaration", "int bound = 2;")).empty());
  CHECK(codes_of(idle) == std::set<std::string>{"long idle = 3;", "double idle = 3;", "delete_statement"});
  CHECK(codes_of(start).contains("double start = sum;"));
  CHECK(codes_of(counter) == std::set<std::string>{"long i = 0;", "double i = 0;"});
  for (const Json& site : {sum, place, idle, start, counter}) check_edits(files, site);
}

TEST_CASE("inside a lambda there are sites, with what it captures and its parameters in scope") {
  const Files files = agent_with(
      "double f(double near, double far) {\n  double seen = 0;\n  const auto count = [near, &seen](double own) {\n    seen += own;\n    "
      "return own > near;\n  };\n"
      "  const auto any = [](auto x) { return x > 4; };\n  return count(far) + any(far) + seen;\n}\n" +
      kAnswers);
  const Json compared = site_at(files, "expression", "own > near"), added = site_at(files, "insert", "seen += own");
  for (const Json& site : {compared, added}) {
    CHECK(site["edits"].size() > 3);
    check_edits(files, site);
    const std::string all = site.dump();
    CHECK(all.find("far") == std::string::npos);
    CHECK(all.find("near = ") == std::string::npos);
  }
  CHECK(site_at(files, "guard", "return own > near")["open"] == true);
  const Json sites = list_sites(parsed(files), review_words())["sites"];
  for (const Json& site : sites) CHECK(site["text"] != "x > 4");  // its type depends on the call
}

TEST_CASE("edits are counted where they have an end, and the likeliest come first") {
  const Files files = agent_with(
      "struct Mark {\n  int a;\n};\nint f(const Mark& mark, const Mark& other, int a, bool b) {\n  const Mark kept = mark;\n  a = a < 3 ? "
      "kept.a : other.a;\n  return b ? a : 1;\n}\n" +
      kAnswers);
  const auto counted = [&](const std::string& kind, const std::string& text) {
    const Json site = site_at(files, kind, text);
    return std::pair(site.value("count", -1), site["open"].get<bool>());
  };
  CHECK(counted("operator", "a < 3") == std::pair(5, false));
  CHECK(counted("delete", "a = a < 3 ? kept.a : other.a") == std::pair(1, false));
  CHECK(counted("expression", "mark") == std::pair(1, false));  // `other`; what is there does not count
  CHECK(counted("literal", "3") == std::pair(-1, true));
  CHECK(counted("guard", "return b ? a : 1") == std::pair(-1, true));
  CHECK(counted("expression", "b").second);
  CHECK(counted("expression", "b").first == 7);  // true, false, !b and the four ways to compare a with a number
  const Json listed = site_at(files, "expression", "b");
  CHECK(listed["edits"].size() == 7);
  CHECK(listed["edits"][0]["code"] == "!(b)");
}

TEST_CASE("every way to decide is gone through once, with likelihoods that sum to one") {
  EveryChoice choices;
  std::set<std::string> seen;
  double likelihood = 0;
  int runs = 0;
  do {
    ++runs;
    std::string run;
    if (choices.chance(0.25)) {
      run = "a" + std::to_string(choices.below(3));
    } else {
      const double weights[] = {1, 3};
      run = "b" + std::to_string(choices.weighted(weights)) + std::to_string(choices.below(2));
    }
    seen.insert(run);
    likelihood += choices.likelihood();
  } while (choices.next());
  CHECK(runs == 7);
  CHECK(seen == std::set<std::string>{"a0", "a1", "a2", "b00", "b01", "b10", "b11"});
  CHECK(likelihood == Approx(1));
  CHECK(!choices.is_open());
}
