#include "tooling/programs/compiler.h"

#include <filesystem>

#include <clang/AST/ASTConsumer.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>

namespace hyperagent::programs {
namespace {

constexpr const char* kMainFile = "/program.cpp";  // never read from disk: remapped to the text

// Deterministic where C++ leaves it open: signed overflow wraps, locals start as zero, an index or iterator out of its
// container's range aborts (libstdc++ assertions).
const std::vector<const char*> kFlags = {
    HA_CLANG_BIN, "-xc++", "-std=c++20", "-O0", "-fPIC", "-fwrapv", "-ftrivial-auto-var-init=zero", "-D_GLIBCXX_ASSERTIONS",
    "-w", "-Wno-c++11-narrowing", "-fno-caret-diagnostics", "-ferror-limit=0", "-ftemplate-depth=128", "-ftemplate-backtrace-limit=0", "-fconstexpr-steps=200000", "-fno-strict-aliasing", "-fbracket-depth=128",
    "-resource-dir", HA_CLANG_RESOURCES};

// Calls back once all is parsed without an error, with what the main text declares: the precompiled header's declarations stay unread.
class Consumer : public clang::ASTConsumer {
 public:
  explicit Consumer(const Parsed& parsed) : parsed_(parsed) {}
  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    top_.insert(top_.end(), group.begin(), group.end());
    return true;
  }
  void HandleTranslationUnit(clang::ASTContext& context) override {
    if (context.getDiagnostics().hasErrorOccurred()) return;
    // Looking at a declaration may read more of the precompiled header, which calls HandleTopLevelDecl again.
    const std::vector<clang::Decl*> top = std::move(top_);
    parsed_(context, top);
  }

 private:
  const Parsed& parsed_;
  std::vector<clang::Decl*> top_;
};

class ParseAction : public clang::ASTFrontendAction {
 public:
  explicit ParseAction(Parsed parsed) : parsed_(std::move(parsed)) {}
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance&, llvm::StringRef) override {
    return std::make_unique<Consumer>(parsed_);
  }

 private:
  const Parsed parsed_;
};

}  // namespace

std::unique_ptr<clang::FrontendAction> after_parse(Parsed parsed) { return std::make_unique<ParseAction>(std::move(parsed)); }

void Problems::HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) {
  clang::DiagnosticConsumer::HandleDiagnostic(level, info);
  if (level != clang::DiagnosticsEngine::Note && level < clang::DiagnosticsEngine::Error) return;
  long long offset = -1;
  if (info.hasSourceManager() && info.getLocation().isValid()) {
    const clang::SourceManager& sources = info.getSourceManager();
    const auto place = sources.getDecomposedExpansionLoc(info.getLocation());
    if (place.first == sources.getMainFileID()) offset = place.second;
  }
  if (level == clang::DiagnosticsEngine::Note) {
    if (!list_.empty() && list_.back().offset < 0) list_.back().offset = offset;
    return;
  }
  llvm::SmallString<128> text;
  info.FormatDiagnostic(text);
  list_.push_back({offset, std::string(text), level == clang::DiagnosticsEngine::Fatal});
}

bool run_action(clang::FrontendAction& action, const std::string& text, const std::string& share, Problems& problems,
                const std::string& object, const Precompiled* precompile) {
  static const bool ready = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)ready;
  std::vector<const char*> arguments = kFlags;
  const std::string pch = share + "/programs.pch", harness = share + "/cpp_harness.h";
  if (precompile != nullptr) {
    arguments[1] = "-xc++-header";
    arguments.push_back("-fpch-instantiate-templates");
    arguments.push_back(precompile->header.c_str());
  } else {
    if (std::filesystem::exists(pch)) {
      arguments.push_back("-include-pch");
      arguments.push_back(pch.c_str());
    } else {
      arguments.push_back("-include");
      arguments.push_back(harness.c_str());
    }
    arguments.push_back("-c");
    arguments.push_back(kMainFile);
  }
  clang::IntrusiveRefCntPtr<clang::DiagnosticsEngine> diagnostics(
      clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, &problems, false));
  clang::CreateInvocationOptions options;
  options.Diags = diagnostics;
  auto invocation = clang::createInvocation(arguments, options);
  if (!invocation) return false;
  invocation->getFrontendOpts().OutputFile = precompile != nullptr ? precompile->output : object;
  invocation->getFrontendOpts().DisableFree = false;
  if (precompile == nullptr) {
    invocation->getPreprocessorOpts().addRemappedFile(kMainFile, llvm::MemoryBuffer::getMemBufferCopy(text, kMainFile).release());
  } else {
    invocation->getFrontendOpts().ProgramAction = clang::frontend::GeneratePCH;
  }
  clang::CompilerInstance compiler;
  compiler.setInvocation(std::move(invocation));
  compiler.createDiagnostics(&problems, false);
  if (!compiler.hasDiagnostics()) return false;
  compiler.ExecuteAction(action);
  return true;
}

}  // namespace hyperagent::programs
