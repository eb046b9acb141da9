// Where typed edits are possible in a function.
//
// Theory of operation. One walk over a function's syntax keeps the variables in scope and notes a site for every literal, operator, typed
// expression, call, declared variable and statement position. Inside a lambda only what it captures and its parameters are in scope.
// Nothing in templates: what fits there depends on their arguments. Of what a macro stands for only the whole is a site.
#pragma once

#include <string>
#include <vector>

#include "tooling/expressions.h"
#include "tooling/program.h"

namespace hyperagent::tooling {

// The kinds in the order in which groups are listed.
inline constexpr const char* kKinds[] = {"literal", "operator", "expression", "call", "declaration", "delete", "swap", "wrap", "insert", "loop_over", "guard", "arg_max", "cascade", "accumulate"};

struct Site {
  std::string kind;
  std::string path;
  const clang::Stmt* node = nullptr;
  Scope scope;
  std::string returns;      // of the function or lambda around it
  std::string type;         // of the hole, for expressions, calls and literals
  std::string element;
  Parameter parameter;      // the parameter a literal is passed for, if any
  bool exact = false;       // a call in braces, where numbers of another type are refused
};

// In source order, the statement positions of a statement before what is in it.
std::vector<Site> find_sites(const Function& function, const Vocabulary& vocabulary);

// The operators that may stand for this one, itself among them; none for what has no like. Of a unary operator the empty word leaves it out.
const std::vector<std::string>& alternatives(const clang::BinaryOperator* binary);
const std::vector<std::string>& alternatives(const clang::UnaryOperator* unary);

}  // namespace hyperagent::tooling
