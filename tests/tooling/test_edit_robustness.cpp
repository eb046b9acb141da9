// Random edits, most of them nonsense: each is refused with a reason or gives files, and none brings the worker down.
#include <random>

#include "tests/tooling/edit_cases.h"
#include "tooling/agent_build.h"
#include "tooling/edit_schema.h"
#include "tooling/sites.h"

using namespace hyperagent;
using namespace hyperagent::tooling;

namespace {

const std::string kProgram =
    "namespace {\nstruct Pair { int a; int sum(int b) const { return a + b; } };\ntemplate <class T> T twice(T x) { return x + x; }\n"
    "enum class Way { up, down };\nconst double kScale = 0.5;\n}\n"
    "int f(int a) {\n  auto g = [a](int b) { return a * b; };\n  for (int i : {1, 2, 3}) {\n    if (i > a) continue;\n    a += g(i);\n  }\n"
    "  switch (a) { case 1: return 2; default: break; }\n  Pair p{a};\n  return twice(p.sum(1)) + static_cast<int>(kScale);\n}\nint f(double b) { return f(static_cast<int>(b)); }\n";

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  template <class T>
  const T& of(const std::vector<T>& all) { return all[engine_() % all.size()]; }
  bool chance(unsigned in) { return engine_() % in == 0; }
  std::string path() {
    std::string path;
    for (unsigned i = engine_() % 5; i > 0; --i) path += (path.empty() ? "" : ".") + std::to_string(engine_() % 4);
    return path;
  }

 private:
  std::mt19937 engine_;
};

Json value_for(const std::string& member, const Json& rule, Dice& dice) {
  const std::vector<std::string> names = {"f", "f(int)", "f(double)", "Pair", "Pair::sum", "Pair::a", "twice", "Way::up", "kScale", "a", "i", "g", "p", "solve", "operator()", "", "(", "improve"};
  const std::vector<std::string> codes = {"1", "a", "return 1;", "{ return 2; }", "int f(int a) { return a; }", "}", "/*", "\"", "$x", "$", "auto z = [](auto... q) { return sizeof...(q); };",
                                          "if (a) { $statement }", "template <class T> struct", "#define f g", "\\", "namespace {", "// end", "struct Pair { Pair* next; };", "0 ? a : throw 1"};
  const std::vector<std::string> matchers = {"integerLiteral()", "callExpr(hasArgument(0, expr().bind(\"x\")))", "declRefExpr().bind(\"x\")", "varDecl()", "typeLoc()", "stmt()", "functionDecl(isDefinition())",
                                             "qualType()", "nestedNameSpecifierLoc()", "cxxCtorInitializer()", "namedDecl(hasName(\"f\"))", "lambdaExpr()", "(((", "decl(has(stmt().bind(\"x\")))", "templateArgument()"};
  if (rule.contains("enum")) return dice.of(rule["enum"].get<std::vector<std::string>>());
  if (member == "path" || member == "with" || (member == "to" && dice.chance(2))) return dice.path();
  if (member == "code" || member == "value") return dice.of(codes);
  if (member == "match") return dice.of(matchers);
  if (member == "target") return "x";
  if (member == "agent") return 1;
  if (member == "file" || member == "from") return dice.of(std::vector<std::string>{"task/solve.cpp", "meta/improve.cpp", "none.cpp"});
  return dice.of(names);
}

Json random_edit(Dice& dice) {
  const Json& rules = dice.of(edit_schema()["items"]["oneOf"].get_ref<const Json::array_t&>());
  Json edit = {{"op", rules["title"]}};
  for (const auto& [member, rule] : rules["properties"].items())
    if (member != "op" && (std::find(rules["required"].begin(), rules["required"].end(), member) != rules["required"].end() || dice.chance(3)))
      edit[member] = value_for(member, rule, dice);
  if (edit["op"] == "graft") edit["donor"] = agent_with(kProgram + kSolve);
  return edit;
}

// A drawn edit, now and then with a member changed or lost: nearly valid.
Json nearly_valid_edit(const Program& program, Dice& dice, std::uint64_t seed) {
  const Json groups = site_groups(program)["groups"];
  const Json& group = dice.of(groups.get_ref<const Json::array_t&>());
  Json edit = draw_edit(program, group["function"], group["kind"], seed, {})["edit"];
  if (edit.is_null() || !dice.chance(3)) return edit;
  std::vector<std::string> members;
  for (const auto& [member, value] : edit.items()) members.push_back(member);
  const std::string chosen = dice.of(members);
  if (dice.chance(2)) edit.erase(chosen);
  else edit[chosen] = value_for(chosen, {}, dice);
  return edit;
}

// Makes random edits of several programs, the shipped agents among them, half of them drawn ones. What is accepted is compiled: then the program is one, or Clang
// says why it is not.
void edit_at_random(unsigned edits) {
  std::vector<Files> programs = {agent_with(kProgram + kSolve)};
  for (const char* name : {"blank", "review_by_words", "repair_by_suspicion"}) {
    programs.push_back(blank_agent());
    programs.back()["task/solve.cpp"] = read_file(HYPERAGENT_TEST_SHARE "/agents/task/" + std::string(name) + ".cpp");
  }
  std::vector<Program> parsed;
  for (const Files& files : programs) parsed.push_back(std::get<Program>(Program::parse(test_compiler(), files)));
  unsigned refused = 0, applied = 0, compiled = 0;
  for (unsigned seed = 0; seed < edits; ++seed) {
    Dice dice(seed);
    const Files& before = programs[seed % programs.size()];
    Json edit = random_edit(dice);
    if (seed % 8 >= 4) edit = nearly_valid_edit(parsed[seed % programs.size()], dice, seed);
    if (edit.is_null()) continue;
    INFO("seed " << seed << ": " << edit.dump());
    const Files given = before;
    const auto result = apply_edits(test_compiler(), given, list_of(edit));
    CHECK(given == before);
    if (const auto* refusal = std::get_if<Refusal>(&result)) {
      ++refused;
      CHECK_FALSE(refusal->code.empty());
      CHECK_FALSE(refusal->message.empty());
      continue;
    }
    ++applied;
    const Files& after = std::get<Files>(result);
    const auto built = build_agent(test_compiler(), after);
    REQUIRE(built);
    if (std::holds_alternative<Refusal>(*built)) continue;
    ++compiled;
    CHECK(std::holds_alternative<Program>(Program::parse(test_compiler(), after)));
  }
  std::printf("random edits: %u refused, %u applied, of those %u compile\n", refused, applied, compiled);
  CHECK(applied > edits / 5);
  CHECK(compiled > edits / 10);
}

}  // namespace

TEST_CASE("random edits are refused with a reason or applied, and the program they were made from stays as it was") { edit_at_random(160); }
TEST_CASE("ten thousand random edits", "[.][figures]") { edit_at_random(10000); }
