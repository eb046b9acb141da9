// Compiles a whole agent: every source file to an object (what did not change is not compiled again), checks the entry points, links.
#pragma once

#include "hyperagent/core/toolchain.h"
#include "tooling/compiler.h"
#include "tooling/device_code.h"

namespace hyperagent::tooling {

// An Error is our own failure. With `device` an agent that is a reward is also compiled for a device, and the library carries that program
// (kDeviceProgram); what cannot run there is refused.
Result<Verdict<CompiledAgent>> build_agent(const Compiler& compiler, const Files& files, const DeviceCode* device = nullptr);

}  // namespace hyperagent::tooling
