#include "tooling/sites.h"

#include <algorithm>
#include <cstdlib>

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>

namespace hyperagent::tooling {
namespace {

constexpr int kDepth = 3;      // nesting of generated expressions
constexpr int kAttempts = 16;  // draws before a group is said to have nothing that fits

const char* const kKinds[] = {"literal", "operator", "expression", "delete", "swap", "wrap", "insert", "loop_over", "guard", "arg_max", "cascade", "accumulate"};

struct Site {
  std::string kind;
  std::string path;
  const clang::Stmt* node = nullptr;
  Scope scope;
  std::string type;           // of the hole, for expressions and literals
  std::string element;
  Parameter parameter;        // the parameter a literal is passed for, if any
};

using Words = std::vector<std::string>;

// The operators that may stand for this one, itself among them; none for what has no like.
const Words& alternatives(const clang::BinaryOperator* binary) {
  static const Words comparisons = {"<", "<=", ">", ">=", "==", "!="}, equalities = {"==", "!="}, sums = {"+", "-", "*"}, rests = {"%", "/", "*"},
                     bits = {"&", "|", "^"}, shifts = {"<<", ">>"}, logic = {"&&", "||"}, assigns = {"=", "+=", "-="}, scales = {"*=", "/="},
                     rest_assigns = {"%=", "/=", "*="}, bit_assigns = {"&=", "|=", "^="}, shift_assigns = {"<<=", ">>="}, steps = {"+", "-"}, none;
  const clang::BinaryOperatorKind opcode = binary->getOpcode();
  const bool of_pointers = binary->getLHS()->getType()->isPointerType() || binary->getRHS()->getType()->isPointerType();
  if (of_pointers && clang::BinaryOperator::isAdditiveOp(opcode)) return binary->getRHS()->getType()->isIntegralOrEnumerationType() ? steps : none;
  if (of_pointers && !clang::BinaryOperator::isEqualityOp(opcode) && !clang::BinaryOperator::isLogicalOp(opcode)) return none;
  if (of_pointers && clang::BinaryOperator::isEqualityOp(opcode)) return equalities;
  if (clang::BinaryOperator::isComparisonOp(opcode) && opcode != clang::BO_Cmp) return comparisons;
  switch (opcode) {
    case clang::BO_Add: case clang::BO_Sub: case clang::BO_Mul: case clang::BO_Div: return sums;
    case clang::BO_Rem: return rests;
    case clang::BO_And: case clang::BO_Or: case clang::BO_Xor: return bits;
    case clang::BO_Shl: case clang::BO_Shr: return shifts;
    case clang::BO_LAnd: case clang::BO_LOr: return logic;
    case clang::BO_AddAssign: case clang::BO_SubAssign: return assigns;
    case clang::BO_MulAssign: case clang::BO_DivAssign: return scales;
    case clang::BO_RemAssign: return rest_assigns;
    case clang::BO_AndAssign: case clang::BO_OrAssign: case clang::BO_XorAssign: return bit_assigns;
    case clang::BO_ShlAssign: case clang::BO_ShrAssign: return shift_assigns;
    default: return none;
  }
}

// Likewise; the empty word leaves the operator out.
const Words& alternatives(const clang::UnaryOperator* unary) {
  static const Words steps = {"++", "--"}, minus = {"-", ""}, flips = {"~", ""}, nots = {"!", ""}, none;
  switch (unary->getOpcode()) {
    case clang::UO_PreInc: case clang::UO_PreDec: case clang::UO_PostInc: case clang::UO_PostDec: return unary->getSubExpr()->getType()->isPointerType() ? none : steps;
    case clang::UO_Minus: return minus;
    case clang::UO_Not: return flips;
    case clang::UO_LNot: return unary->getSubExpr()->IgnoreImpCasts()->getType()->isBooleanType() ? nots : none;
    default: return none;
  }
}

bool has_alternatives(const clang::Expr* expr) {
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(expr)) return !alternatives(binary).empty();
  const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(expr);
  return unary != nullptr && !alternatives(unary).empty();
}

bool is_text(const std::string& key) { return fits("std::basic_string<char>", key); }

class Walker {
 public:
  Walker(const Function& function, const Vocabulary& vocabulary)
      : context_(function.context()), vocabulary_(vocabulary), returns_(function.decl->getReturnType()) {
    if (function.decl->isTemplated()) return;
    Scope scope;
    for (const clang::ParmVarDecl* parameter : function.decl->parameters())
      if (!parameter->getName().empty()) scope.push_back(variable_of(parameter));
    visit(function.body(), "", scope);
  }
  // None in a template: what fits depends on its arguments.
  std::vector<Site> take() { return std::move(sites_); }

 private:
  static Variable variable_of(const clang::ValueDecl* decl) {
    const clang::QualType type = decl->getType();
    return {decl->getNameAsString(), type_key(type), element_key(type), !type.getNonReferenceType().isConstQualified()};
  }

  void add(std::string kind, const std::string& path, const clang::Stmt* node, const Scope& scope) {
    sites_.push_back({std::move(kind), path, node, scope, {}, {}, {}});
  }

  static std::string child_path(const std::string& path, std::size_t index) { return path.empty() ? std::to_string(index) : path + "." + std::to_string(index); }

  static void declare(const clang::Stmt* node, Scope& scope) {
    const auto* declaration = llvm::dyn_cast_or_null<clang::DeclStmt>(node);
    if (declaration == nullptr) return;
    for (const clang::Decl* decl : declaration->decls())
      if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl)) bring_in(variable, scope);
  }

  static void bring_in(const clang::VarDecl* variable, Scope& scope) {
    std::vector<const clang::ValueDecl*> named = {variable};
    if (const auto* several = llvm::dyn_cast<clang::DecompositionDecl>(variable)) named.assign(several->bindings().begin(), several->bindings().end());
    for (const clang::ValueDecl* decl : named) {
      std::erase_if(scope, [&](const Variable& other) { return other.text == decl->getNameAsString(); });
      scope.push_back(variable_of(decl));
    }
  }

  // What the compiler adds where a variable is declared has the place of the variable's name: `if (auto x = f())` tests x, `Point p;` constructs p.
  static bool is_declared_name(const clang::Stmt* parent, const clang::Expr* expr) {
    if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(expr)) return name->getLocation() == name->getDecl()->getLocation();
    const auto* declaration = llvm::dyn_cast<clang::DeclStmt>(parent);
    return declaration != nullptr && std::any_of(declaration->decl_begin(), declaration->decl_end(), [&](const clang::Decl* decl) { return decl->getLocation() == expr->getBeginLoc(); });
  }

  void visit(const clang::Stmt* node, const std::string& path, Scope scope) {
    if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(node)) return visit_block(block, path, std::move(scope));
    if (const auto* expr = llvm::dyn_cast<clang::Expr>(node)) return visit_expression(expr, path, scope, {}, type_key(expr->getType()));
    const auto* loop = llvm::dyn_cast<clang::CXXForRangeStmt>(node);
    const auto children = children_of(node, context_);
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (loop != nullptr && children[i] == loop->getBody()) bring_in(loop->getLoopVariable(), scope);
      if (const auto* expr = llvm::dyn_cast<clang::Expr>(children[i])) {
        if (is_declared_name(node, expr)) visit_children(expr, child_path(path, i), scope);
        else if (!is_label(node, expr) || is_literal(expr)) visit_expression(expr, child_path(path, i), scope, {}, hole_of(node, expr));
      } else {
        visit(children[i], child_path(path, i), scope);
      }
      declare(children[i], scope);
    }
  }

  static bool is_label(const clang::Stmt* parent, const clang::Expr* expr) {
    const auto* one = llvm::dyn_cast<clang::CaseStmt>(parent);
    return one != nullptr && (one->getLHS()->IgnoreUnlessSpelledInSource() == expr || (one->getRHS() != nullptr && one->getRHS()->IgnoreUnlessSpelledInSource() == expr));
  }

  static bool is_literal(const clang::Expr* expr) {
    return !is_macro(expr) && llvm::isa<clang::IntegerLiteral, clang::FloatingLiteral, clang::CXXBoolLiteralExpr, clang::StringLiteral,
                                        clang::CharacterLiteral>(expr);
  }

  // The type an expression is wanted for: a return's, a condition's and a declared text's differ from the expression's own.
  std::string hole_of(const clang::Stmt* parent, const clang::Expr* expr) const {
    const std::string own = type_key(expr->getType());
    if (llvm::isa<clang::ReturnStmt>(parent)) return type_key(returns_);
    if (const auto* branch = llvm::dyn_cast<clang::IfStmt>(parent); branch && branch->getCond()->IgnoreUnlessSpelledInSource() == expr) return "bool";
    const auto* declaration = llvm::dyn_cast<clang::DeclStmt>(parent);
    const auto* variable = declaration != nullptr && declaration->isSingleDecl() ? llvm::dyn_cast<clang::VarDecl>(declaration->getSingleDecl()) : nullptr;
    if (variable != nullptr && is_text(type_key(variable->getType()))) return type_key(variable->getType());
    return own;
  }

  void visit_block(const clang::CompoundStmt* block, const std::string& path, Scope scope) {
    const auto children = children_of(block, context_);
    for (std::size_t i = 0; i < children.size(); ++i) {
      const std::string here = child_path(path, i);
      const bool last = path.empty() && i + 1 == children.size() && !returns_->isVoidType();
      const bool declaration = llvm::isa<clang::DeclStmt>(children[i]);
      if (!returns_->isVoidType())
        for (const char* kind : {"loop_over", "guard", "arg_max", "cascade", "accumulate"}) add(kind, here, children[i], scope);
      if (std::any_of(scope.begin(), scope.end(), [](const Variable& v) { return v.is_mutable && (is_number(v.type) || !v.element.empty() || v.type == "bool"); }))
        add("insert", here, children[i], scope);
      if (!declaration && !last) {
        add("delete", here, children[i], scope);
        add("wrap", here, children[i], scope);
        const bool next = i + 1 < children.size() && !llvm::isa<clang::DeclStmt, clang::ReturnStmt>(children[i + 1]);
        if (next && !llvm::isa<clang::ReturnStmt>(children[i])) add("swap", here, children[i], scope);
      }
      visit(children[i], here, scope);
      declare(children[i], scope);
    }
  }

  void visit_expression(const clang::Expr* expr, const std::string& path, const Scope& scope, const Parameter& parameter, const std::string& hole) {
    if (llvm::isa<clang::InitListExpr>(expr)) return visit_children(expr, path, scope);  // no expression by itself
    const bool literal = is_literal(expr);
    if (literal && (!llvm::isa<clang::StringLiteral>(expr) || parameter.choices.size() > 1)) {
      add("literal", path, expr, scope);
      sites_.back().type = hole;
      sites_.back().parameter = parameter;
    } else if (!literal || is_text(hole)) {
      add("expression", path, expr, scope);
      sites_.back().type = hole;
      sites_.back().element = element_key(expr->getType());
    }
    if (has_alternatives(expr) && parts_written(expr)) add("operator", path, expr, scope);
    if (llvm::isa<clang::LambdaExpr>(expr)) return;  // its parameters and captures are not in `scope`
    visit_children(expr, path, scope);
  }

  // The operator and its operands stand in the source, not in a macro.
  bool parts_written(const clang::Expr* expr) const {
    const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(expr);
    if (binary != nullptr && binary->getOperatorLoc().isMacroID()) return false;
    const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(expr);
    if (unary != nullptr && unary->getOperatorLoc().isMacroID()) return false;
    return children_of(expr, context_).size() == (binary != nullptr ? 2u : 1u);
  }

  void visit_children(const clang::Expr* expr, const std::string& path, const Scope& scope) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(expr);
    const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(expr);
    const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(expr);
    const auto children = children_of(expr, context_);
    for (std::size_t i = 0; i < children.size(); ++i) {
      const auto* child = llvm::dyn_cast<clang::Expr>(children[i]);
      if (child == nullptr) continue;
      const bool place = (binary != nullptr && binary->isAssignmentOp() && i == 0) || (unary != nullptr && (unary->isIncrementDecrementOp() || unary->getOpcode() == clang::UO_AddrOf));
      if (place || llvm::isa<clang::MemberExpr>(expr)) continue;  // must stay what it is
      Parameter parameter;
      std::string hole = type_key(child->getType());
      if (call != nullptr) {
        if (child == call->getCallee()->IgnoreUnlessSpelledInSource()) continue;
        const clang::ParmVarDecl* formal = formal_of(call, child);
        if (formal == nullptr) continue;
        parameter = parameter_of(formal, vocabulary_);
        if (parameter.mutable_reference) continue;
        hole = parameter.type;
      }
      visit_expression(child, child_path(path, i), llvm::isa<clang::InitListExpr>(expr) ? without_narrowing(scope, hole) : scope, parameter, hole);
    }
  }

  // Braces take no number of another type.
  static Scope without_narrowing(Scope scope, const std::string& hole) {
    std::erase_if(scope, [&](const Variable& variable) { return is_number(variable.type) && variable.type != hole; });
    return scope;
  }

  static const clang::ParmVarDecl* formal_of(const clang::CallExpr* call, const clang::Expr* argument) {
    const clang::FunctionDecl* callee = call->getDirectCallee();
    if (callee == nullptr || llvm::isa<clang::CXXOperatorCallExpr>(call)) return nullptr;
    for (unsigned i = 0; i < call->getNumArgs() && i < callee->getNumParams(); ++i)
      if (call->getArg(i)->IgnoreUnlessSpelledInSource() == argument) return callee->getParamDecl(i);
    return nullptr;
  }

  const clang::ASTContext& context_;
  const Vocabulary& vocabulary_;
  clang::QualType returns_;
  std::vector<Site> sites_;
};

// Makes one edit of a site, or nothing when its holes could not be filled this time.
class Drawer {
 public:
  Drawer(const Program& program, const Function& function, const std::vector<Block>& blocks, Rng& rng)
      : function_(function), context_(program.context(function.file)), rng_(rng), expressions_(blocks, rng) {
    source_ = text_of(clang::CharSourceRange::getTokenRange(function.decl->getSourceRange()), context_);
    returns_ = type_key(function.decl->getReturnType());
  }

  std::optional<Json> draw(const Site& site) {
    if (site.kind == "literal") return literal(site);
    if (site.kind == "operator") return change_operator(site);
    if (site.kind == "expression") return expression(site);
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
    if (!site.parameter.choices.empty() && (site.parameter.only_choices || rng_.uniform() < 0.5)) {
      value = site.parameter.choices[rng_.below(site.parameter.choices.size())];
    } else if (llvm::isa<clang::CXXBoolLiteralExpr>(site.node)) {
      value = old == "true" ? "false" : "true";
    } else if (llvm::isa<clang::CharacterLiteral>(site.node)) {
      static const std::string kUsual = " ,.;:-_+*/!?()aeintAEIN0129";
      if (old.front() != '\'') return std::nullopt;  // of another type than char
      value = std::string("'") + kUsual[rng_.below(kUsual.size())] + "'";
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
      const std::string chosen = others[rng_.below(others.size())], operand = text(unary->getSubExpr(), false);
      if (chosen == clang::UnaryOperator::getOpcodeStr(unary->getOpcode())) return std::nullopt;
      return Json{{"op", "replace_node"}, {"code", unary->isPostfix() ? operand + chosen : chosen + operand}};
    }
    const auto* binary = llvm::cast<clang::BinaryOperator>(site.node);
    const Words& others = alternatives(binary);
    const std::string chosen = others[rng_.below(others.size())];
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
    const auto code = expressions_.make(site.type, scope, kDepth);
    if (!code || *code == old || *code == "(" + old + ")") return std::nullopt;
    return Json{{"op", "replace_node"}, {"code", *code}};
  }

  std::optional<Json> wrap(const Site& site) {
    const auto condition = expressions_.make("bool", site.scope, kDepth);
    if (!condition || is_truth(*condition)) return std::nullopt;
    return Json{{"op", "wrap_statement"}, {"code", "if (" + *condition + ") { $statement }"}};
  }

  std::optional<Json> assign(const Site& site) {
    std::vector<const Variable*> places;
    for (const Variable& variable : site.scope)
      if (variable.is_mutable && (is_number(variable.type) || !variable.element.empty() || variable.type == "bool")) places.push_back(&variable);
    if (places.empty()) return std::nullopt;
    const Variable& place = *places[rng_.below(places.size())];
    if (!place.element.empty() && rng_.below(2) == 0) {
      const auto item = expressions_.make(place.element, site.scope, kDepth);
      if (!item) return std::nullopt;
      return insert_before(place.text + ".push_back(" + *item + ");");
    }
    const auto value = expressions_.make(place.type, site.scope, kDepth);
    if (!value || *value == place.text) return std::nullopt;
    return insert_before(place.text + " = " + *value + ";");
  }

  // A name that nothing in the function uses yet.
  std::string fresh(const std::string& base) const {
    std::string name = base;
    for (int i = 2; names(source_, name); ++i) name = base + std::to_string(i);
    return name;
  }

  std::optional<std::string> template_code(const Site& site) {
    if (site.kind == "loop_over") return loop_over(site);
    if (site.kind == "guard") return guard(site.scope, kDepth);
    if (site.kind == "arg_max") return arg_max(site);
    if (site.kind == "cascade") return cascade(site);
    return accumulate(site);
  }

  std::optional<std::string> guard(const Scope& scope, int depth) {
    const auto condition = expressions_.make("bool", scope, depth);
    const auto result = expressions_.make(returns_, scope, depth);
    if (!condition || !result || is_truth(*condition)) return std::nullopt;
    return "if (" + *condition + ") return " + *result + ";";
  }

  //   for (const auto& item : VECTOR) { if (BOOL of item) return RESULT of item; }
  std::optional<std::string> loop_over(const Site& site) {
    const auto range = expressions_.make_range(site.scope, kDepth);
    if (!range) return std::nullopt;
    const std::string item = fresh("item");
    Scope inside = site.scope;
    inside.push_back({item, range->element, {}, false});
    const auto condition = expressions_.make_with("bool", inside, item, 2);
    const auto result = expressions_.make_with(returns_, inside, item, 2);
    if (!condition || !result) return std::nullopt;
    return "for (const auto& " + item + " : " + range->text + ") {\n  if (" + *condition + ") return " + *result + ";\n}";
  }

  //   the item of VECTOR with the largest NUMBER of item; return RESULT of it
  std::optional<std::string> arg_max(const Site& site) {
    const auto range = expressions_.make_range(site.scope, kDepth);
    if (!range || range->element == "bool") return std::nullopt;
    const std::string items = fresh("items"), item = fresh("item"), best = fresh("best"), best_value = fresh("best_value"), value = fresh("value");
    Scope inside = site.scope;
    inside.push_back({item, range->element, {}, false});
    const auto number = expressions_.make_with("double", inside, item, 2);
    inside.back().text = "(*" + best + ")";
    const auto result = expressions_.make_with(returns_, inside, inside.back().text, 2);
    if (!number || !result) return std::nullopt;
    return "const auto " + items + " = " + range->text + ";\nconst auto* " + best + " = " + items + ".empty() ? nullptr : &" + items + ".front();\ndouble " +
           best_value + " = -1e300;\nfor (const auto& " + item + " : " + items + ") {\n  const double " + value + " = " + *number + ";\n  if (" + value + " > " +
           best_value + ") {\n    " + best_value + " = " + value + ";\n    " + best + " = &" + item + ";\n  }\n}\nif (" + best + " != nullptr) return " + *result + ";";
  }

  //   try one way; when it gives no answer, what follows is the next
  std::optional<std::string> cascade(const Site& site) {
    if (returns_ != "ha::Answer") {
      const auto first = guard(site.scope, 2), second = guard(site.scope, 2);
      if (!first || !second) return std::nullopt;
      return *first + "\n" + *second;
    }
    const auto answer = expressions_.make(returns_, site.scope, kDepth);
    // What the API answers is always given: what follows would never run again.
    if (!answer || answer->starts_with("ha::")) return std::nullopt;
    const std::string name = fresh("answer");
    return "if (const ha::Answer " + name + " = " + *answer + "; " + name + ".given()) return " + name + ";";
  }

  //   sum NUMBER of item over VECTOR, then decide by the sum
  std::optional<std::string> accumulate(const Site& site) {
    const auto range = expressions_.make_range(site.scope, kDepth);
    if (!range) return std::nullopt;
    const std::string item = fresh("item"), total = fresh("total");
    Scope inside = site.scope;
    inside.push_back({item, range->element, {}, false});
    const auto number = expressions_.make_with("double", inside, item, 2);
    Scope after = site.scope;
    after.push_back({total, "double", {}, true});
    const auto condition = expressions_.make_with("bool", after, total, 1);
    const auto result = expressions_.make(returns_, after, 2);
    if (!number || !condition || !result) return std::nullopt;
    return "double " + total + " = 0;\nfor (const auto& " + item + " : " + range->text + ") " + total + " += " + *number + ";\nif (" + *condition + ") return " + *result + ";";
  }

  const Function& function_;
  clang::ASTContext& context_;
  Rng& rng_;
  Expressions expressions_;
  std::string source_;
  std::string returns_;
};

// The agent's own functions that are complete before `function` starts: callable there without recursion.
void add_own_functions(const Program& program, const Function& function, const Vocabulary& vocabulary, std::vector<Block>& blocks) {
  for (const Function& other : program.functions()) {
    if (other.file != function.file || other.decl == function.decl || llvm::isa<clang::CXXMethodDecl>(other.decl) || other.decl->isTemplated()) continue;
    if (function.decl->isConstexpr() && !other.decl->isConstexpr()) continue;
    if (other.decl->getEndLoc() < function.decl->getBeginLoc()) blocks.push_back(block_of(other.decl, vocabulary));
  }
}

}  // namespace

Json site_groups(const Program& program) {
  Json groups = Json::array();
  // Literals of vocabulary parameters count as sites whatever the words are: offer two, so that they can change.
  Vocabulary any;
  for (const char* kind : {"text_field", "number_field", "numbers_field", "label", "mutation_kind"}) any.words[kind] = {"a", "b"};
  for (const Function& function : program.functions()) {
    const auto sites = Walker(function, any).take();
    for (const char* kind : kKinds) {
      const auto count = std::count_if(sites.begin(), sites.end(), [&](const Site& site) { return site.kind == kind; });
      if (count > 0)
        groups.push_back({{"function", function.signature}, {"half", half_of(function.file)}, {"file", function.file}, {"kind", kind}, {"sites", count}});
    }
  }
  return {{"groups", groups}};
}

namespace {

// The edit as the edit language wants it: where it goes, and the text that must stand there.
Json completed(Json edit, const Site& site, const Function& function, const Drawer& drawer) {
  edit["kind"] = site.kind;
  edit["function"] = function.signature;
  edit["file"] = function.file;
  edit["path"] = site.path;
  const bool whole = edit.value("op", "") != "set_literal" && edit.value("op", "") != "replace_node";
  if (edit.value("op", "") != "insert_statement") edit["expect"] = drawer.text(site.node, whole);
  return edit;
}

std::vector<Block> blocks_for(const Program& program, const Function& function, const Vocabulary& vocabulary) {
  std::vector<Block> blocks = api_blocks(program.context(function.file), vocabulary);
  add_own_functions(program, function, vocabulary, blocks);
  return blocks;
}

}  // namespace

Json draw_edit(const Program& program, const std::string& name, const std::string& kind, std::uint64_t seed, const Vocabulary& vocabulary) {
  auto found = program.function(name);
  if (auto* refused = std::get_if<Refusal>(&found)) return {{"edit", nullptr}, {"error", refused->message}};
  const Function function = std::get<Function>(found);
  std::vector<Site> sites = Walker(function, vocabulary).take();
  std::erase_if(sites, [&](const Site& site) { return site.kind != kind; });
  if (sites.empty()) return {{"edit", nullptr}};
  const std::vector<Block> blocks = blocks_for(program, function, vocabulary);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Rng rng = Rng::at(seed, {static_cast<std::uint64_t>(attempt)});
    Drawer drawer(program, function, blocks, rng);
    const Site& site = sites[rng.below(sites.size())];
    if (auto edit = drawer.draw(site)) return {{"edit", completed(std::move(*edit), site, function, drawer)}};
  }
  return {{"edit", nullptr}};
}

Json list_sites(const Program& program, const Vocabulary& vocabulary) {
  Json list = Json::array();
  for (const Function& function : program.functions()) {
    const std::vector<Block> blocks = blocks_for(program, function, vocabulary);
    const auto& sources = program.context(function.file).getSourceManager();
    std::uint64_t number = 0;
    for (const Site& site : Walker(function, vocabulary).take()) {
      std::vector<std::pair<int, Json>> drawn;  // how often, and the edit
      std::string text;
      ++number;
      for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
        Rng rng = Rng::at(number, {attempt});
        Drawer drawer(program, function, blocks, rng);
        if (text.empty()) text = drawer.text(site.node, false);
        auto edit = drawer.draw(site);
        if (!edit) continue;
        Json whole = completed(std::move(*edit), site, function, drawer);
        const auto same = std::find_if(drawn.begin(), drawn.end(), [&](const auto& other) { return other.second == whole; });
        same == drawn.end() ? drawn.emplace_back(1, std::move(whole)), void() : void(++same->first);
      }
      std::stable_sort(drawn.begin(), drawn.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
      Json edits = Json::array();
      for (auto& [times, edit] : drawn) edits.push_back(std::move(edit));
      list.push_back({{"function", function.signature}, {"file", function.file}, {"half", half_of(function.file)}, {"kind", site.kind}, {"path", site.path},
                      {"line", sources.getExpansionLineNumber(site.node->getBeginLoc())}, {"text", text}, {"type", site.type}, {"edits", edits}});
    }
  }
  return {{"sites", list}};
}

}  // namespace hyperagent::tooling
