// Compiles a whole agent: every source file to an object (what did not change is not compiled again), checks the entry points, links.
#pragma once

#include "hyperagent/core/toolchain.h"
#include "tooling/compiler.h"

namespace hyperagent::tooling {

// An Error is our own failure.
Result<Verdict<CompiledAgent>> build_agent(const Compiler& compiler, const Files& files);

}  // namespace hyperagent::tooling
