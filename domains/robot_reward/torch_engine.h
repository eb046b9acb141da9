// PPO's arithmetic by LibTorch: the reference that the fused engine is tested against, and the engine for large networks.
//
// LibTorch costs half a second and 285 shared libraries to load, so it is a module, ha-robot-torch.so, that is loaded when asked for. Only
// torch_engine.cpp includes it.
#pragma once

#include <memory>
#include <string>

#include "domains/robot_reward/engine.h"

namespace hyperagent::robot {

// `module`: path of ha-robot-torch.so. Environment error when it cannot be loaded. The module stays loaded for the process's life.
Result<std::unique_ptr<Engine>> load_torch_engine(const std::string& module, const NetworkShape& shape, int threads);

}  // namespace hyperagent::robot
