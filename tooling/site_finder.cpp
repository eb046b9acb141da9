#include "tooling/site_finder.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>

#include <algorithm>
#include <utility>

namespace hyperagent::tooling {
namespace {

using Words = std::vector<std::string>;

bool has_alternatives(const clang::Expr* expr) {
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(expr)) return !alternatives(binary).empty();
  const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(expr);
  return unary != nullptr && !alternatives(unary).empty();
}

bool is_text(const std::string& key) { return fits("std::basic_string<char>", key); }

class Walker {
 public:
  Walker(const Function& function, const Vocabulary& vocabulary) : context_(function.context()), vocabulary_(vocabulary) {
    Scope scope;
    bring_in(function.decl->parameters(), scope);
    visit_body(function.decl, function.body(), "", scope);
  }
  std::vector<Site> take() { return std::move(sites_); }

 private:
  static Variable variable_of(const clang::ValueDecl* decl) {
    const clang::QualType type = decl->getType();
    return {decl->getNameAsString(), type_key(type), element_key(type), !type.getNonReferenceType().isConstQualified()};
  }

  Site& add(std::string kind, const std::string& path, const clang::Stmt* node, const Scope& scope) {
    sites_.push_back({std::move(kind), path, node, scope, around_.type, {}, {}, {}, false});
    return sites_.back();
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
      if (!decl->getName().empty() && is_copyable(decl->getType())) scope.push_back(variable_of(decl));
    }
  }
  static void bring_in(llvm::ArrayRef<clang::ParmVarDecl*> parameters, Scope& scope) {
    for (const clang::ParmVarDecl* parameter : parameters) bring_in(parameter, scope);
  }

  // What cannot be copied cannot stand where a value is wanted. Classes of the precompiled header are not looked into: it would load them whole.
  static bool is_copyable(clang::QualType type) {
    const clang::CXXRecordDecl* record = type.getNonReferenceType()->getAsCXXRecordDecl();
    if (record == nullptr || !record->hasDefinition() || record->isFromASTFile()) return true;
    for (const clang::CXXConstructorDecl* constructor : record->ctors())
      if (constructor->isCopyConstructor()) return !constructor->isDeleted();
    return !record->hasUserDeclaredMoveConstructor() && !record->hasUserDeclaredMoveAssignment() && !record->defaultedCopyConstructorIsDeleted();
  }

  // The function or lambda that is being walked.
  struct Around {
    const clang::Stmt* body = nullptr;
    clang::QualType returns;
    std::string type;
    bool takes_returns = false;  // a further `return` of something that fits the type is one of the very type
  };

  void visit_body(const clang::FunctionDecl* function, const clang::Stmt* body, const std::string& path, const Scope& scope) {
    if (function->isTemplated()) return;
    const clang::QualType returns = function->getReturnType();
    const bool deduced = function->getDeclaredReturnType()->getContainedAutoType() != nullptr && is_number(type_key(returns));
    const Around outer = std::exchange(around_, {body, returns, type_key(returns), !returns->isVoidType() && !deduced});
    visit(body, path, scope);
    around_ = outer;
  }

  void visit_lambda(const clang::LambdaExpr* lambda, const std::string& path, const Scope& scope) {
    const clang::CXXMethodDecl* call = lambda->getCallOperator();
    Scope inside;
    for (const Variable& variable : scope) {
      const auto* capture = std::find_if(lambda->capture_begin(), lambda->capture_end(), [&](const clang::LambdaCapture& one) {
        return one.capturesVariable() && one.getCapturedVar()->getName() == variable.text;
      });
      const bool named = capture != lambda->capture_end();
      if (!named && lambda->getCaptureDefault() == clang::LCD_None) continue;
      const bool by_reference = named ? capture->getCaptureKind() == clang::LCK_ByRef : lambda->getCaptureDefault() == clang::LCD_ByRef;
      inside.push_back(variable);
      inside.back().is_mutable = variable.is_mutable && (by_reference || lambda->isMutable());
    }
    for (const clang::LambdaCapture& capture : lambda->captures()) {
      const auto* made = capture.capturesVariable() ? llvm::dyn_cast<clang::VarDecl>(capture.getCapturedVar()) : nullptr;
      if (made == nullptr || !made->isInitCapture()) continue;
      bring_in(made, inside);
      if (!inside.empty() && inside.back().text == made->getName()) inside.back().is_mutable = inside.back().is_mutable && lambda->isMutable();
    }
    bring_in(call->parameters(), inside);
    visit_body(call, lambda->getBody(), child_path(path, 0), inside);
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
        if (const auto* counting = llvm::dyn_cast<clang::ForStmt>(node); counting != nullptr && children[i] == counting->getInit())
          add_declaration(child_path(path, i), children[i], scope);
        visit(children[i], child_path(path, i), scope);
      }
      declare(children[i], scope);
    }
  }

  void add_declaration(const std::string& path, const clang::Stmt* node, const Scope& scope) {
    const auto* declaration = llvm::dyn_cast<clang::DeclStmt>(node);
    const auto* variable = declaration != nullptr && declaration->isSingleDecl() ? llvm::dyn_cast<clang::VarDecl>(declaration->getSingleDecl()) : nullptr;
    if (variable == nullptr || llvm::isa<clang::DecompositionDecl>(variable)) return;
    Site& site = add("declaration", path, node, scope);
    site.type = type_key(variable->getType());
  }

  static bool is_label(const clang::Stmt* parent, const clang::Expr* expr) {
    const auto* one = llvm::dyn_cast<clang::CaseStmt>(parent);
    return one != nullptr && (one->getLHS()->IgnoreUnlessSpelledInSource() == expr || (one->getRHS() != nullptr && one->getRHS()->IgnoreUnlessSpelledInSource() == expr));
  }

  static bool is_literal(const clang::Expr* expr) {
    return !is_macro(expr) && llvm::isa<clang::IntegerLiteral, clang::FloatingLiteral, clang::CXXBoolLiteralExpr, clang::StringLiteral, clang::CharacterLiteral>(expr);
  }

  // The type an expression is wanted for: a return's, a condition's and a declared text's differ from the expression's own.
  std::string hole_of(const clang::Stmt* parent, const clang::Expr* expr) const {
    const std::string own = type_key(expr->getType());
    if (llvm::isa<clang::ReturnStmt>(parent)) return around_.type;
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
      const bool last = block == around_.body && i + 1 == children.size() && !around_.returns->isVoidType();
      const bool declaration = llvm::isa<clang::DeclStmt>(children[i]);
      if (around_.takes_returns)
        for (const char* kind : {"loop_over", "guard", "arg_max", "cascade", "accumulate"}) add(kind, here, children[i], scope);
      if (std::any_of(scope.begin(), scope.end(), [](const Variable& v) { return v.is_mutable && (is_number(v.type) || !v.element.empty() || v.type == "bool"); }))
        add("insert", here, children[i], scope);
      if (declaration) add_declaration(here, children[i], scope);
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

  void visit_expression(const clang::Expr* expr, const std::string& path, const Scope& scope, const Parameter& parameter, const std::string& hole, bool exact = false) {
    if (llvm::isa<clang::InitListExpr>(expr)) return visit_children(expr, path, scope);  // no expression by itself
    const bool literal = is_literal(expr);
    if (literal && (!llvm::isa<clang::StringLiteral>(expr) || parameter.choices.size() > 1)) {
      Site& site = add("literal", path, expr, scope);
      site.type = hole;
      site.parameter = parameter;
    } else if (!literal || is_text(hole)) {
      Site& site = add("expression", path, expr, scope);
      site.type = hole;
      site.element = element_key(expr->getType());
    }
    if (has_alternatives(expr) && parts_written(expr)) add("operator", path, expr, scope);
    if (is_plain_call(expr)) {
      Site& site = add("call", path, expr, scope);
      site.type = hole;
      site.exact = exact;
    }
    if (const auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(expr)) return visit_lambda(lambda, path, scope);
    visit_children(expr, path, scope);
  }

  // A call of a named function or member, written in the source.
  static bool is_plain_call(const clang::Expr* expr) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(expr);
    return call != nullptr && !llvm::isa<clang::CXXOperatorCallExpr, clang::UserDefinedLiteral>(call) && call->getDirectCallee() != nullptr &&
           llvm::isa<clang::DeclRefExpr, clang::MemberExpr>(call->getCallee()->IgnoreUnlessSpelledInSource()) && call->getBeginLoc().isFileID() &&
           call->getEndLoc().isFileID();
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
      const bool in_braces = llvm::isa<clang::InitListExpr>(expr);
      visit_expression(child, child_path(path, i), in_braces ? without_narrowing(scope, hole) : scope, parameter, hole, in_braces);
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
  Around around_;
  std::vector<Site> sites_;
};

}  // namespace

std::vector<Site> find_sites(const Function& function, const Vocabulary& vocabulary) { return Walker(function, vocabulary).take(); }

const std::vector<std::string>& alternatives(const clang::BinaryOperator* binary) {
  using Words = std::vector<std::string>;
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

const std::vector<std::string>& alternatives(const clang::UnaryOperator* unary) {
  using Words = std::vector<std::string>;
  static const Words steps = {"++", "--"}, minus = {"-", ""}, flips = {"~", ""}, nots = {"!", ""}, none;
  switch (unary->getOpcode()) {
    case clang::UO_PreInc: case clang::UO_PreDec: case clang::UO_PostInc: case clang::UO_PostDec: return unary->getSubExpr()->getType()->isPointerType() ? none : steps;
    case clang::UO_Minus: return minus;
    case clang::UO_Not: return flips;
    case clang::UO_LNot: return unary->getSubExpr()->IgnoreImpCasts()->getType()->isBooleanType() ? nots : none;
    default: return none;
  }
}

}  // namespace hyperagent::tooling
