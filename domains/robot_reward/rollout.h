// The samples of one iteration: what the robots, the engine and PPO hand each other. Also for a device: plain data.
//
// Theory of operation. The arrays lie where the robots are, in host memory or in a CUDA device's, and each is written where its numbers
// come from: observations, actions and results by the robots (environments.h), means and values by the engine, advantages and returns by
// PPO, on the host. So with robots and networks on one device a training moves results, values and advantages between host and device once
// an iteration, and nothing in a control step.
#pragma once

#include <cstddef>
#include <cstdint>

#include "domains/robot_reward/physics/model.h"
#include "domains/robot_reward/step_result.h"

namespace hyperagent::robot {

inline constexpr int kObservations = 45, kObservationStride = 48;
inline constexpr int kActions = kJoints, kActionStride = 16;
inline constexpr double kHalfLogTwoPi = 0.918938533204673;  // of the normal distribution's logarithm

// Row t * robots + i is control step t of robot i. Columns that are padding stay 0.
struct Rollout {
  int robots, steps;
  bool on_device;
  // steps + 1 times robots; the last ones belong to the state after the iteration.
  float* observations;  // x kObservationStride
  float* means;         // x kActionStride: of the policy's actions
  float* values;        // of the critic
  // steps times robots
  float* actions;          // x kActionStride, as drawn
  float* log_probability;  // of the action
  StepResult* results;
  float* advantages;  // normalised over all rows
  float* returns;
  float log_deviation[kActionStride];  // of the policy that drew the actions; in the host's memory

  std::size_t row(int t) const { return static_cast<std::size_t>(t) * static_cast<std::size_t>(robots); }  // the first of step t
  float* observations_of(int t) const { return observations + row(t) * kObservationStride; }

  // take(array, count) for each of its arrays, which whoever has the memory points to it.
  template <class Take>
  void take_arrays(const Take& take) {
    const std::size_t rows = row(steps), more = row(steps + 1);
    take(observations, more * kObservationStride);
    take(means, more * kActionStride);
    take(values, more);
    take(actions, rows * kActionStride);
    take(log_probability, rows);
    take(results, rows);
    take(advantages, rows);
    take(returns, rows);
  }
};

// How actions are drawn in a control step: normally distributed around the means, from hashes of `seed`, `place` and the robot.
struct ActionNoise {
  std::uint64_t seed, place;
  float deviation[kActionStride];
  float log_constant;  // of the logarithm of the probability: -sum(log(deviation) + log(2 pi) / 2)
};

}  // namespace hyperagent::robot
