// A parsed agent: its functions and a stable way to name any statement or expression in them.
//
// A node path is the chain of child numbers from a function's body, "0.2.1"; the empty path is the body itself. Children are the
// ones a person sees in the source: implicit casts, temporaries and the compiler's own range-for variables are skipped. What a macro
// stands for is one node without children.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <clang/AST/Decl.h>
#include <clang/AST/Stmt.h>

#include "hyperagent/core/json.h"
#include "hyperagent/core/toolchain.h"
#include "tooling/compiler.h"

namespace hyperagent::tooling {

// Every refusal of the edit language carries one of these codes (design.md, section 5, in the order of the checks).
namespace refusal {
inline constexpr const char* kMalformed = "malformed";
inline constexpr const char* kNotFound = "target_not_found";
inline constexpr const char* kAmbiguous = "target_ambiguous";
inline constexpr const char* kExpectation = "expectation";
inline constexpr const char* kForbidden = "forbidden";
inline constexpr const char* kNotApplicable = "not_applicable";
inline constexpr const char* kParse = "parse";
inline constexpr const char* kTypeCheck = "type_check";
inline constexpr const char* kEntryPoints = "entry_points";
}  // namespace refusal

bool is_source(const std::string& path);             // ends in .cpp, .cc, .cxx or .C
std::string half_of(const std::string& path);        // "task", "meta" or ""

// "ha::mean(double)" -> "mean": the word a declaration of that name must contain.
std::string bare_name(const std::string& name);

// Why a unit with errors is refused: kParse when the first error is one of syntax, else kTypeCheck.
Refusal refuse(const std::vector<Diagnostic>& errors);

// The name as code in the same file may write it: qualified, without "(anonymous namespace)".
std::string spelled_name(const clang::NamedDecl* decl);
// "name(type, type)"
std::string signature_of(const clang::FunctionDecl* decl);

struct Function {
  const clang::FunctionDecl* decl = nullptr;
  std::string name;       // spelled_name()
  std::string signature;  // "name(type, type)"
  std::string file;
  const clang::Stmt* body() const { return decl->getBody(); }
  clang::ASTContext& context() const { return decl->getASTContext(); }
};

class Program {
 public:
  // Parses every source file; a program with errors is refused.
  static Verdict<Program> parse(const Compiler& compiler, Files files);
  // Parses only the source files that contain `word`, all when a header does: enough to find a declaration of that name, at a part of the
  // cost.
  static Verdict<Program> parse_mentioning(const Compiler& compiler, Files files, const std::string& word);

  const Files& files() const { return files_; }
  // Functions with a body in the agent's own files, in file and source order. A header's are those of the first source that includes it.
  std::vector<Function> functions() const;
  // By name or signature; `file` narrows the search.
  Verdict<Function> function(const std::string& name, const std::string& file = {}) const;
  // The program's file a place lies in; empty for everything else, the API headers and the inside of macros included.
  std::string file_of(clang::SourceLocation place, const clang::SourceManager& sources) const;
  // What to answer when nothing was found in `file`, and it is none of the program's.
  std::optional<Refusal> unknown_file(const std::string& file) const;
  bool parsed(const std::string& file) const { return trees_.contains(file); }
  // Of a source that is parsed, or of a header that one of those includes.
  clang::ASTContext& context(const std::string& file) const { return (parsed(file) ? trees_ : headers_).at(file)->context(); }
  SyntaxTree& tree(const std::string& file) const { return *trees_.at(file); }

  // {"functions":[{"name","signature","file","half","lines","line","source"}]}
  Json outline() const;

 private:
  Files files_;
  std::string root_;  // what Clang's names of the files begin with
  std::map<std::string, std::shared_ptr<SyntaxTree>> trees_;
  std::map<std::string, std::shared_ptr<SyntaxTree>> headers_;  // the tree of the first source that includes it

  void find_headers(const std::shared_ptr<SyntaxTree>& tree);
  std::string file_named(llvm::StringRef name) const;
};

// Whether a macro stands for all of it.
bool is_macro(const clang::Stmt* node);
std::vector<const clang::Stmt*> children_of(const clang::Stmt* node, const clang::ASTContext& context);
// Nothing when the path leads nowhere.
const clang::Stmt* node_at(const clang::Stmt* body, const std::string& path, const clang::ASTContext& context);

// Source text of a node; of a statement with its semicolon when `whole` is set. Invalid for what has none: part of what a macro stands for.
clang::CharSourceRange range_of(const clang::Stmt* node, const clang::ASTContext& context, bool whole);
std::string text_of(clang::CharSourceRange range, const clang::ASTContext& context);

}  // namespace hyperagent::tooling
