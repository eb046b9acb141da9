#include "tooling/retyping.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>

namespace hyperagent::tooling {
namespace {

enum class Allows { Nothing, Integers, Numbers };

// What a variable that is used here may become: `around` are the nodes around the use, the innermost last.
class Use {
 public:
  Use(const std::vector<const clang::Stmt*>& around, const clang::DeclRefExpr* use, const clang::FunctionDecl* function)
      : around_(around), child_(use), function_(function) {}

  Allows allows() {
    for (auto at = around_.rbegin(); at != around_.rend(); ++at) {
      const bool as_value = step(*at);
      if (!as_value) return allows_;
      child_ = *at;
    }
    return Allows::Nothing;
  }

 private:
  bool ends(Allows allows) {
    allows_ = allows == Allows::Numbers && only_integers_ ? Allows::Integers : allows;
    return false;
  }

  static bool is_number(clang::QualType type) { return type->isArithmeticType() && !type->isReferenceType(); }

  // Whether the type of this node is that of its child, so that the node around it decides.
  bool step(const clang::Stmt* node) {
    if (llvm::isa<clang::ParenExpr, clang::ImplicitCastExpr, clang::ExprWithCleanups>(node)) return true;
    if (const auto* cast = llvm::dyn_cast<clang::ExplicitCastExpr>(node))
      return ends(is_number(cast->getTypeAsWritten()) ? Allows::Numbers : Allows::Nothing);
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(node)) return step(unary);
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(node)) return step(binary);
    if (const auto* choice = llvm::dyn_cast<clang::ConditionalOperator>(node))
      return choice->getCond() == child_ ? ends(Allows::Numbers) : true;
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(node)) return ends(as_argument(call));
    if (const auto* access = llvm::dyn_cast<clang::ArraySubscriptExpr>(node))
      return ends(access->getIdx() == child_ ? Allows::Integers : Allows::Nothing);
    if (const auto* declared = llvm::dyn_cast<clang::DeclStmt>(node))
      return ends(starts_with_number(declared) ? Allows::Numbers : Allows::Nothing);
    if (llvm::isa<clang::ReturnStmt>(node))
      return ends(is_number(function_->getReturnType()) && function_->getDeclaredReturnType()->getContainedAutoType() == nullptr
                      ? Allows::Numbers
                      : Allows::Nothing);
    if (llvm::isa<clang::SwitchStmt>(node)) return ends(Allows::Integers);
    if (llvm::isa<clang::CompoundStmt, clang::IfStmt, clang::WhileStmt, clang::DoStmt, clang::ForStmt, clang::CXXForRangeStmt>(node))
      return ends(Allows::Numbers);
    return ends(Allows::Nothing);
  }

  bool step(const clang::UnaryOperator* unary) {
    switch (unary->getOpcode()) {
      case clang::UO_Plus:
      case clang::UO_Minus:
      case clang::UO_PreInc:
      case clang::UO_PreDec:
      case clang::UO_PostInc:
      case clang::UO_PostDec:
        return true;
      case clang::UO_Not:
        only_integers_ = true;
        return true;
      case clang::UO_LNot:
        return ends(Allows::Numbers);
      default:
        return ends(Allows::Nothing);
    }
  }

  bool step(const clang::BinaryOperator* binary) {
    const bool of_numbers = is_number(binary->getLHS()->getType()) && is_number(binary->getRHS()->getType());
    if (!of_numbers || binary->getOpcode() == clang::BO_Comma || binary->getOpcode() == clang::BO_Cmp) return ends(Allows::Nothing);
    const clang::BinaryOperatorKind plain =
        binary->isCompoundAssignmentOp() ? clang::BinaryOperator::getOpForCompoundAssignment(binary->getOpcode()) : binary->getOpcode();
    only_integers_ =
        only_integers_ || plain == clang::BO_Rem || clang::BinaryOperator::isShiftOp(plain) || clang::BinaryOperator::isBitwiseOp(plain);
    if (binary->isComparisonOp() || binary->isLogicalOp()) return ends(Allows::Numbers);
    if (binary->isAssignmentOp() && binary->getRHS() == child_) return ends(Allows::Numbers);
    return true;
  }

  Allows as_argument(const clang::CallExpr* call) const {
    const clang::FunctionDecl* callee = call->getDirectCallee();
    if (callee == nullptr || callee->getPrimaryTemplate() != nullptr || llvm::isa<clang::UserDefinedLiteral>(call)) return Allows::Nothing;
    const bool subscript = llvm::isa<clang::CXXOperatorCallExpr>(call) && callee->getOverloadedOperator() == clang::OO_Subscript;
    if (llvm::isa<clang::CXXOperatorCallExpr>(call) && !subscript) return Allows::Nothing;
    for (unsigned i = 0; i < call->getNumArgs(); ++i) {
      if (call->getArg(i) != child_) continue;
      const unsigned formal = subscript ? i - 1 : i;  // the object comes first
      if ((subscript && i == 0) || formal >= callee->getNumParams()) return Allows::Nothing;
      const clang::QualType type = callee->getParamDecl(formal)->getType();
      if (subscript)
        return type.getNonReferenceType()->isIntegerType() && (!type->isReferenceType() || type.getNonReferenceType().isConstQualified())
                   ? Allows::Integers
                   : Allows::Nothing;
      return is_number(type) && !callee->isInStdNamespace() && callee->getDeclContext()->lookup(callee->getDeclName()).isSingleResult()
                 ? Allows::Numbers
                 : Allows::Nothing;
    }
    return Allows::Nothing;
  }

  bool starts_with_number(const clang::DeclStmt* declared) const {
    for (const clang::Decl* decl : declared->decls())
      if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl); variable != nullptr && variable->getInit() == child_)
        return variable->getInitStyle() == clang::VarDecl::CInit && is_number(variable->getType()) &&
               variable->getTypeSourceInfo()->getType()->getContainedAutoType() == nullptr;
    return false;
  }

  const std::vector<const clang::Stmt*>& around_;
  const clang::Stmt* child_;
  const clang::FunctionDecl* function_;
  bool only_integers_ = false;
  Allows allows_ = Allows::Nothing;
};

// Walks everything below a node and keeps what the least tolerant use of the variable allows.
class Uses {
 public:
  Uses(const clang::VarDecl* variable, const clang::FunctionDecl* function) : variable_(variable), function_(function) {}

  Allows allowed(const clang::Stmt* body) {
    walk(body);
    return allows_;
  }

 private:
  void walk(const clang::Stmt* node) {
    if (node == nullptr || allows_ == Allows::Nothing) return;
    if (const auto* use = llvm::dyn_cast<clang::DeclRefExpr>(node); use != nullptr && use->getDecl() == variable_)
      allows_ = std::min(allows_, Use(around_, use, function_).allows());
    around_.push_back(node);
    for (const clang::Stmt* child : node->children()) walk(child);
    around_.pop_back();
  }

  const clang::VarDecl* variable_;
  const clang::FunctionDecl* function_;
  std::vector<const clang::Stmt*> around_;
  Allows allows_ = Allows::Numbers;
};

bool can_be_retyped(const clang::VarDecl* variable) {
  const clang::QualType type = variable->getType();
  const bool initialised_plainly = variable->getInit() == nullptr || variable->getInitStyle() == clang::VarDecl::CInit;
  return type->isArithmeticType() && !type->isBooleanType() && !type->isAnyCharacterType() && !type->isReferenceType() &&
         !variable->isStaticLocal() && initialised_plainly &&
         !(variable->getInit() != nullptr && llvm::isa<clang::InitListExpr>(variable->getInit()->IgnoreImplicit())) &&
         !variable->mightBeUsableInConstantExpressions(variable->getASTContext());
}

}  // namespace

OtherTypes other_types(const clang::VarDecl* variable, const clang::Stmt* body) {
  OtherTypes others;
  const auto* function = llvm::dyn_cast<clang::FunctionDecl>(variable->getDeclContext());
  if (function == nullptr || !can_be_retyped(variable) || variable->getTypeSourceInfo() == nullptr) return others;
  const clang::TypeLoc type = variable->getTypeSourceInfo()->getTypeLoc().getUnqualifiedLoc();
  if (!type.getAs<clang::BuiltinTypeLoc>() && !type.getAs<clang::ElaboratedTypeLoc>() && !type.getAs<clang::TypedefTypeLoc>())
    return others;
  const auto& context = variable->getASTContext();
  others.written = clang::Lexer::makeFileCharRange(clang::CharSourceRange::getTokenRange(type.getSourceRange()), context.getSourceManager(),
                                                   context.getLangOpts());
  if (others.written.isInvalid() || type.getBeginLoc().isMacroID()) return others;
  const Allows allows = Uses(variable, function).allowed(body);
  for (const char* name : {"int", "long", "double"}) {
    const bool same = variable->getType().getUnqualifiedType().getCanonicalType().getAsString() == name;
    if (!same && allows >= (std::string(name) == "double" ? Allows::Numbers : Allows::Integers)) others.names.push_back(name);
  }
  return others;
}

}  // namespace hyperagent::tooling
