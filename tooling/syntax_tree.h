// One source file as Clang read it: its syntax tree and all that the tree refers to, for as long as somebody holds it.
//
// Clang's ASTUnit does not let code be made from what it holds. Here one tree serves both: code is generated from it (unit_objects.h), and
// the outlines, draws and edits that follow look at it. Looking and generating leave what is written in it as it was.
// Not thread-safe.
#pragma once

#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <functional>
#include <memory>
#include <vector>

#include "tooling/collector.h"

namespace hyperagent::tooling {

class SyntaxTree {
 public:
  // What code is generated from.
  struct Event {
    enum class Kind { Declaration, InlineFunction, StaticMember, VTable } kind;
    clang::Decl* decl;
  };

  // Parses at once; the invocation names one file.
  SyntaxTree(std::shared_ptr<clang::CompilerInvocation> how, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);
  ~SyntaxTree();
  SyntaxTree(const SyntaxTree&) = delete;
  SyntaxTree& operator=(const SyntaxTree&) = delete;

  // What Clang found wrong, of code generation as well. With errors of parsing the tree may hold anything, or nothing.
  const std::vector<Diagnostic>& errors() const { return errors_; }
  clang::ASTContext& context() const { return instance_.getASTContext(); }
  clang::SourceManager& sources() const { return context().getSourceManager(); }
  clang::CompilerInstance& instance() { return instance_; }

  // The declarations outside of others, in the order of the source, and instances of templates behind them.
  const std::vector<clang::Decl*>& top_level() const { return top_level_; }
  // In the order Clang reported them: namespaces opened, and with what it loaded from the precompiled header.
  const std::vector<Event>& events() const { return events_; }
  // While it is set, later events are reported to it as well: generating code loads more from the precompiled header.
  void report_to(std::function<void(const Event&)> listener) { listener_ = std::move(listener); }

 private:
  class Reports;
  class Parsing;
  void take(clang::Decl* decl);
  void note(Event event);

  std::vector<Diagnostic> errors_;
  Collector collector_{errors_};
  std::vector<clang::Decl*> top_level_;
  std::vector<Event> events_;
  std::function<void(const Event&)> listener_;
  clang::CompilerInstance instance_;
  std::unique_ptr<clang::FrontendAction> parsing_;  // holds the tree together until it is told that the file has ended
};

}  // namespace hyperagent::tooling
