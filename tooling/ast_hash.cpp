#include "tooling/ast_hash.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Basic/SourceManager.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA1.h>

#include "tooling/digest.h"

namespace hyperagent::tooling {
namespace {

// Serialises the syntactic form of the AST in visiting order. Depth markers keep "a(b) c" and "a(b c)" apart.
class Hasher : public clang::RecursiveASTVisitor<Hasher> {
 public:
  Hasher(clang::ASTContext& context, const std::set<const clang::Stmt*>& left_out) : policy_(context.getLangOpts()), left_out_(left_out) {}

  bool TraverseStmt(clang::Stmt* stmt) {
    if (stmt == nullptr || left_out_.contains(stmt)) return true;
    if (const auto* paren = llvm::dyn_cast<clang::ParenExpr>(stmt)) return TraverseStmt(const_cast<clang::Expr*>(paren->getSubExpr()));
    add(stmt->getStmtClassName());
    const bool result = RecursiveASTVisitor::TraverseStmt(stmt);
    add("^");
    return result;
  }
  bool TraverseDecl(clang::Decl* decl) {
    if (decl == nullptr || decl->isImplicit()) return true;
    add(decl->getDeclKindName());
    const bool result = RecursiveASTVisitor::TraverseDecl(decl);
    add("^");
    return result;
  }
  bool TraverseTypeLoc(clang::TypeLoc) { return true; }  // types are hashed by name where they matter
  bool shouldWalkTypesOfTypeLocs() const { return false; }

  bool VisitNamedDecl(clang::NamedDecl* decl) {
    add(decl->getQualifiedNameAsString());
    return true;
  }
  bool VisitValueDecl(clang::ValueDecl* decl) {
    add(decl->getType().getAsString(policy_));
    return true;
  }
  bool VisitVarDecl(clang::VarDecl* decl) {
    number(decl->getStorageClass());
    number(decl->isConstexpr());
    number(decl->getInitStyle());
    return true;
  }
  bool VisitTypedefNameDecl(clang::TypedefNameDecl* decl) {
    add(decl->getUnderlyingType().getAsString(policy_));
    return true;
  }
  bool VisitDeclRefExpr(clang::DeclRefExpr* expr) {
    add(expr->getDecl()->getQualifiedNameAsString());
    add(expr->getDecl()->getType().getAsString(policy_));
    return true;
  }
  bool VisitMemberExpr(clang::MemberExpr* expr) {
    add(expr->getMemberDecl()->getQualifiedNameAsString());
    return true;
  }
  bool VisitBinaryOperator(clang::BinaryOperator* expr) { return number(expr->getOpcode()); }
  bool VisitUnaryOperator(clang::UnaryOperator* expr) { return number(expr->getOpcode()); }
  bool VisitCXXOperatorCallExpr(clang::CXXOperatorCallExpr* expr) { return number(expr->getOperator()); }
  bool VisitIntegerLiteral(clang::IntegerLiteral* expr) {
    add(llvm::toString(expr->getValue(), 10, false));
    add(expr->getType().getAsString(policy_));
    return true;
  }
  bool VisitFloatingLiteral(clang::FloatingLiteral* expr) {
    add(llvm::toString(expr->getValue().bitcastToAPInt(), 16, false));
    return true;
  }
  bool VisitStringLiteral(clang::StringLiteral* expr) {
    add(expr->getBytes());
    return true;
  }
  bool VisitCharacterLiteral(clang::CharacterLiteral* expr) { return number(expr->getValue()); }
  bool VisitCXXBoolLiteralExpr(clang::CXXBoolLiteralExpr* expr) { return number(expr->getValue()); }
  bool VisitExplicitCastExpr(clang::ExplicitCastExpr* expr) {
    add(expr->getTypeAsWritten().getAsString(policy_));
    return true;
  }
  bool VisitUnaryExprOrTypeTraitExpr(clang::UnaryExprOrTypeTraitExpr* expr) {
    number(expr->getKind());
    if (expr->isArgumentType()) add(expr->getArgumentType().getAsString(policy_));
    return true;
  }
  bool VisitCXXConstructExpr(clang::CXXConstructExpr* expr) {
    add(expr->getType().getAsString(policy_));
    return true;
  }
  bool VisitLambdaExpr(clang::LambdaExpr* expr) { return number(expr->getCaptureDefault()); }

  std::string digest() { return llvm::toHex(sha_.final(), true); }

 private:
  void add(llvm::StringRef text) {
    sha_.update(text);
    sha_.update(llvm::StringRef("\0", 1));
  }
  bool number(unsigned long long value) {
    add(std::to_string(value));
    return true;
  }

  clang::PrintingPolicy policy_;
  const std::set<const clang::Stmt*>& left_out_;
  llvm::SHA1 sha_;
};

}  // namespace

std::string ast_hash(clang::ASTContext& context, const std::set<const clang::Stmt*>& left_out) {
  Hasher hasher(context, left_out);
  const auto& sources = context.getSourceManager();
  // The unit's own declarations are loaded; decls() would bring in the whole precompiled header.
  for (clang::Decl* decl : context.getTranslationUnitDecl()->noload_decls()) {
    const clang::SourceLocation location = sources.getExpansionLoc(decl->getLocation());
    if (location.isInvalid() || sources.isInSystemHeader(location) || decl->isFromASTFile()) continue;
    hasher.TraverseDecl(decl);
  }
  return hasher.digest();
}

std::string ast_hash(clang::ASTContext& context, const clang::Stmt* statement) {
  const std::set<const clang::Stmt*> nothing;
  Hasher hasher(context, nothing);
  hasher.TraverseStmt(const_cast<clang::Stmt*>(statement));
  return hasher.digest();
}

std::string whole_hash(const CompiledUnit& unit) {
  std::string all = unit.rest_hash;
  for (const FunctionPart& part : unit.functions) all += '\n' + part.symbol + ' ' + part.ast_hash;
  return digest(all);
}

}  // namespace hyperagent::tooling
