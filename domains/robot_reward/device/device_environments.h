// The robots of a training on a CUDA device: the draw of actions, physics, episode and reward in one kernel a control step (step.h). Their
// rollout is in the device's memory, where LibTorch's networks read and write it (torch_engine.h).
//
// `ptx` is what the tooling made of the program and the reward (tooling/device_code.h).
#pragma once

#include <memory>
#include <string>

#include "domains/robot_reward/environments.h"

namespace hyperagent::robot {

// User error where the device does not take the program, environment error where there is none, or no room on it.
Result<std::unique_ptr<Environments>> make_device_environments(const ArenaOptions& options, int steps, const std::string& ptx,
                                                               const std::string& library = "libcuda.so.1");

}  // namespace hyperagent::robot
