// In-process Clang: parses and compiles the files of one agent (or any C++ source given as text) with the precompiled API header.
//
// Runs inside the boxed worker (worker.cpp), which untrusted source may crash or exhaust.
// Not thread-safe. LLVM and Clang types appear here and in the other headers of tooling/ that only the worker includes.
#pragma once

#include <clang/Frontend/CompilerInvocation.h>
#include <llvm/ADT/StringSet.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/lru.h"
#include "hyperagent/core/result.h"
#include "tooling/compiled_unit.h"
#include "tooling/syntax_tree.h"
#include "tooling/unit_objects.h"

namespace hyperagent::tooling {

// "task/solve.cpp:3:10: use of undeclared identifier 'x'", up to `most` errors, one a line.
std::string describe(const std::vector<Diagnostic>& errors, std::size_t most = 5);

using Files = std::map<std::string, std::string>;  // path inside the agent -> text

// What decides what a unit of an agent compiles to: its path and text, and all headers of the agent ...
std::string all_of_unit(const std::string& path, const Files& files);
// ... and whether its functions have to clean up when an exception passes (unit_objects.h).
bool needs_cleanup(const Files& files);

class Compiler {
 public:
  // `share` holds include/ (the API headers), agent.pch and agent.symbols. Reads all into memory.
  static Result<std::unique_ptr<Compiler>> create(const std::string& share);
  // Writes the precompiled header of the API to `share`/agent.pch, and to `share`/agent.symbols what `libraries`, which every process has
  // that loads agents, hold of its code (build step).
  static Result<void> build_precompiled_header(const std::string& share, const std::vector<std::string>& libraries);

  // For C++ that is no agent: `flags` as for clang++, without compiler and file; relative paths in them start at `directory`. `root` and a key
  // of the files make an absolute path; whatever else the files include is read from the disk. No precompiled header. Flags that Clang does
  // not know are ignored, as those of another compiler; among the last `given`, which somebody wrote for Clang, they are user errors.
  static Result<std::unique_ptr<Compiler>> create_for(const std::vector<std::string>& flags, const std::string& directory, const std::string& root,
                                                      std::size_t given = 0);

  // What the files' names begin with for Clang: "/ha/agent/" of an agent.
  const std::string& root() const { return root_; }

  // `path` must be a key of `files`; other files can be included by it. The last trees without errors are kept, those that compile() parsed among
  // them: draws, outlines and edits of one parent ask for the same ones. What is read from the disk must not change.
  std::shared_ptr<SyntaxTree> parse(const std::string& path, const Files& files) const;
  // Only what differs from earlier versions of the file is parsed and compiled: when a change lies within one function that stands alone,
  // the others are declarations to Clang.
  std::shared_ptr<const CompiledUnit> compile(const std::string& path, const Files& files) const;
  // An Error is our own failure, a user error one of the objects (undefined internal symbols).
  Result<std::string> link(const std::vector<std::string>& objects, const std::string& device_program = {}) const;
  // Spent so far in generating code and linking.
  double code_seconds() const { return code_seconds_; }

 private:
  Compiler() = default;
  std::shared_ptr<SyntaxTree> parse_anew(const std::string& path, const Files& files) const;
  // `cleanup`: of the whole program. `whole`: nothing was taken out of the file, so that its tree is worth keeping.
  CompiledUnit compile_anew(const std::string& path, const Files& files, bool cleanup, bool whole) const;
  std::optional<CompiledUnit> compile_change(const std::string& path, const Files& files, bool cleanup) const;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> file_system(const Files& files) const;
  std::shared_ptr<clang::CompilerInvocation> invocation(const std::string& path) const;

  std::string root_, directory_;
  llvm::IntrusiveRefCntPtr<llvm::vfs::InMemoryFileSystem> headers_;  // the API headers and agent.pch under kRoot; none for other C++
  std::shared_ptr<clang::CompilerInvocation> base_;
  llvm::StringSet<> known_;                                // functions that need no code (known_code.h)
  mutable Lru<std::string, std::shared_ptr<SyntaxTree>> parsed_{128};  // by all_of_unit()
  mutable Lru<std::string, CompiledUnit> compiled_{256};               // likewise, and cleanup
  struct Version {
    std::string text;
    bool cleanup;
    std::shared_ptr<const CompiledUnit> unit;
  };
  mutable double code_seconds_ = 0;
  mutable std::map<std::string, std::deque<Version>> versions_;  // of each path, the latest first
  mutable ObjectCache objects_{4096};
};

// Where a library's program for a device begins (device_code.h): text that ends with a zero. Domains know the name.
inline constexpr const char* kDeviceProgram = "ha_device_program";

// Links objects into a shared library, in-process (lld). Undefined symbols are left to the runner that loads it.
Result<std::string> link_shared(const std::vector<std::string>& objects, const std::string& device_program = {});

}  // namespace hyperagent::tooling
