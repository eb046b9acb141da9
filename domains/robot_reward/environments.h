// What a training asks of its robots: a control step of all of them, with the reward. On the CPU (here) or on a device
// (device/device_environments.h).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "domains/robot_reward/arena.h"
#include "domains/robot_reward/step_result.h"

namespace hyperagent::robot {

class Environments {
 public:
  virtual ~Environments() = default;
  virtual int size() const = 0;
  // size() x kObservationStride in host memory, until the next step().
  virtual const float* observations() const = 0;
  // Plays `actions` (size() x kJoints) for a control step. `results` has size() places; `seen` receives the states of the first seen.size()
  // robots as the reward saw them. Robots that ended start again. A user error is the reward's failure, in words for its author; any other
  // is ours.
  virtual Result<void> step(const float* actions, std::span<StepResult> results, std::span<ha::robot::State> seen) = 0;
  // Seconds spent so far; a device's rewards are a part of its simulation.
  virtual double simulation_seconds() const = 0;
  virtual double reward_seconds() const = 0;
  virtual std::string where() const = 0;  // "cpu", or the device's name
};

using RewardFunction = float (*)(const ha::robot::State&);

// `kernels` and `crew` are borrowed. The reward is called by all threads of the crew.
std::unique_ptr<Environments> make_cpu_environments(const ArenaOptions& options, RewardFunction reward, const Kernels& kernels, Crew& crew);

}  // namespace hyperagent::robot
