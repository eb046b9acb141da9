// A control step of one robot on a device, reward included: the bodies of the kernels (device/program.cpp), which the tests' pretended
// device runs on the host, thread after thread.
#pragma once

#include "domains/robot_reward/episode.h"
#include "domains/robot_reward/noise.h"
#include "domains/robot_reward/physics/control_step.h"

namespace hyperagent::robot {

// The argument of every kernel, by value: a host compiler and Clang for a device lay it out alike.
struct StepArguments {
  Model model;
  Physics physics;
  Robots robots;
  int scattered;  // of the start
  int seen_count;
  ha::robot::State* seen;  // seen_count: of the first robots, as the reward saw them
  ActionNoise noise;
  const float* levels;  // of the noise: NormalLevels
  // Of the step's rows of a Rollout. Observations go to robots.observations.
  const float* means;
  float *actions, *log_probability;
  StepResult* results;
};
static_assert(sizeof(StepArguments) <= 4096, "what a kernel may be given");

inline constexpr const char *kStartKernel = "ha_robot_start", *kStepKernel = "ha_robot_step";

// In line, so that a device reads the arguments where the driver put them instead of from a copy a thread.
template <class Reward>
HA_INLINE void step_robot(const StepArguments& a, int i, Reward reward) {
  const Robots& r = a.robots;
  const std::size_t first = static_cast<std::size_t>(i) * kActionStride;
  draw_action(a.noise, a.levels, i, a.means + first, a.actions + first, a.log_probability[i]);
  take_action(r, i, a.actions + first);
  control_step_at<float>(a.model, a.physics, r.state + first_field(i));
  look(r, i);
  ha::robot::State state;
  see(r, i, state);
  if (i < a.seen_count) a.seen[i] = state;
  const bool fell = r.fell[i] != 0;
  StepResult result{0, state.command[0] - state.velocity[0], state.position[2], fell, !fell && timed_out(r, i)};
  result.reward = reward(state);  // last: it may write over the state that it is given
  a.results[i] = result;
  settle(r, i);
}

}  // namespace hyperagent::robot
