// The host's side of the tooling: Toolchain over a boxed worker (worker.cpp). No LLVM in this process.
#pragma once

#include <memory>
#include <string>

#include "hyperagent/core/box.h"
#include "hyperagent/core/toolchain.h"

namespace hyperagent {

struct ToolchainOptions {
  std::string program;  // path of ha-tool on this machine
  std::string share;    // folder with include/ and agent.pch
  double request_seconds = 90;
};

// Starts the worker on first use and again after it died. `launcher` must outlive the toolchain.
std::unique_ptr<Toolchain> make_boxed_toolchain(BoxLauncher& launcher, ToolchainOptions options);

}  // namespace hyperagent
