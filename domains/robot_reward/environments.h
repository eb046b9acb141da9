// What a training asks of its robots: control steps of all of them, with the reward. On the CPU (here) or on a device
// (device/device_environments.h).
//
//   environments->begin();
//   for (int t = 0; t < steps; ++t) {
//     engine.forward(environments->rollout(), t);   // means of row t, from its observations
//     environments->step(t, noise, {});             // actions and results of row t, observations of row t + 1
//   }
//   engine.forward(environments->rollout(), steps);  // values of the state after the iteration
//   auto host = environments->host_view();          // results and values for the host, which writes advantages and returns
//   environments->hand_back();
#pragma once

#include <memory>
#include <span>
#include <string>

#include "domains/robot_reward/arena.h"
#include "domains/robot_reward/rollout.h"

namespace hyperagent::robot {

inline constexpr int kMostSeen = 256;  // robots whose states may be asked for, in a step

// Of an iteration, in host memory: rows as in Rollout.
struct HostView {
  const StepResult* results;
  const float* values;
  float *advantages, *returns;
};

// One thread at a time. Any call may fail: a user error is the reward's failure, in words for its author; any other is ours.
class Environments {
 public:
  virtual ~Environments() = default;
  int size() { return rollout().robots; }
  virtual Rollout& rollout() = 0;
  // A new iteration: what the robots saw last is the observation of its first step.
  virtual Result<void> begin() = 0;
  // Draws the actions of row t, and plays them for a control step. `seen` receives the states of the first seen.size() robots
  // (kMostSeen at most) as the reward saw them. Robots that ended start again.
  virtual Result<void> step(int t, const ActionNoise& noise, std::span<ha::robot::State> seen) = 0;
  virtual Result<HostView> host_view() = 0;  // valid until begin()
  virtual Result<void> hand_back() = 0;      // the view's advantages and returns to where the robots are
  // Seconds spent so far; a device's rewards are a part of its simulation.
  virtual double simulation_seconds() const = 0;
  virtual double reward_seconds() const = 0;
  virtual std::string where() const = 0;  // "cpu", or the device's name
};

using RewardFunction = float (*)(const ha::robot::State&);

// For iterations of `steps` control steps. `kernels` and `crew` are borrowed. The reward is called by all threads of the crew.
std::unique_ptr<Environments> make_cpu_environments(const ArenaOptions& options, int steps, RewardFunction reward, const Kernels& kernels,
                                                    Crew& crew);

}  // namespace hyperagent::robot
