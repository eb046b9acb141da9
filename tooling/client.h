// The host's side of the tooling: Toolchain over a boxed worker (worker.cpp). No LLVM in this process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hyperagent/core/box.h"
#include "hyperagent/core/toolchain.h"

namespace hyperagent {

struct ToolchainOptions {
  std::string program;  // path of ha-tool on this machine
  std::string share;    // folder with include/ and agent.pch
  double request_seconds = 90;
  Json policy = {};                        // what edits may touch (core/edit_policy.h); null: everything
  bool device = false;                     // agents that are rewards are compiled for a device too, and refused when they cannot be
  std::vector<std::string> readable = {};  // further files and folders the compiler may read, at their own paths
};

// Starts the worker on first use and again after it died. `launcher` must outlive the toolchain.
std::unique_ptr<Toolchain> make_boxed_toolchain(BoxLauncher& launcher, ToolchainOptions options);

}  // namespace hyperagent
