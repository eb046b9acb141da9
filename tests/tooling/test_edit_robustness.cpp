// Random edits, most of them nonsense: each is refused with a reason or gives files, and none brings the worker down.
#include <random>

#include "tests/tooling/edit_cases.h"
#include "tooling/edit_schema.h"

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

}  // namespace

TEST_CASE("random edits are refused with a reason or applied, and the program they were made from stays as it was") {
  const Files before = agent_with(kProgram + kSolve);
  int applied = 0;
  for (unsigned seed = 0; seed < 120; ++seed) {
    Dice dice(seed);
    const Json edit = random_edit(dice);
    INFO("seed " << seed << ": " << edit.value("op", ""));
    const Files given = before;
    const auto result = apply_edits(test_compiler(), given, list_of(edit));
    CHECK(given == before);
    if (const auto* refusal = std::get_if<Refusal>(&result)) {
      CHECK_FALSE(refusal->code.empty());
      CHECK_FALSE(refusal->message.empty());
    } else {
      ++applied;
    }
  }
  CHECK(applied > 10);
}
