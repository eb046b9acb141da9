#include <clang/AST/ExprCXX.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/AST/StmtCXX.h>

#include "tooling/programs/compiler.h"
#include "tooling/programs/places.h"
#include "tooling/programs/schemata.h"

namespace hyperagent::programs {
namespace {

class Finder : public clang::RecursiveASTVisitor<Finder>, private Places {
 public:
  Finder(const clang::ASTContext& context, const std::string& text, const Piece& piece, Slots& out)
      : Places(context, text, static_cast<long long>(piece.begin), static_cast<long long>(piece.end)), out_(out) {}

  bool TraverseLambdaExpr(clang::LambdaExpr* lambda) {
    ++lambdas_;
    const bool go_on = RecursiveASTVisitor::TraverseLambdaExpr(lambda);
    --lambdas_;
    return go_on;
  }
  bool VisitCompoundStmt(clang::CompoundStmt* block) {
    const long long open = offset(block->getLBracLoc()), close = offset(block->getRBracLoc());
    if (open < 0 || close < 0) return true;
    Block found{at(open + 1), at(close), {}};
    for (const clang::Stmt* child : block->body()) {
      const long long from = start(child), to = after_statement(child);
      if (from < 0 || to < 0) return true;
      const bool plain = !llvm::isa<clang::DeclStmt, clang::SwitchCase, clang::LabelStmt>(child);
      found.children.push_back({at(from), at(to), plain});
      if (plain) simple(child);
    }
    out_.blocks.push_back(std::move(found));
    return true;
  }
  bool VisitIfStmt(clang::IfStmt* s) {
    if (!s->isConstexpr() && !s->isConsteval() && s->getConditionVariable() == nullptr) condition(s->getCond());
    body(s->getThen());
    body(s->getElse());
    return true;
  }
  bool VisitWhileStmt(clang::WhileStmt* s) {
    if (s->getConditionVariable() == nullptr) condition(s->getCond());
    body(s->getBody());
    return true;
  }
  bool VisitDoStmt(clang::DoStmt* s) {
    condition(s->getCond());
    body(s->getBody());
    return true;
  }
  bool VisitForStmt(clang::ForStmt* s) {
    if (s->getConditionVariable() == nullptr) condition(s->getCond());
    add(Slot::kDiscarded, start(s->getInc()), after(s->getInc()), "");
    body(s->getBody());
    return true;
  }
  bool VisitCXXForRangeStmt(clang::CXXForRangeStmt* s) {
    body(s->getBody());
    return true;
  }
  bool VisitSwitchCase(clang::SwitchCase* s) {
    body(s->getSubStmt());
    return true;
  }
  bool VisitConditionalOperator(clang::ConditionalOperator* s) {
    condition(s->getCond());
    return true;
  }
  bool VisitVarDecl(clang::VarDecl* variable) {
    const bool local = variable->isLocalVarDecl() && !variable->isConstexpr() && !variable->isInitCapture() && !variable->isCXXForRangeDecl();
    if (!local || variable->getInitStyle() != clang::VarDecl::CInit || variable->getInit() == nullptr || llvm::isa<clang::DecompositionDecl>(variable)) return true;
    const clang::QualType type = variable->getType();
    const std::string init = source(variable->getInit());
    if (type->isReferenceType() || type->isArrayType() || init.empty() || init.front() == '{' || init.front() == '[') return true;  // a list, a lambda
    const bool deduced = type->getContainedAutoType() != nullptr;
    add(Slot::kInitializer, start(variable->getInit()), after(variable->getInit()), deduced ? "" : "std::remove_cv_t<decltype(" + variable->getNameAsString() + ")>");
    return true;
  }
  bool VisitExpr(clang::Expr* e) {
    if (e->getType().isNull()) return true;  // a list in braces as it was written
    const clang::QualType type = e->getType().getCanonicalType().getUnqualifiedType();
    if (!e->isPRValue() || type->isDependentType() || !(type->isArithmeticType() || type->isEnumeralType())) return true;
    const auto* cast = llvm::dyn_cast<clang::ImplicitCastExpr>(e);
    const bool converted = cast != nullptr && !type->isEnumeralType() && type->isFloatingType() == cast->getSubExpr()->getType()->isFloatingType() &&
                           cast->getCastKind() != clang::CK_LValueToRValue;
    if (llvm::isa<clang::ConstantExpr>(e)) return true;
    add(converted ? Slot::kConverted : Slot::kValue, start(e), after(e), type->isEnumeralType() ? "" : type.getAsString(context_.getPrintingPolicy()));
    return true;
  }

 private:
  static std::size_t at(long long offset) { return static_cast<std::size_t>(offset); }
  void add(Slot::Form form, long long from, long long to, std::string type) {
    if (from >= 0 && to > from) out_.slots.push_back({form, at(from), at(to), std::move(type), form == Slot::kStatement && lambdas_ > 0});
  }
  void condition(const clang::Expr* e) { add(Slot::kCondition, start(e), after(e), ""); }
  void simple(const clang::Stmt* s) {
    if (llvm::isa<clang::Expr, clang::ReturnStmt, clang::BreakStmt, clang::ContinueStmt>(s)) add(Slot::kStatement, start(s), after_statement(s), "");
  }
  // A body without braces is a block of one statement in which nothing can be inserted.
  void body(const clang::Stmt* s) {
    if (s == nullptr || llvm::isa<clang::CompoundStmt, clang::DeclStmt, clang::SwitchCase, clang::NullStmt>(s)) return;
    const long long from = start(s), to = after_statement(s);
    if (from < 0 || to < 0) return;
    simple(s);
    out_.blocks.push_back({at(from), at(to), {{at(from), at(to), true}}});
  }

  Slots& out_;
  int lambdas_ = 0;
};

}  // namespace

std::unique_ptr<clang::FrontendAction> slots_action(const Unit& unit, Slots& out) {
  return after_parse([&](clang::ASTContext& context, const std::vector<clang::Decl*>& top) {
    Finder finder(context, unit.text, unit.pieces.front(), out);
    for (clang::Decl* decl : top) finder.TraverseDecl(decl);
    const std::size_t begin = unit.pieces.front().begin;
    for (Slot& slot : out.slots) slot.begin -= begin, slot.end -= begin;
    for (Block& block : out.blocks) {
      block.open -= begin, block.close -= begin;
      for (Block::Child& child : block.children) child.begin -= begin, child.end -= begin;
    }
  });
}

}  // namespace hyperagent::programs
