// In-process Clang: parses and compiles the files of one agent (or any C++ source given as text) with the precompiled API header.
//
// Runs inside the boxed worker (worker.cpp), in a process forked for one request: untrusted source may crash or exhaust it.
// Not thread-safe. LLVM and Clang types appear here and in the other headers of tooling/ that only the worker includes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <clang/Frontend/ASTUnit.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <llvm/Support/VirtualFileSystem.h>

#include "hyperagent/core/result.h"

namespace hyperagent::tooling {

// One error as Clang said it.
struct Diagnostic {
  std::string file;
  unsigned line = 0, column = 0;
  std::string message;
  bool syntax = false;  // a parse error; otherwise a semantic one
};

// "task/solve.cpp:3:10: use of undeclared identifier 'x'", up to `most` errors, one a line.
std::string describe(const std::vector<Diagnostic>& errors, std::size_t most = 5);

using Files = std::map<std::string, std::string>;  // path inside the agent -> text

struct ParsedUnit {
  std::unique_ptr<clang::ASTUnit> ast;  // present even when there are errors, unless parsing could not start
  std::vector<Diagnostic> errors;
};

struct CompiledUnit {
  std::string object;    // ELF relocatable; empty when there are errors
  std::string ast_hash;  // canonical hash of the unit (ast_hash.h)
  std::vector<std::string> definitions;  // functions defined in the unit's own files, qualified
  std::vector<Diagnostic> errors;
};

class Compiler {
 public:
  // `share` holds include/ (the API headers) and agent.pch. Reads both into memory.
  static Result<std::unique_ptr<Compiler>> create(const std::string& share);
  // Writes the precompiled header of the API to `share`/agent.pch (build step).
  static Result<void> build_precompiled_header(const std::string& share);

  // For C++ that is no agent: `flags` as for clang++, without compiler and file; relative paths in them start at `directory`. `root` and a key
  // of the files make an absolute path; whatever else the files include is read from the disk. No precompiled header. User error for flags
  // that Clang does not understand.
  static Result<std::unique_ptr<Compiler>> create_for(const std::vector<std::string>& flags, const std::string& directory, const std::string& root);

  // What the files' names begin with for Clang: "/ha/agent/" of an agent.
  const std::string& root() const { return root_; }

  // `path` must be a key of `files`; other files can be included by it.
  ParsedUnit parse(const std::string& path, const Files& files) const;
  CompiledUnit compile(const std::string& path, const Files& files) const;

 private:
  Compiler() = default;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> file_system(const Files& files) const;
  std::shared_ptr<clang::CompilerInvocation> invocation(const std::string& path) const;

  std::string root_, directory_;
  llvm::IntrusiveRefCntPtr<llvm::vfs::InMemoryFileSystem> headers_;  // the API headers and agent.pch under kRoot; none for other C++
  std::shared_ptr<clang::CompilerInvocation> base_;
};

// Links objects into a shared library, in-process (lld). Undefined symbols are left to the runner that loads it.
Result<std::string> link_shared(const std::vector<std::string>& objects);

}  // namespace hyperagent::tooling
