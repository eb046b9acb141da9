#include "tooling/compiler.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendActions.h>
#include <clang/Frontend/MultiplexConsumer.h>
#include <clang/Frontend/TextDiagnosticBuffer.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <clang/Sema/Sema.h>
#include <clang/Sema/SemaConsumer.h>
#include <clang/Serialization/PCHContainerOperations.h>
#include <lld/Common/Driver.h>
#include <llvm/Support/LineIterator.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>

#include "tooling/ast_hash.h"
#include "tooling/collector.h"
#include "tooling/edit_code.h"
#include "tooling/known_code.h"
#include "tooling/program.h"
#include "tooling/unit_objects.h"

LLD_HAS_DRIVER(elf)

namespace hyperagent::tooling {
namespace {

namespace fs = std::filesystem;

// The API headers, the precompiled header and the agent's files live at fixed paths of an in-memory file system: a precompiled
// header remembers paths and times, and the real ones differ between the build machine and the box.
constexpr const char* kRoot = "/ha";
constexpr const char* kPrecompiled = "/ha/agent.pch";
constexpr const char* kAllHeaders = "/ha/include/all.h";

constexpr std::size_t kVersions = 32;  // of a file, to find the one that a change began from

Result<llvm::IntrusiveRefCntPtr<llvm::vfs::InMemoryFileSystem>> read_headers(const std::string& share) {
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  std::error_code failed;
  std::vector<fs::path> paths;
  const fs::path include = fs::path(share) / "include";
  for (const auto& entry : fs::recursive_directory_iterator(include, failed))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  if (failed || paths.empty()) return environment_error("cannot read the agent API headers in " + include.string() + ": reinstall hyperagent");
  std::sort(paths.begin(), paths.end());
  // Everything an agent may include, so that all of it comes from the precompiled header.
  std::string all = "#pragma once\n";
  for (const char* name : {"algorithm", "array", "cmath", "cstdint", "functional", "limits", "map", "numeric", "optional", "set", "string",
                           "string_view", "unordered_map", "unordered_set", "utility", "vector"})
    all += std::string("#include <") + name + ">\n";
  for (const fs::path& path : paths) {
    auto buffer = llvm::MemoryBuffer::getFile(path.string());
    if (!buffer) return environment_error("cannot read " + path.string() + ": " + buffer.getError().message());
    const std::string name = fs::relative(path, include).string();
    memory->addFile(std::string(kRoot) + "/include/" + name, 0, std::move(*buffer));
    all += "#include <" + name + ">\n";
  }
  memory->addFile(kAllHeaders, 0, llvm::MemoryBuffer::getMemBufferCopy(all));
  return memory;
}

// The driver's work: finds the C++ library and the target, reads the flags. Nothing when it cannot make sense of them. What it says of them goes
// to `problems`.
std::shared_ptr<clang::CompilerInvocation> driven(const std::vector<const char*>& arguments, clang::TextDiagnosticBuffer& problems) {
  clang::CreateInvocationOptions options;
  options.ProbePrecompiled = false;
  options.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, &problems, /*ShouldOwnClient=*/false);
  auto invocation = std::shared_ptr<clang::CompilerInvocation>(clang::createInvocation(arguments, options));
  if (!invocation) return nullptr;
  invocation->getFrontendOpts().DisableFree = false;
  invocation->getCodeGenOpts().DisableFree = false;  // or every object leaves its target machine behind
  invocation->getDiagnosticOpts().ShowCarets = false;  // no "1 error generated" on standard error
  return invocation;
}

// Done once; requests copy the result.
std::shared_ptr<clang::CompilerInvocation> base_invocation(bool with_precompiled) {
  // Without modules, which come with C++20: with them, Clang looks up each of its 3,000 builtin functions in the precompiled header.
  std::vector<const char*> arguments = {"clang++", "-std=c++20", "-Xclang", "-fno-cxx-modules", "-O1", "-fPIC", "-I/ha/include",
                                        "-fpch-instantiate-templates", "-w", "-ftemplate-depth=256", "-fconstexpr-steps=200000", "-fno-ident",
                                        "-resource-dir", CLANG_RESOURCE_DIR};
  if (with_precompiled) {
    arguments.insert(arguments.end(), {"-include-pch", kPrecompiled, "-x", "c++", "-c", "unit.cpp"});
  } else {
    arguments.insert(arguments.end(), {"-x", "c++-header", kAllHeaders});
  }
  clang::TextDiagnosticBuffer unheard;
  auto invocation = driven(arguments, unheard);
  if (!invocation) return nullptr;
  invocation->getPreprocessorOpts().DisablePCHOrModuleValidation = clang::DisableValidationForModuleKind::All;
  if (with_precompiled) invocation->getPreprocessorOpts().UsePredefines = false;  // the precompiled header has them
  return invocation;
}

void initialise_target() {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::InitializeNativeTargetAsmParser();
}

// Without what Clang would load at the end of every file to check it once more: the constructors that delegate, for cycles among them, and
// the classes whose tables of virtual functions the headers use, all of the C++ library's exceptions (code generation knows which it needs).
class HeaderAction : public clang::GeneratePCHAction {
 protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& instance, llvm::StringRef file) override {
    std::vector<std::unique_ptr<clang::ASTConsumer>> consumers;
    consumers.push_back(std::make_unique<Forgetting>());
    consumers.push_back(GeneratePCHAction::CreateASTConsumer(instance, file));
    return std::make_unique<clang::MultiplexConsumer>(std::move(consumers));
  }

 private:
  class Forgetting : public clang::SemaConsumer {
   public:
    void InitializeSema(clang::Sema& sema) override { sema_ = &sema; }
    void HandleTranslationUnit(clang::ASTContext&) override {
      auto& delegating = sema_->DelegatingCtorDecls;
      delegating.erase(delegating.begin(nullptr, /*LocalOnly=*/true), delegating.end());
      sema_->VTableUses.clear();
    }

   private:
    clang::Sema* sema_ = nullptr;
  };
};

}  // namespace

std::string all_of_unit(const std::string& path, const Files& files) {
  std::string all = path + '\0' + files.at(path);
  for (const auto& [other, text] : files)
    if (other.ends_with(".h")) all += '\0' + other + '\0' + text;
  return all;
}

bool needs_cleanup(const Files& files) {
  static constexpr const char* kWords[] = {"catch", "static", "thread_local", "##"};  // the last one may put the others together
  const auto one_of_them = [](const std::string& word) { return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords); };
  return std::any_of(files.begin(), files.end(), [&](const auto& file) {
    const auto& [path, text] = file;
    if (!is_source(path) && !path.ends_with(".h")) return false;
    if (text.find("\\\n") != std::string::npos || text.find("\\\r\n") != std::string::npos) return true;  // a word may stand on two lines
    // Reading the text word by word costs as much as a small edit: only where one may be among them.
    if (std::none_of(std::begin(kWords), std::end(kWords), [&](const char* word) { return names(text, word); })) return false;
    const std::vector<std::string> words = words_of(text);
    return std::any_of(words.begin(), words.end(), one_of_them);
  });
}

std::string describe(const std::vector<Diagnostic>& errors, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < errors.size() && i < most; ++i) {
    if (i > 0) text += '\n';
    if (!errors[i].file.empty())
      text += errors[i].file + ":" + std::to_string(errors[i].line) + ":" + std::to_string(errors[i].column) + ": ";
    text += errors[i].message;
  }
  if (errors.size() > most) text += "\n(" + std::to_string(errors.size() - most) + " more)";
  return text;
}

Result<std::unique_ptr<Compiler>> Compiler::create(const std::string& share) {
  initialise_target();
  auto headers = read_headers(share);
  if (!headers) return headers.error();
  const std::string precompiled = share + "/agent.pch";
  auto buffer = llvm::MemoryBuffer::getFile(precompiled, false, false);
  if (!buffer) return environment_error("cannot read " + precompiled + ": " + buffer.getError().message() + "; build hyperagent again");
  (*headers)->addFile(kPrecompiled, 0, std::move(*buffer));
  auto symbols = llvm::MemoryBuffer::getFile(share + "/agent.symbols");
  if (!symbols)
    return environment_error("cannot read " + share + "/agent.symbols: " + symbols.getError().message() + "; build hyperagent again");
  std::unique_ptr<Compiler> compiler(new Compiler);
  for (llvm::line_iterator line(**symbols); !line.is_at_eof(); ++line) compiler->known_.insert(*line);
  compiler->root_ = kAgentRoot;
  compiler->headers_ = *headers;
  compiler->base_ = base_invocation(true);
  if (!compiler->base_) return environment_error("cannot set up Clang " CLANG_RESOURCE_DIR ": is the package clang-19 complete?");
  return compiler;
}

Result<std::unique_ptr<Compiler>> Compiler::create_for(const std::vector<std::string>& flags, const std::string& directory, const std::string& root,
                                                       std::size_t given) {
  initialise_target();
  std::vector<const char*> arguments = {"clang++"};
  for (const std::string& flag : flags) arguments.push_back(flag.c_str());
  arguments.insert(arguments.end(), {"-w", "-fsyntax-only", "-resource-dir", CLANG_RESOURCE_DIR, "-x", "c++", "unit.cpp"});
  std::unique_ptr<Compiler> compiler(new Compiler);
  compiler->root_ = root;
  compiler->directory_ = directory;
  clang::TextDiagnosticBuffer problems;
  compiler->base_ = driven(arguments, problems);
  for (auto problem = problems.err_begin(); problem != problems.err_end(); ++problem)
    for (auto flag = flags.end() - static_cast<std::ptrdiff_t>(std::min(given, flags.size())); flag != flags.end(); ++flag)
      if (problem->second.find("'" + *flag + "'") != std::string::npos) return user_error("the flags behind `--`: " + problem->second);
  if (!compiler->base_) return user_error("Clang cannot make sense of the compiler flags; give them as for clang++, without the compiler and the file");
  compiler->base_->getFileSystemOpts().WorkingDir = directory;
  return compiler;
}

Result<void> Compiler::build_precompiled_header(const std::string& share, const std::vector<std::string>& libraries) {
  initialise_target();
  std::ofstream symbols(share + "/agent.symbols");
  for (const std::string& library : libraries) {
    auto functions = functions_of(library);
    if (!functions) return functions.error();
    symbols << *functions;
  }
  if (!symbols.flush()) return environment_error("cannot write " + share + "/agent.symbols");
  auto headers = read_headers(share);
  if (!headers) return headers.error();
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
  overlay->pushOverlay(*headers);
  std::vector<Diagnostic> errors;
  Collector collector(errors);
  clang::CompilerInstance instance;
  instance.setInvocation(base_invocation(false));
  instance.getFrontendOpts().OutputFile = share + "/agent.pch";
  instance.getFrontendOpts().ProgramAction = clang::frontend::GeneratePCH;
  instance.createDiagnostics(&collector, false);
  instance.createFileManager(overlay);
  HeaderAction action;
  if (!instance.ExecuteAction(action) || !errors.empty())
    return environment_error("cannot precompile the agent API headers: " + describe(errors));
  return {};
}

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Compiler::file_system(const Files& files) const {
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto& [path, text] : files) memory->addFile(root_ + path, 0, llvm::MemoryBuffer::getMemBufferCopy(text, root_ + path));
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
  if (headers_) overlay->pushOverlay(headers_);
  overlay->pushOverlay(memory);
  if (!directory_.empty()) overlay->setCurrentWorkingDirectory(directory_);
  return overlay;
}

std::shared_ptr<clang::CompilerInvocation> Compiler::invocation(const std::string& path) const {
  auto copy = std::make_shared<clang::CompilerInvocation>(*base_);
  copy->getFrontendOpts().Inputs.clear();
  copy->getFrontendOpts().Inputs.emplace_back(root_ + path, clang::InputKind(clang::Language::CXX));
  copy->getCodeGenOpts().MainFileName = path;
  return copy;
}

std::shared_ptr<SyntaxTree> Compiler::parse(const std::string& path, const Files& files) const {
  const std::string source = all_of_unit(path, files);
  if (const auto known = parsed_.find(source)) return *known;
  auto tree = parse_anew(path, files);
  if (tree->errors().empty()) parsed_.put(source, tree);
  return tree;
}

std::shared_ptr<SyntaxTree> Compiler::parse_anew(const std::string& path, const Files& files) const {
  return std::make_shared<SyntaxTree>(invocation(path), file_system(files));
}

std::shared_ptr<const CompiledUnit> Compiler::compile(const std::string& path, const Files& files) const {
  const bool cleanup = needs_cleanup(files);
  const std::string key = all_of_unit(path, files) + (cleanup ? "cleanup" : "");
  if (auto known = compiled_.find(key)) return known;
  auto changed = compile_change(path, files, cleanup);
  auto unit = compiled_.put(key, changed ? std::move(*changed) : compile_anew(path, files, cleanup, true));
  if (!unit->functions.empty()) {
    auto& versions = versions_[path];
    versions.push_front({files.at(path), cleanup, unit});
    if (versions.size() > kVersions) versions.pop_back();
  }
  return unit;
}

// Not from a tree that parse() has kept: what was looked at has loaded more of the precompiled header, and code must not depend on that.
CompiledUnit Compiler::compile_anew(const std::string& path, const Files& files, bool cleanup, bool whole) const {
  const auto tree = parse_anew(path, files);
  const std::string source = all_of_unit(path, files);
  CompiledUnit unit;
  if (tree->errors().empty()) unit = UnitObjects(*tree, path, source, cleanup, known_, objects_, code_seconds_).generate();
  std::vector<Diagnostic> errors = tree->errors();
  for (const std::string& object : unit.objects)
    if (object.empty() && errors.empty()) errors.push_back({path, 0, 0, "no code can be generated for it", false});
  if (!errors.empty()) {
    unit = {};
    unit.errors = std::move(errors);
  } else if (whole) {
    parsed_.put(source, tree);
  }
  return unit;
}

// Before                       what Clang sees when only g changed      after
//   int f() { return 1; }        int f() ;                                the parts of f from before, those of g new
//   int g() { return f(); }      int g() { return f() + 1; }
//
// Nothing when no earlier version differs in one body only, or when it does not compile: the whole file then gives the message.
std::optional<CompiledUnit> Compiler::compile_change(const std::string& path, const Files& files, bool cleanup) const {
  const std::string& text = files.at(path);
  for (const Version& version : versions_[path]) {
    if (version.cleanup != cleanup) continue;
    const std::string& before = version.text;
    const std::size_t most = std::min(text.size(), before.size());
    std::size_t prefix = 0, suffix = 0;
    while (prefix < most && text[prefix] == before[prefix]) ++prefix;
    while (suffix < most - prefix && text[text.size() - 1 - suffix] == before[before.size() - 1 - suffix]) ++suffix;
    const auto& parts = version.unit->functions;
    const auto part = std::find_if(parts.begin(), parts.end(), [&](const FunctionPart& p) { return p.begin < prefix && before.size() - suffix < p.end; });
    if (part == parts.end()) continue;

    std::string seen;  // the text with every other body taken out
    std::size_t place = 0;
    const auto moved = [&](std::size_t at) { return at < part->end ? at : at + text.size() - before.size(); };
    for (const FunctionPart& other : parts) {
      if (&other == &*part) continue;
      seen += text.substr(place, moved(other.begin) - place) + ";";
      place = moved(other.end);
    }
    Files reduced = files;
    reduced[path] = seen + text.substr(place);
    const CompiledUnit alone = compile_anew(path, reduced, cleanup, parts.size() == 1);
    // A body that ended early, or a header that changed, makes another environment.
    if (alone.environment != version.unit->environment || alone.functions.size() != 1 || alone.functions[0].symbol != part->symbol) return std::nullopt;

    CompiledUnit unit = *version.unit;
    const std::size_t index = static_cast<std::size_t>(part - parts.begin());
    for (FunctionPart& other : unit.functions) other.begin = moved(other.begin), other.end = moved(other.end);
    unit.functions[index].ast_hash = alone.functions[0].ast_hash;
    unit.functions[index].object_key = alone.functions[0].object_key;
    unit.objects[index] = alone.objects[0];
    unit.ast_hash = whole_hash(unit);
    return unit;
  }
  return std::nullopt;
}

Result<std::string> Compiler::link(const std::vector<std::string>& objects, const std::string& device_program) const {
  const AddsSeconds adds(code_seconds_);
  return link_shared(objects, device_program);
}

Result<std::string> link_shared(const std::vector<std::string>& objects, const std::string& device_program) {
  const fs::path folder = fs::temp_directory_path() / ("ha-link-" + std::to_string(getpid()));
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return environment_error("cannot create " + folder.string() + ": " + failed.message());
  const std::string output = (folder / "agent.so").string();
  std::vector<std::string> words = {"ld.lld", "-shared", "--eh-frame-hdr", "--build-id=none", "-O0", "--threads=1", "-o", output};
  for (std::size_t i = 0; i < objects.size(); ++i) {
    words.push_back((folder / (std::to_string(i) + ".o")).string());
    std::ofstream(words.back(), std::ios::binary) << objects[i];
  }
  if (!device_program.empty()) {
    // The linker names the bytes of a file after its path; kDeviceProgram is where they begin, and a zero is where they end.
    const std::string path = (folder / "device").string();
    std::ofstream(path, std::ios::binary) << device_program << '\0';
    std::string name = path;
    std::replace_if(name.begin(), name.end(), [](unsigned char c) { return isalnum(c) == 0; }, '_');
    words.insert(words.end(), {"--format=binary", path, "--format=default", std::string("--defsym=") + kDeviceProgram + "=_binary_" + name + "_start"});
  }
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  const lld::Result linked = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  std::ifstream file(output, std::ios::binary);
  std::string library((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  fs::remove_all(folder, failed);
  if (linked.retCode != 0) return user_error("cannot link the agent: " + stream.str());
  return library;
}

}  // namespace hyperagent::tooling
