#include "tooling/programs/instrument.h"

#include <algorithm>
#include <set>
#include <utility>

#include <clang/AST/ASTContext.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Basic/SourceManager.h>

#include "tooling/programs/compiler.h"

namespace hyperagent::programs {
namespace {

// Theory of operation. Every statement of a block gets `step(LINE);` in front. A body without braces gets
//   Before   if (a) return x; else y();
//   After    if (a) if (step(1)) {} else return x; else if (step(1)) {} else y();
// which needs no closing text and cannot steal an `else`: the inner `if` always has its own.
class Visitor : public clang::RecursiveASTVisitor<Visitor> {
 public:
  Visitor(clang::ASTContext& context, const Unit& unit, std::vector<Insertion>& out) : sources_(context.getSourceManager()), unit_(unit), out_(out) {}

  bool VisitFunctionDecl(clang::FunctionDecl* function) {
    if (function->doesThisDeclarationHaveABody()) enter(function->getBody());
    return true;
  }
  bool VisitLambdaExpr(clang::LambdaExpr* lambda) {
    enter(lambda->getBody());
    return true;
  }
  bool VisitCompoundStmt(clang::CompoundStmt* block) {
    for (clang::Stmt* child : block->body()) statement(child);
    return true;
  }
  bool VisitIfStmt(clang::IfStmt* s) { bodies({s->getThen(), s->getElse()}); return true; }
  bool VisitForStmt(clang::ForStmt* s) { loop(s, s->getBody()); return true; }
  bool VisitWhileStmt(clang::WhileStmt* s) { loop(s, s->getBody()); return true; }
  bool VisitDoStmt(clang::DoStmt* s) { loop(s, s->getBody()); return true; }
  bool VisitCXXForRangeStmt(clang::CXXForRangeStmt* s) { loop(s, s->getBody()); return true; }
  bool VisitSwitchCase(clang::SwitchCase* s) {
    if (!llvm::isa_and_nonnull<clang::SwitchCase>(s->getSubStmt())) bodies({s->getSubStmt()});
    return true;
  }

 private:
  long long offset(clang::SourceLocation location) const {
    if (location.isInvalid() || location.isMacroID() || !sources_.isInMainFile(location)) return -1;
    return sources_.getFileOffset(location);
  }
  int line(long long at) const {
    const Piece* piece = piece_at(unit_, at);
    if (piece == nullptr) return 0;
    return 1 + static_cast<int>(std::count(unit_.text.begin() + static_cast<long>(piece->begin), unit_.text.begin() + at, '\n'));
  }
  void insert(long long at, int order, std::string text) {
    if (at >= 0 && seen_.insert({at, text}).second) out_.push_back({static_cast<std::size_t>(at), order, std::move(text)});
  }
  std::string step(long long at) const { return "::ha_harness::step(" + std::to_string(line(at)) + ")"; }
  void enter(clang::Stmt* body) {
    const auto* block = llvm::dyn_cast_or_null<clang::CompoundStmt>(body);
    if (block == nullptr) return;
    const long long at = offset(block->getLBracLoc());
    if (at >= 0) insert(at + 1, 0, "::ha_harness::Enter ha_enter_{};");
  }
  void statement(clang::Stmt* s) {
    if (llvm::isa<clang::SwitchCase, clang::NullStmt, clang::LabelStmt>(s)) return;
    const long long at = offset(s->getBeginLoc());
    if (at >= 0 && unit_.unmetered.count(static_cast<std::size_t>(at)) == 0) insert(at, 2, step(at) + ";");
  }
  void bodies(std::initializer_list<clang::Stmt*> list) {
    for (clang::Stmt* body : list) {
      if (body == nullptr || llvm::isa<clang::CompoundStmt, clang::DeclStmt, clang::AttributedStmt>(body)) continue;
      const long long at = offset(body->getBeginLoc());
      if (at >= 0 && unit_.unmetered.count(static_cast<std::size_t>(at)) == 0) insert(at, 2, "if (" + step(at) + ") {} else ");
    }
  }
  void loop(clang::Stmt* head, clang::Stmt* body) {
    if (const auto* block = llvm::dyn_cast_or_null<clang::CompoundStmt>(body)) {
      const long long at = offset(block->getLBracLoc()), start = offset(head->getBeginLoc());
      if (at >= 0 && start >= 0) insert(at + 1, 1, step(start) + ";");
    } else {
      bodies({body});
    }
  }

  const clang::SourceManager& sources_;
  const Unit& unit_;
  std::vector<Insertion>& out_;
  std::set<std::pair<long long, std::string>> seen_;
};

}  // namespace

std::unique_ptr<clang::FrontendAction> instrument_action(const Unit& unit, std::vector<Insertion>& insertions) {
  return after_parse([&](clang::ASTContext& context, const std::vector<clang::Decl*>& top) {
    Visitor visitor(context, unit, insertions);
    for (clang::Decl* decl : top) visitor.TraverseDecl(decl);
  });
}

std::string apply(const std::string& text, std::vector<Insertion> insertions) {
  std::stable_sort(insertions.begin(), insertions.end(),
                   [](const Insertion& a, const Insertion& b) { return std::pair(a.offset, a.order) < std::pair(b.offset, b.order); });
  std::string out;
  std::size_t at = 0;
  for (const Insertion& insertion : insertions) {
    out.append(text, at, insertion.offset - at);
    out += insertion.text;
    at = insertion.offset;
  }
  return out.append(text, at);
}

}  // namespace hyperagent::programs
