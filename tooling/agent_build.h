// Compiles a whole agent: every source file to an object (objects of unchanged files are reused), checks the entry points, links.
#pragma once

#include "hyperagent/core/toolchain.h"
#include "tooling/compiler.h"

namespace hyperagent::tooling {

// Names what a source file's compilation depends on: its path, its text and the agent's headers.
std::string unit_key(const std::string& path, const Files& files);

// `cache` is a folder for objects, keyed by content; it lives in the worker's private /tmp. An Error is our own failure.
Result<Verdict<CompiledAgent>> build_agent(const Compiler& compiler, const Files& files, const std::string& cache);

}  // namespace hyperagent::tooling
