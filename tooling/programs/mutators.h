// Collects the single edits of one program: what is in scope where, and the edit families over it. Internal.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>
#include <clang/AST/Stmt.h>

namespace hyperagent::programs {

struct Edit {
  long long offset = 0, length = 0;
  std::string text;
  int line = 0;
  std::string kind;
  int tier = 1;  // 1: classic operators; 2: other ingredients of the same type; 3: synthesised conditions and statements
};

struct Variable {
  const clang::VarDecl* decl;
  std::string name;
  clang::QualType type;      // canonical, without references and qualifiers
  long long begin, end;      // offsets between which it may be named
};

// A condition or value found in the program, usable where all its variables are in scope.
struct Ingredient {
  std::string text;
  std::set<const clang::VarDecl*> uses;
  clang::QualType type;
  const clang::FunctionDecl* function;
  long long offset;
};

struct Facts {  // filled by the first pass, in source order
  std::vector<Variable> variables;
  std::vector<Ingredient> conditions, returns, statements;
  std::vector<const clang::FunctionDecl*> functions;  // free functions of the program
};

// What the program offers to edits of it. [begin, end) as below.
Facts gather_facts(clang::ASTContext& context, const std::vector<clang::Decl*>& top, const std::string& text, long long begin, long long end);

// All edits, unsorted, possibly repeated. Offsets are those of the parsed text; [begin, end) is the program's own part.
std::vector<Edit> collect_edits(clang::ASTContext& context, const std::vector<clang::Decl*>& top, const std::string& text, long long begin, long long end);

}  // namespace hyperagent::programs
