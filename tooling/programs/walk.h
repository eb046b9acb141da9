// The walk over a program that gathering facts and making edits share: where we are, and what surrounds a node. Internal.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <clang/AST/ExprCXX.h>
#include <clang/AST/RecursiveASTVisitor.h>

#include "tooling/programs/places.h"

namespace hyperagent::programs {

template <class Derived>
class Walk : public clang::RecursiveASTVisitor<Derived>, protected Places {
 public:
  using Places::Places;

  bool TraverseFunctionDecl(clang::FunctionDecl* function) { return within(function, [&] { return Base::TraverseFunctionDecl(function); }); }
  bool TraverseCXXMethodDecl(clang::CXXMethodDecl* function) { return within(function, [&] { return Base::TraverseCXXMethodDecl(function); }); }
  bool TraverseCXXConstructorDecl(clang::CXXConstructorDecl* function) {
    return within(function, [&] { return Base::TraverseCXXConstructorDecl(function); });
  }
  bool TraverseStmt(clang::Stmt* s) {
    if (s == nullptr) return true;
    const bool scope = llvm::isa<clang::CompoundStmt, clang::ForStmt, clang::CXXForRangeStmt, clang::WhileStmt, clang::IfStmt, clang::LambdaExpr>(s);
    const long long end = scope ? after(s) : -1;
    if (end >= 0) scopes_.push_back(end);
    parents_.push_back(s);
    const bool go_on = Base::TraverseStmt(s);
    parents_.pop_back();
    if (end >= 0) scopes_.pop_back();
    return go_on;
  }

 protected:
  using Base = clang::RecursiveASTVisitor<Derived>;

  bool within(clang::FunctionDecl* function, const std::function<bool()>& go) {
    const clang::FunctionDecl* outer = function_;
    function_ = function;
    const long long end = function->doesThisDeclarationHaveABody() ? after(function->getBody()) : -1;
    if (end >= 0) scopes_.push_back(end);
    const bool go_on = go();
    if (end >= 0) scopes_.pop_back();
    function_ = outer;
    return go_on;
  }
  int line(long long at) const { return 1 + static_cast<int>(std::count(text_.begin() + begin_, text_.begin() + at, '\n')); }
  static clang::QualType plain(clang::QualType type) { return type.getNonReferenceType().getCanonicalType().getUnqualifiedType(); }
  static bool integral(clang::QualType type) { return !type.isNull() && plain(type)->isIntegerType() && !plain(type)->isBooleanType() && !plain(type)->isCharType(); }
  static bool number(clang::QualType type) { return integral(type) || (!type.isNull() && plain(type)->isFloatingType()); }
  // Parent statement, `up` levels above the node being visited, casts and parentheses the compiler added left out.
  const clang::Stmt* parent(std::size_t up = 1) const {
    std::size_t seen = 0;
    for (std::size_t i = parents_.size(); i-- > 1;) {
      const clang::Stmt* s = parents_[i - 1];
      if (llvm::isa<clang::ImplicitCastExpr, clang::ExprWithCleanups, clang::MaterializeTemporaryExpr, clang::CXXBindTemporaryExpr>(s)) continue;
      if (++seen == up) return s;
    }
    return nullptr;
  }

  const clang::FunctionDecl* function_ = nullptr;
  std::vector<long long> scopes_;
  std::vector<const clang::Stmt*> parents_;
};

}  // namespace hyperagent::programs
