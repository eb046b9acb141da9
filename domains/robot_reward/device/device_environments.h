// The robots of a training on a CUDA device: physics, episode and reward in one kernel a control step (step.h).
//
// Actions go there and observations, results and a few states come back by way of host memory, where the policy's networks read them, at
// 4096 robots one megabyte a step. `ptx` is what the tooling made of the program and the reward (tooling/device_code.h).
#pragma once

#include <memory>
#include <string>

#include "domains/robot_reward/environments.h"

namespace hyperagent::robot {

// Environment error where there is no device, or it does not take the program.
Result<std::unique_ptr<Environments>> make_device_environments(const ArenaOptions& options, const std::string& ptx,
                                                               const std::string& library = "libcuda.so.1");

}  // namespace hyperagent::robot
