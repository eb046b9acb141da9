// The mutator of fuzz_apply: changes lists of edits as edits, not as bytes. What it makes fits the schema mostly, names what the agent has
// mostly, and holds code of the agent's own words: so that it comes past the first checks. Now and then libFuzzer's own mutations change a
// string's bytes.
#include <cstdint>
#include <cstring>
#include <random>

#include "hyperagent/core/json_text.h"
#include "tests/tooling/fuzz/fuzzed_agent.h"
#include "tooling/edit_code.h"
#include "tooling/edit_schema.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using namespace hyperagent;
using namespace hyperagent::tooling;
using Strings = std::vector<std::string>;

constexpr std::size_t kMostEdits = 4;

const Strings kNames = {"f",       "f(int)",   "f(double)", "Pair",   "Pair::sum",  "Pair::a", "Pair::Pair",  "twice",   "Way",
                        "Way::up", "kScale",   "kept",      "listed", "spare",      "weight",  "solve",       "improve", "longest",
                        "Box",     "Box::get", "Numbers",   "a",      "i",          "g",       "p",           "v",       "sum",
                        "first",   "way",      "values",    "task",   "operator==", "score",   "deep::score", "mean",    "none"};
const Strings kFiles = {"task/solve.cpp", "meta/improve.cpp", "task/words.h", "none.cpp"};
const Strings kCode = {"1",
                       "a",
                       "a + 1",
                       "-a",
                       "0 ? a : throw 1",
                       "p.sum(2)",
                       "{1, 2}",
                       "[&](int x) { return x; }",
                       "Way::down",
                       "\"größer\"",
                       "R\"(a)\"",
                       "u8\"ä\"",
                       "'c'",
                       "1.5e3",
                       "return 1;",
                       "return a;",
                       "return;",
                       ";",
                       "{}",
                       "{ return 2; }",
                       "int b = a;",
                       "a = 3;",
                       "if (a) { $statement }",
                       "$statement",
                       "for (;;) { $statement break; }",
                       "{ int b = 1; $statement }",
                       "do { $statement } while (false);",
                       "else { $statement }",
                       "case 4: a = 1;",
                       "break;",
                       "continue;",
                       "goto out; out: ;",
                       "try { $statement } catch (...) {}",
                       "int f(int a) { return a; }",
                       "int f(int a) { return listed(a); }",
                       "int f(double b);",
                       "int h() { return 1; }",
                       "int f(char c) { return c; }",
                       "double weight(const Numbers&) { return 1; }",
                       "struct Pair { Pair* next; };",
                       "struct New { int a; };",
                       "template <class T> T third(T x) { return x * 3; }",
                       "template <class T>",
                       "namespace {",
                       "}",
                       "namespace n { int f(int); }",
                       "using namespace std;",
                       "enum { one, two };",
                       "#include <cmath>",
                       "#include \"words.h\"",
                       "#define f g",
                       "extern \"C\" int x;",
                       "[[maybe_unused]] int unused = 1;",
                       "[[clang::annotate(\"ha::frozen\")]] int fixed() { return 1; }",
                       "static_assert(true);",
                       "// end",
                       "/* within */",
                       "/*",
                       "\"",
                       "\\",
                       "%:define f g",
                       "<% return 1; %>",
                       "int x = 1, y;",
                       "auto z = [](auto... q) { return sizeof...(q); };",
                       "constexpr int k = 1 / 0;",
                       "inline int j = 2;",
                       "$x",
                       "($x)",
                       "$x * 2",
                       "f($x)",
                       "$$",
                       "$whole",
                       "$x + $x",
                       "static_cast<int>($x)",
                       "sizeof(a)",
                       "co_return;",
                       "template <> int twice(int x) { return x; }",
                       "operator int() const { return 1; }",
                       "friend int f(int);",
                       "int a : 3;"};
const Strings kMatchers = {"integerLiteral()",
                           "integerLiteral().bind(\"x\")",
                           "callExpr(hasArgument(0, expr().bind(\"x\")))",
                           "callExpr(callee(functionDecl(hasName(\"f\"))), hasArgument(0, expr().bind(\"x\"))).bind(\"whole\")",
                           "declRefExpr().bind(\"x\")",
                           "varDecl()",
                           "varDecl().bind(\"x\")",
                           "typeLoc()",
                           "typeLoc().bind(\"x\")",
                           "stmt()",
                           "compoundStmt().bind(\"x\")",
                           "ifStmt(hasCondition(expr().bind(\"x\"))).bind(\"whole\")",
                           "functionDecl(isDefinition())",
                           "functionDecl(hasName(\"spare\")).bind(\"x\")",
                           "qualType()",
                           "nestedNameSpecifierLoc()",
                           "cxxCtorInitializer()",
                           "namedDecl(hasName(\"f\"))",
                           "lambdaExpr().bind(\"x\")",
                           "(((",
                           "decl(has(stmt().bind(\"x\")))",
                           "templateArgument()",
                           "parmVarDecl().bind(\"x\")",
                           "returnStmt(has(expr().bind(\"x\"))).bind(\"whole\")",
                           "binaryOperator(hasLHS(expr().bind(\"x\")), hasRHS(expr().bind(\"whole\")))",
                           "memberExpr().bind(\"x\")",
                           "cxxMethodDecl().bind(\"x\")",
                           "traverse(TK_AsIs, implicitCastExpr().bind(\"x\"))",
                           "forStmt().bind(\"x\")",
                           "cxxForRangeStmt(hasBody(stmt().bind(\"x\")))",
                           "caseStmt().bind(\"x\")",
                           "declStmt().bind(\"x\")",
                           "stringLiteral().bind(\"x\")",
                           "initListExpr().bind(\"x\")",
                           "cxxConstructExpr().bind(\"x\")",
                           "recordDecl().bind(\"x\")",
                           "attr()",
                           "expr(hasType(asString(\"int\"))).bind(\"x\")",
                           "functionDecl(hasBody(stmt().bind(\"x\")))"};

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : engine_() % bound; }
  bool chance(unsigned in) { return engine_() % in == 0; }
  const std::string& of(const Strings& all) { return all[below(all.size())]; }

 private:
  std::mt19937 engine_;
};

std::string path(Dice& dice) {
  std::string path;
  for (std::size_t i = dice.below(6); i > 0; --i) path += (path.empty() ? "" : ".") + std::to_string(dice.below(dice.chance(3) ? 7 : 3));
  return path;
}

// Some words of the agent, in a row.
std::string own_words(Dice& dice) {
  static const Strings words = words_of(fuzzed_agent().at("task/solve.cpp"));
  std::string text;
  for (std::size_t i = dice.below(words.size()), end = std::min(words.size(), i + 1 + dice.below(14)); i < end; ++i) text += words[i] + " ";
  return text;
}

std::string code(Dice& dice) {
  std::string text = dice.chance(4) ? own_words(dice) : dice.of(kCode);
  while (dice.chance(4)) text += (dice.chance(2) ? "\n" : " ") + (dice.chance(3) ? own_words(dice) : dice.of(kCode));
  return text;
}

// A word of the code dropped, doubled or changed for another.
std::string reworded(const std::string& text, Dice& dice) {
  Strings words = words_of(text);
  if (words.empty()) return code(dice);
  const auto at = words.begin() + static_cast<std::ptrdiff_t>(dice.below(words.size()));
  switch (dice.below(4)) {
    case 0:
      words.erase(at);
      break;
    case 1:
      words.insert(at, *at);
      break;
    case 2:
      *at = own_words(dice);
      break;
    default:
      words.insert(at, dice.chance(2) ? dice.of(kCode) : dice.of(kNames));
  }
  std::string out;
  for (const std::string& word : words) out += word + (dice.chance(16) ? "\n" : " ");
  return out;
}

std::string mutated_bytes(std::string text) {
  const std::size_t size = text.size();
  text.resize(size + 16);
  text.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(text.data()), size, text.size()));
  return text;
}

Json value_for(const std::string& member, const Json& rule, Dice& dice) {
  if (rule.contains("enum")) return dice.of(rule["enum"].get<Strings>());
  if (member == "path" || member == "with" || (member == "to" && dice.chance(2))) return path(dice);
  if (member == "code") return code(dice);
  if (member == "value")
    return dice.of(dice.chance(2) ? kCode : Strings{"0.7", "2", "-3", "\"word\"", "true", "'x'", "0b1'0", "1e400", "99999999999999999999"});
  if (member == "match") return dice.of(kMatchers);
  if (member == "expect") return dice.chance(2) ? own_words(dice) : dice.of(kCode);
  if (member == "target") return dice.chance(2) ? "x" : "whole";
  if (member == "agent") return dice.chance(2) ? Json(3) : Json("other");
  if (member == "file" || member == "from") return dice.of(kFiles);
  return dice.of(kNames);
}

const Json& rules_of(const Json& edit) {
  const Json& all = edit_schema()["items"]["oneOf"];
  for (const Json& rules : all)
    if (edit.is_object() && edit.value("op", Json()) == rules["title"]) return rules;
  return all[0];
}

Json edit_of(const Json& rules, const Json& old, Dice& dice) {
  Json edit = {{"op", rules["title"]}};
  for (const auto& [member, rule] : rules["properties"].items()) {
    const bool required = std::count(rules["required"].begin(), rules["required"].end(), member) > 0;
    if (member == "op" || (!required && !dice.chance(member == "note" || member == "kind" || member == "expect" ? 20 : 4))) continue;
    edit[member] = old.is_object() && old.contains(member) && !dice.chance(3) ? old[member] : value_for(member, rule, dice);
  }
  return edit;
}

Json random_edit(const Json& old, Dice& dice) {
  const Json& all = edit_schema()["items"]["oneOf"];
  return edit_of(all[dice.below(all.size())], old, dice);
}

void change_member(Json& edit, Dice& dice) {
  const Json& properties = rules_of(edit)["properties"];
  Strings members;
  for (const auto& [name, rule] : properties.items())
    if (name != "op") members.push_back(name);
  const std::string member = dice.of(members);
  const bool text = edit.contains(member) && edit[member].is_string();
  const std::string old = text ? edit[member].get<std::string>() : "";
  if (text && dice.chance(24))
    edit[member] = mutated_bytes(old);
  else if (text && dice.chance(3) && (member == "code" || member == "match" || member == "expect"))
    edit[member] = reworded(old, dice);
  else if (edit.contains(member) && dice.chance(5))
    edit.erase(member);
  else
    edit[member] = value_for(member, properties[member], dice);
}

void change(Json& edits, Dice& dice) {
  if (!edits.is_array()) edits = Json::array();
  if (edits.empty() || (edits.size() < kMostEdits && dice.chance(6))) {
    edits.insert(edits.begin() + static_cast<std::ptrdiff_t>(dice.below(edits.size() + 1)), random_edit({}, dice));
    return;
  }
  Json& edit = edits[dice.below(edits.size())];
  if (!edit.is_object() || dice.chance(8))
    edit = random_edit(edit, dice);
  else if (edits.size() > 1 && dice.chance(8))
    edits.erase(dice.below(edits.size()));
  else
    change_member(edit, dice);
}

std::size_t put(const Json& edits, std::uint8_t* data, std::size_t most) {
  const std::string text = edits.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > most) return 0;
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

Json edits_in(const std::uint8_t* data, std::size_t size) {
  return parse_untrusted(std::string(reinterpret_cast<const char*>(data), size));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  Dice dice(seed);
  Json edits = edits_in(data, size);
  for (std::size_t i = 1 + dice.below(3); i > 0; --i) change(edits, dice);
  if (const std::size_t made = put(edits, data, most)) return made;
  return put(Json::array({random_edit({}, dice)}), data, most);
}

// The first edits of one and the last of the other.
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data, std::size_t size, const std::uint8_t* other,
                                                 std::size_t other_size, std::uint8_t* out, std::size_t most, unsigned seed) {
  Dice dice(seed);
  const Json one = edits_in(data, size), two = edits_in(other, other_size);
  if (!one.is_array() || !two.is_array()) return 0;
  Json edits = Json::array();
  for (std::size_t i = 0, end = dice.below(one.size() + 1); i < end; ++i) edits.push_back(one[i]);
  for (std::size_t i = dice.below(two.size() + 1); i < two.size() && edits.size() < kMostEdits; ++i) edits.push_back(two[i]);
  return put(edits, out, most);
}
