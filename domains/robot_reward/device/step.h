// A control step of one robot on a device, reward included: the bodies of the kernels (device/program.cpp), which the tests' pretended
// device runs on the host, thread after thread.
#pragma once

#include "domains/robot_reward/episode.h"
#include "domains/robot_reward/physics/control_step.h"
#include "domains/robot_reward/step_result.h"

namespace hyperagent::robot {

// The argument of every kernel, by value: a host compiler and Clang for a device lay it out alike.
struct StepArguments {
  Model model;
  Physics physics;
  Robots robots;
  int scattered;  // of the start
  int seen_count;
  const float* actions;    // N x kJoints
  StepResult* results;     // N
  ha::robot::State* seen;  // seen_count: of the first robots, as the reward saw them
};

inline constexpr const char *kStartKernel = "ha_robot_start", *kStepKernel = "ha_robot_step";

// In line, so that a device reads the arguments where the driver put them instead of from a copy a thread.
template <class Reward>
HA_INLINE void step_robot(const StepArguments& a, int i, Reward reward) {
  const Robots& r = a.robots;
  take_action(r, i, a.actions + static_cast<std::size_t>(i) * kJoints);
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
