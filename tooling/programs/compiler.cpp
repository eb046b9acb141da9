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
#include <llvm/Support/VirtualFileSystem.h>

namespace hyperagent::programs {
namespace {

constexpr const char* kMainFile = "/program.cpp";  // never read from disk: remapped to the text
constexpr const char* kHarness = "/ha/cpp_harness.h";  // likewise: of the share folder

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

namespace {

bool run(clang::FrontendAction& action, const std::vector<const char*>& arguments, const std::string& share, Problems& problems,
         const std::function<void(clang::CompilerInvocation&)>& adapt) {
  static const bool ready = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)ready;
  // A precompiled header remembers its header's path and time: those are the same wherever the share folder lies.
  auto harness = llvm::MemoryBuffer::getFile(share + "/cpp_harness.h");
  if (!harness) return false;
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  memory->addFile(kHarness, 0, std::move(*harness));
  auto files = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
  files->pushOverlay(memory);

  clang::CreateInvocationOptions options;
  options.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, &problems, false);
  options.VFS = files;
  auto invocation = clang::createInvocation(arguments, options);
  if (!invocation) return false;
  invocation->getFrontendOpts().DisableFree = false;
  adapt(*invocation);
  clang::CompilerInstance compiler;
  compiler.setInvocation(std::move(invocation));
  compiler.createDiagnostics(&problems, false);
  if (!compiler.hasDiagnostics()) return false;
  compiler.createFileManager(files);
  compiler.ExecuteAction(action);
  return true;
}

}  // namespace

bool run_action(clang::FrontendAction& action, const std::string& text, const std::string& share, Problems& problems,
                const std::string& object) {
  const std::string pch = share + "/programs.pch";
  const bool precompiled = std::filesystem::exists(pch);
  std::vector<const char*> arguments = kFlags;
  for (const char* word : {precompiled ? "-include-pch" : "-include", precompiled ? pch.c_str() : kHarness, "-c", kMainFile})
    arguments.push_back(word);
  return run(action, arguments, share, problems, [&](clang::CompilerInvocation& invocation) {
    invocation.getFrontendOpts().OutputFile = object;
    invocation.getPreprocessorOpts().addRemappedFile(kMainFile, llvm::MemoryBuffer::getMemBufferCopy(text, kMainFile).release());
  });
}

bool run_on_harness(clang::FrontendAction& action, const std::string& share, Problems& problems, const std::string& output) {
  std::vector<const char*> arguments = kFlags;
  arguments[1] = "-xc++-header";
  for (const char* word : {"-fpch-instantiate-templates", kHarness}) arguments.push_back(word);
  return run(action, arguments, share, problems, [&](clang::CompilerInvocation& invocation) {
    invocation.getFrontendOpts().OutputFile = output;
    invocation.getFrontendOpts().ProgramAction = clang::frontend::GeneratePCH;
  });
}

}  // namespace hyperagent::programs
