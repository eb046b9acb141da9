// Where a program's nodes stand in the parsed text. Internal to the mutators and schemata; offsets are bytes of the unit.
#pragma once

#include <string>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Stmt.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>

namespace hyperagent::programs {

class Places {
 public:
  // Only what lies in [begin, end) of the main text counts.
  Places(const clang::ASTContext& context, const std::string& text, long long begin, long long end)
      : context_(context), sources_(context.getSourceManager()), text_(text), begin_(begin), end_(end) {}

  // -1 for what a macro made or what lies outside.
  long long offset(clang::SourceLocation at) const {
    if (at.isInvalid() || at.isMacroID() || !sources_.isInMainFile(at)) return -1;
    const long long o = sources_.getFileOffset(at);
    return o >= begin_ && o < end_ ? o : -1;
  }
  long long start(const clang::Stmt* s) const { return s == nullptr ? -1 : offset(s->getBeginLoc()); }
  // One past the last token; -1 when unknown.
  long long after(const clang::Stmt* s) const {
    if (s == nullptr || offset(s->getEndLoc()) < 0) return -1;
    return offset(s->getEndLoc()) + clang::Lexer::MeasureTokenLength(s->getEndLoc(), sources_, context_.getLangOpts());
  }
  // The same, with the semicolon that ends a statement.
  long long after_statement(const clang::Stmt* s) const {
    const long long at = after(s);
    if (at < 0 || llvm::isa<clang::CompoundStmt>(s)) return at;
    const std::size_t next = text_.find_first_not_of(" \t\n", static_cast<std::size_t>(at));
    return next != std::string::npos && text_[next] == ';' ? static_cast<long long>(next) + 1 : at;
  }
  std::string source(const clang::Stmt* s) const {
    const long long from = start(s), to = after(s);
    return from < 0 || to < from ? "" : text_.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  }

 protected:
  const clang::ASTContext& context_;
  const clang::SourceManager& sources_;
  const std::string& text_;
  const long long begin_, end_;
};

}  // namespace hyperagent::programs
