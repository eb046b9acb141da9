#include "tooling/site_edits.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>

#include <algorithm>
#include <cstdlib>

#include "tooling/edit_code.h"
#include "tooling/other_calls.h"
#include "tooling/retyping.h"

namespace hyperagent::tooling {
namespace {

using Words = std::vector<std::string>;

// Makes one edit of a site, or nothing when its holes could not be filled this time.
class Drawer {
 public:
  Drawer(const Function& function, const Blocks& blocks, Choices& choices, int depth)
      : function_(function),
        context_(function.context()),
        blocks_(blocks),
        choices_(choices),
        depth_(depth),
        expressions_(blocks, choices) {}

  std::optional<Json> draw(const Site& site) {
    if (site.kind == "literal") return literal(site);
    if (site.kind == "operator") return change_operator(site);
    if (site.kind == "expression") return expression(site);
    if (site.kind == "call") return call(site);
    if (site.kind == "declaration") return declaration(site);
    if (site.kind == "delete") return Json{{"op", "delete_statement"}};
    if (site.kind == "swap") return Json{{"op", "swap_statements"}, {"with", next(site.path)}};
    if (site.kind == "wrap") return wrap(site);
    if (site.kind == "insert") return assign(site);
    return insert_before(template_code(site));
  }

  std::string text(const clang::Stmt* node, bool whole) const { return text_of(range_of(node, context_, whole), context_); }

 private:
  static std::string next(const std::string& path) {
    const std::size_t dot = path.rfind('.');
    const std::string head = dot == std::string::npos ? "" : path.substr(0, dot + 1);
    return head + std::to_string(std::atoi(path.c_str() + head.size()) + 1);
  }

  static std::optional<Json> insert_before(const std::optional<std::string>& code) {
    if (!code) return std::nullopt;
    return Json{{"op", "insert_statement"}, {"where", "before"}, {"code", *code}};
  }

  std::optional<Json> literal(const Site& site) {
    const std::string old = text(site.node, false);
    std::string value;
    if (!site.parameter.choices.empty() && (site.parameter.only_choices || choices_.chance(0.5))) {
      value = site.parameter.choices[choices_.below(site.parameter.choices.size())];
    } else if (llvm::isa<clang::CXXBoolLiteralExpr>(site.node)) {
      value = old == "true" ? "false" : "true";
    } else if (llvm::isa<clang::CharacterLiteral>(site.node)) {
      static const std::string kUsual = " ,.;:-_+*/!?()aeintAEIN0129";
      if (old.front() != '\'') return std::nullopt;  // of another type than char
      value = std::string("'") + kUsual[choices_.below(kUsual.size())] + "'";
    } else {
      const bool integer = llvm::isa<clang::IntegerLiteral>(site.node) && is_integer(site.type);
      value = expressions_.number_near(std::strtod(old.c_str(), nullptr), integer);
      if (value.front() == '(') value = value.substr(1, value.size() - 2);
      if (integer || llvm::isa<clang::FloatingLiteral>(site.node)) value += suffix_of(old);
    }
    if (value == old) return std::nullopt;
    return Json{{"op", "set_literal"}, {"value", value}};
  }

  // The letters that give a number its type: "u" of 36u, "f" of 0.5f.
  static std::string suffix_of(const std::string& number) {
    const bool hexadecimal = number.starts_with("0x") || number.starts_with("0X");
    return number.substr(number.find_last_not_of(hexadecimal ? "uUlLzZ" : "uUlLzZfF") + 1);
  }

  std::optional<Json> change_operator(const Site& site) {
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(site.node)) {
      const Words& others = alternatives(unary);
      const std::string chosen = others[choices_.below(others.size())], operand = text(unary->getSubExpr(), false);
      if (chosen == clang::UnaryOperator::getOpcodeStr(unary->getOpcode())) return std::nullopt;
      return Json{{"op", "replace_node"}, {"code", unary->isPostfix() ? operand + chosen : chosen + operand}};
    }
    const auto* binary = llvm::cast<clang::BinaryOperator>(site.node);
    const Words& others = alternatives(binary);
    const std::string chosen = others[choices_.below(others.size())];
    if (chosen == binary->getOpcodeStr()) return std::nullopt;
    return Json{{"op", "replace_node"}, {"code", text(binary->getLHS(), false) + " " + chosen + " " + text(binary->getRHS(), false)}};
  }

  // The old expression is itself on offer, so that a draw can wrap it in a call as well as replace it.
  std::optional<Json> expression(const Site& site) {
    const std::string old = text(site.node, false);
    Scope scope = site.scope;
    const bool simple = names("x" + old, old) || old.find_first_of(" ?") == std::string::npos;
    if (!site.type.empty()) {
      const std::string own = type_key(llvm::cast<clang::Expr>(site.node)->getType());
      const Variable reuse{simple ? old : "(" + old + ")", own, site.element, false};
      scope.push_back(reuse);
      scope.push_back(reuse);  // twice as likely as any other variable
    }
    const auto code = expressions_.make(site.type, scope, depth_);
    if (!code || *code == old || *code == "(" + old + ")") return std::nullopt;
    return Json{{"op", "replace_node"}, {"code", *code}};
  }

  std::optional<Json> call(const Site& site) {
    const std::vector<std::string> codes = other_calls(site, function_, blocks_);
    if (codes.empty()) return std::nullopt;
    return Json{{"op", "replace_node"}, {"code", codes[choices_.below(codes.size())]}};
  }

  // Another number type, the statement left out when nothing names the variable, or a value for one that has none.
  std::optional<Json> declaration(const Site& site) {
    const auto* variable = llvm::cast<clang::VarDecl>(llvm::cast<clang::DeclStmt>(site.node)->getSingleDecl());
    const std::string old = text(site.node, false);
    if (!old.ends_with(';')) return std::nullopt;
    const OtherTypes others = other_types(variable, function_.body());
    const bool unused = !variable->isReferenced() && is_of_block(site), without_value = is_without_value(variable);
    const std::size_t ways = others.names.size() + (unused ? 1 : 0) + (without_value ? 1 : 0);
    if (ways == 0) return std::nullopt;
    const std::size_t way = choices_.below(ways);
    if (way < others.names.size()) {
      const auto& sources = context_.getSourceManager();
      const unsigned begin = sources.getFileOffset(site.node->getBeginLoc()), from = sources.getFileOffset(others.written.getBegin()),
                     to = sources.getFileOffset(others.written.getEnd());
      return Json{{"op", "replace_node"}, {"code", old.substr(0, from - begin) + others.names[way] + old.substr(to - begin)}};
    }
    if (unused && way == others.names.size()) return Json{{"op", "delete_statement"}};
    const auto value = expressions_.make(site.type, site.scope, depth_);
    if (!value) return std::nullopt;
    return Json{{"op", "replace_node"}, {"code", old.substr(0, old.size() - 1) + " = " + *value + ";"}};
  }

  bool is_of_block(const Site& site) const {
    const std::size_t dot = site.path.rfind('.');
    return llvm::isa_and_nonnull<clang::CompoundStmt>(
        node_at(function_.body(), dot == std::string::npos ? "" : site.path.substr(0, dot), context_));
  }

  static bool is_without_value(const clang::VarDecl* variable) {
    const clang::Expr* init = variable->getInit();
    return !variable->isStaticLocal() && !variable->hasExternalStorage() &&
           (init == nullptr || init->IgnoreImplicit()->getBeginLoc() == variable->getLocation());
  }

  std::optional<Json> wrap(const Site& site) {
    const auto condition = expressions_.make("bool", site.scope, depth_);
    if (!condition || is_truth(*condition)) return std::nullopt;
    return Json{{"op", "wrap_statement"}, {"code", "if (" + *condition + ") { $statement }"}};
  }

  std::optional<Json> assign(const Site& site) {
    std::vector<const Variable*> places;
    for (const Variable& variable : site.scope)
      if (variable.is_mutable && (is_number(variable.type) || !variable.element.empty() || variable.type == "bool"))
        places.push_back(&variable);
    if (places.empty()) return std::nullopt;
    const Variable& place = *places[choices_.below(places.size())];
    if (!place.element.empty() && choices_.below(2) == 0) {
      const auto item = expressions_.make(place.element, site.scope, depth_);
      if (!item) return std::nullopt;
      return insert_before(place.text + ".push_back(" + *item + ");");
    }
    const auto value = expressions_.make(place.type, site.scope, depth_);
    if (!value || *value == place.text) return std::nullopt;
    return insert_before(place.text + " = " + *value + ";");
  }

  // A name that nothing in the function uses yet.
  std::string fresh(const std::string& base) const {
    const std::string source = text_of(clang::CharSourceRange::getTokenRange(function_.decl->getSourceRange()), context_);
    std::string name = base;
    for (int i = 2; names(source, name); ++i) name = base + std::to_string(i);
    return name;
  }

  std::optional<std::string> template_code(const Site& site) {
    if (site.kind == "loop_over") return loop_over(site);
    if (site.kind == "guard") return guard(site, depth_);
    if (site.kind == "arg_max") return arg_max(site);
    if (site.kind == "cascade") return cascade(site);
    return accumulate(site);
  }

  std::optional<std::string> guard(const Site& site, int depth) {
    const auto condition = expressions_.make("bool", site.scope, depth);
    const auto result = expressions_.make(site.returns, site.scope, depth);
    if (!condition || !result || is_truth(*condition)) return std::nullopt;
    return "if (" + *condition + ") return " + *result + ";";
  }

  //   for (const auto& item : VECTOR) { if (BOOL of item) return RESULT of item; }
  std::optional<std::string> loop_over(const Site& site) {
    const auto range = expressions_.make_range(site.scope, depth_);
    if (!range) return std::nullopt;
    const std::string item = fresh("item");
    Scope inside = site.scope;
    inside.push_back({item, range->element, {}, false});
    const auto condition = expressions_.make_with("bool", inside, item, 2);
    const auto result = expressions_.make_with(site.returns, inside, item, 2);
    if (!condition || !result) return std::nullopt;
    return "for (const auto& " + item + " : " + range->text + ") {\n  if (" + *condition + ") return " + *result + ";\n}";
  }

  //   the item of VECTOR with the largest NUMBER of item; return RESULT of it
  std::optional<std::string> arg_max(const Site& site) {
    const auto range = expressions_.make_range(site.scope, depth_);
    if (!range || range->element == "bool") return std::nullopt;
    const std::string items = fresh("items"), item = fresh("item"), best = fresh("best"), best_value = fresh("best_value"),
                      value = fresh("value");
    Scope inside = site.scope;
    inside.push_back({item, range->element, {}, false});
    const auto number = expressions_.make_with("double", inside, item, 2);
    inside.back().text = "(*" + best + ")";
    const auto result = expressions_.make_with(site.returns, inside, inside.back().text, 2);
    if (!number || !result) return std::nullopt;
    return "const auto " + items + " = " + range->text + ";\nconst auto* " + best + " = " + items + ".empty() ? nullptr : &" + items +
           ".front();\ndouble " + best_value + " = -1e300;\nfor (const auto& " + item + " : " + items + ") {\n  const double " + value +
           " = " + *number + ";\n  if (" + value + " > " + best_value + ") {\n    " + best_value + " = " + value + ";\n    " + best +
           " = &" + item + ";\n  }\n}\nif (" + best + " != nullptr) return " + *result + ";";
  }

  //   try one way; when it gives no answer, what follows is the next
  std::optional<std::string> cascade(const Site& site) {
    if (site.returns != "ha::Answer") {
      const auto first = guard(site, 2), second = guard(site, 2);
      if (!first || !second) return std::nullopt;
      return *first + "\n" + *second;
    }
    const auto answer = expressions_.make(site.returns, site.scope, depth_);
    // What the API answers is always given: what follows would never run again.
    if (!answer || answer->starts_with("ha::")) return std::nullopt;
    const std::string name = fresh("answer");
    return "if (const ha::Answer " + name + " = " + *answer + "; " + name + ".given()) return " + name + ";";
  }

  //   sum NUMBER of item over VECTOR, then decide by the sum
  std::optional<std::string> accumulate(const Site& site) {
    const auto range = expressions_.make_range(site.scope, depth_);
    if (!range) return std::nullopt;
    const std::string item = fresh("item"), total = fresh("total");
    Scope inside = site.scope;
    inside.push_back({item, range->element, {}, false});
    const auto number = expressions_.make_with("double", inside, item, 2);
    Scope after = site.scope;
    after.push_back({total, "double", {}, true});
    const auto condition = expressions_.make_with("bool", after, total, 1);
    const auto result = expressions_.make(site.returns, after, 2);
    if (!number || !condition || !result) return std::nullopt;
    return "double " + total + " = 0;\nfor (const auto& " + item + " : " + range->text + ") " + total + " += " + *number + ";\nif (" +
           *condition + ") return " + *result + ";";
  }

  const Function& function_;
  const clang::ASTContext& context_;
  const Blocks& blocks_;
  Choices& choices_;
  const int depth_;
  Expressions expressions_;
};

}  // namespace

bool is_countable(const Site& site) {
  for (const char* kind : {"loop_over", "guard", "arg_max", "cascade", "accumulate"})
    if (site.kind == kind) return false;
  return site.kind != "literal" || site.parameter.only_choices || !llvm::isa<clang::IntegerLiteral, clang::FloatingLiteral>(site.node);
}

std::optional<Json> edit_of(const Site& site, const Function& function, const Blocks& blocks, Choices& choices, int depth) {
  Drawer drawer(function, blocks, choices, depth);
  auto edit = drawer.draw(site);
  if (!edit) return std::nullopt;
  const std::string op = (*edit)["op"];
  (*edit)["kind"] = site.kind;
  (*edit)["function"] = function.signature;
  (*edit)["file"] = function.file;
  (*edit)["path"] = site.path;
  const bool whole = op != "set_literal" && op != "replace_node";
  if (op != "insert_statement") (*edit)["expect"] = drawer.text(site.node, whole);
  return edit;
}

}  // namespace hyperagent::tooling
