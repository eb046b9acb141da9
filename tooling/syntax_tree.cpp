#include "tooling/syntax_tree.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclGroup.h>

namespace hyperagent::tooling {

class SyntaxTree::Reports : public clang::ASTConsumer {
 public:
  explicit Reports(SyntaxTree& tree) : tree_(tree) {}
  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    for (clang::Decl* decl : group) {
      tree_.top_level_.push_back(decl);
      tree_.take(decl);
    }
    return true;
  }
  // Comes from the precompiled header.
  void HandleInterestingDecl(clang::DeclGroupRef group) override {
    for (clang::Decl* decl : group) tree_.take(decl);
  }
  void HandleInlineFunctionDefinition(clang::FunctionDecl* function) override { tree_.note({Event::Kind::InlineFunction, function}); }
  void HandleCXXStaticMemberVarInstantiation(clang::VarDecl* variable) override { tree_.note({Event::Kind::StaticMember, variable}); }
  void HandleVTable(clang::CXXRecordDecl* record) override { tree_.note({Event::Kind::VTable, record}); }

 private:
  SyntaxTree& tree_;
};

class SyntaxTree::Parsing : public clang::ASTFrontendAction {
 public:
  explicit Parsing(SyntaxTree& tree) : tree_(tree) {}
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance&, llvm::StringRef) override {
    return std::make_unique<Reports>(tree_);
  }

 private:
  SyntaxTree& tree_;
};

SyntaxTree::SyntaxTree(std::shared_ptr<clang::CompilerInvocation> how, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  instance_.setInvocation(std::move(how));
  instance_.createDiagnostics(&collector_, false);
  instance_.createFileManager(std::move(files));
  auto parsing = std::make_unique<Parsing>(*this);
  if (instance_.createTarget() && parsing->BeginSourceFile(instance_, instance_.getFrontendOpts().Inputs.front())) {
    parsing_ = std::move(parsing);
    llvm::consumeError(parsing_->Execute());
  } else if (errors_.empty()) {
    errors_.push_back({instance_.getCodeGenOpts().MainFileName, 0, 0, "cannot be parsed", true});
  }
}

SyntaxTree::~SyntaxTree() {
  if (parsing_) parsing_->EndSourceFile();
}

void SyntaxTree::take(clang::Decl* decl) {
  if (!decl->isFromASTFile() && llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(decl)) {
    for (clang::Decl* member : llvm::cast<clang::DeclContext>(decl)->decls()) take(member);
  } else {
    note({Event::Kind::Declaration, decl});
  }
}

void SyntaxTree::note(Event event) {
  events_.push_back(event);
  if (listener_) listener_(event);
}

}  // namespace hyperagent::tooling
