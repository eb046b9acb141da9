// The same policy in MuJoCo: a reward that exploits our simulator shows up as a drop of the score here.
#pragma once

#include "domains/robot_reward/judge.h"

namespace hyperagent::robot {

// The judge's score, with robots one after the other in MuJoCo: same gains, latency, commands' range and falls.
Judgement judge_in_mujoco(const Policy& policy, Task task, int robots, std::uint64_t seed, const Kernels& kernels);

}  // namespace hyperagent::robot
