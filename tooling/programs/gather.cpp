#include "tooling/programs/mutators.h"
#include "tooling/programs/walk.h"

namespace hyperagent::programs {
namespace {

struct Uses : clang::RecursiveASTVisitor<Uses> {
  std::set<const clang::VarDecl*> variables;
  bool VisitDeclRefExpr(clang::DeclRefExpr* use) {
    if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(use->getDecl())) variables.insert(variable);
    return true;
  }
};

class Gather : public Walk<Gather> {
 public:
  using Walk::Walk;
  Facts facts;

  bool VisitVarDecl(clang::VarDecl* variable) {
    const long long at = offset(variable->getLocation());
    if (at < 0 || variable->isImplicit() || variable->getName().empty() || variable->getName().starts_with("__")) return true;
    const long long from = variable->hasInit() && after(variable->getInit()) >= 0 && !llvm::isa<clang::ParmVarDecl>(variable) ? after(variable->getInit()) : at;
    facts.variables.push_back({variable, variable->getName().str(), plain(variable->getType()), from, scopes_.empty() ? end_ : scopes_.back()});
    return true;
  }
  bool VisitFunctionDecl(clang::FunctionDecl* function) {
    if (function->isThisDeclarationADefinition() && function->getIdentifier() != nullptr && !llvm::isa<clang::CXXMethodDecl>(function)) facts.functions.push_back(function);
    return true;
  }
  bool VisitIfStmt(clang::IfStmt* s) { return condition(s->getCond()); }
  bool VisitWhileStmt(clang::WhileStmt* s) { return condition(s->getCond()); }
  bool VisitForStmt(clang::ForStmt* s) { return condition(s->getCond()); }
  bool VisitConditionalOperator(clang::ConditionalOperator* s) { return condition(s->getCond()); }
  bool VisitReturnStmt(clang::ReturnStmt* s) {
    if (s->getRetValue() != nullptr) keep(facts.returns, s->getRetValue(), 60);
    return true;
  }
  bool VisitCompoundStmt(clang::CompoundStmt* block) {
    for (clang::Stmt* s : block->body()) {
      const auto* branch = llvm::dyn_cast<clang::IfStmt>(s);
      if (llvm::isa<clang::Expr>(s) || (branch != nullptr && branch->getElse() == nullptr)) keep(facts.statements, s, 100);
    }
    return true;
  }

 private:
  bool condition(clang::Expr* e) {
    if (e == nullptr) return true;
    const clang::Expr* bare = e->IgnoreParenImpCasts();
    const auto* both = llvm::dyn_cast<clang::BinaryOperator>(bare);
    if (both != nullptr && both->isLogicalOp()) return condition(both->getLHS()) && condition(both->getRHS());
    if (!llvm::isa<clang::CXXBoolLiteralExpr>(bare)) keep(facts.conditions, e, 80);
    return true;
  }
  void keep(std::vector<Ingredient>& list, clang::Stmt* s, std::size_t longest) {
    std::string text = source(s);
    if (text.empty() || text.size() > longest || text.find("//") != std::string::npos) return;
    std::replace(text.begin(), text.end(), '\n', ' ');
    for (const Ingredient& other : list) if (other.text == text && other.function == function_) return;
    Uses uses;
    uses.TraverseStmt(s);
    const auto* e = llvm::dyn_cast<clang::Expr>(s);
    list.push_back({text, uses.variables, e == nullptr ? clang::QualType() : plain(e->getType()), function_, start(s)});
  }
};

}  // namespace

Facts gather_facts(clang::ASTContext& context, const std::vector<clang::Decl*>& top, const std::string& text, long long begin, long long end) {
  Gather gather(context, text, begin, end);
  for (clang::Decl* decl : top) gather.TraverseDecl(decl);
  return std::move(gather.facts);
}

}  // namespace hyperagent::programs
