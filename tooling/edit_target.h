// Finds what an edit is about. A target that is not there is refused with the nearest thing that is.
#pragma once

#include "tooling/edit_plan.h"

namespace hyperagent::tooling {

// A statement or expression inside a function.
struct Spot {
  Function function;
  const clang::Stmt* node = nullptr;
  clang::CharSourceRange range;  // of a statement asked for as a whole: with its semicolon
  Place place;

  std::string text() const;
};

Verdict<Function> function_of(const Request& request);

// The node at the path named by `member` of the request's function. When `whole`, it must be a statement of a block. The text "expect"
// goes with "path" only.
Verdict<Spot> spot_of(const Request& request, const char* member, bool whole);

// A declaration at namespace level of one of the program's files.
struct TopLevel {
  std::string file;
  const clang::NamedDecl* decl = nullptr;
};
Verdict<TopLevel> top_level(const Program& program, const std::string& name, const std::string& file);

// All declarations at namespace level in the program's own files, those inside namespaces included, in file and source order. A header's
// are listed once for every source that includes it.
std::vector<TopLevel> top_levels(const Program& program);

// A unit's outermost declarations that are not from the precompiled header.
std::vector<clang::Decl*> own_declarations(SyntaxTree& tree);

// While it lives, Clang's walks over the whole unit see these declarations only: the precompiled header would take a second.
class NarrowedScope {
 public:
  NarrowedScope(clang::ASTContext& context, std::vector<clang::Decl*> scope);
  ~NarrowedScope();
  NarrowedScope(const NarrowedScope&) = delete;
  NarrowedScope& operator=(const NarrowedScope&) = delete;

 private:
  clang::ASTContext& context_;
};

// Where a declaration begins, attributes in front of it and their brackets included: Clang counts neither as part of it, but what is put
// between them and the declaration would take them over.
clang::SourceLocation begin_with_attributes(const clang::Decl* decl);

// From there to the semicolon behind it.
clang::CharSourceRange declaration_range(const TopLevel& target, const clang::ASTContext& context);

Place place_of(const std::string& file, clang::CharSourceRange range, const clang::SourceManager& sources);

// "task/solve.cpp:12"
std::string where(const Place& place, const Program& program);

}  // namespace hyperagent::tooling
