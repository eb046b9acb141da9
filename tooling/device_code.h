// Rewards for a CUDA device: an agent's task half compiled for the target nvptx64 and joined with the program of the robot to PTX, which
// the device's driver assembles and loads. No CUDA is needed for it: headers, compiler and linker are Clang's, LLVM's and ours.
//
// Theory of operation. When hyperagent is built, the robot's program (domains/robot_reward/device/program.cpp: physics, episode, kernels)
// is compiled to bitcode in the share folder. A reward is compiled to bitcode too, as plain C++ against small headers of our own
// (share/device/include), linked with the first, and everything but the kernels made internal, so that the reward is inlined into them.
// What the device cannot do is looked for in the result, after optimisation: only what a kernel reaches counts. Nothing may be left that a
// driver would have to find elsewhere.
#pragma once

#include <memory>
#include <string>

#include "hyperagent/core/toolchain.h"
#include "tooling/compiler.h"

namespace hyperagent::tooling {

class DeviceCode {
 public:
  // Build step: compiles `source`, which includes from `root` and from the share folder's headers, to `share`/device/program.bc.
  static Result<void> build(const std::string& share, const std::string& source, const std::string& root);
  // Reads that. Environment error when it is missing.
  static Result<std::unique_ptr<DeviceCode>> open(const std::string& share);

  // PTX of the device's program with the reward that `files` define. A refusal says what of it a device cannot do.
  Verdict<std::string> ptx(const Files& files) const;

 private:
  DeviceCode() = default;
  std::string share_, bitcode_;
};

}  // namespace hyperagent::tooling
