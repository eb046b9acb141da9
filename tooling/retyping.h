// Which other number types a local variable could have, so that all that uses it still type-checks.
#pragma once

#include <clang/AST/Decl.h>
#include <clang/AST/Stmt.h>

#include <string>
#include <vector>

namespace hyperagent::tooling {

// Theory of operation. Every use is followed up to where the variable's type no longer matters: a comparison, an assignment, an argument of
// a function without overloads. A use that leads anywhere else, as into braces, a lambda or a template's parameter, allows no other type.
//
//   Before: int n = 3; return n / 2 > 1;     After, with "double": double n = 3; return n / 2 > 1;
struct OtherTypes {
  clang::CharSourceRange written;  // the type as it stands in the source
  std::vector<std::string> names;
};
OtherTypes other_types(const clang::VarDecl* variable, const clang::Stmt* body);

}  // namespace hyperagent::tooling
