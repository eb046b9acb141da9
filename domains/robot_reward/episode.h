// An episode of one robot: everything but the physics. Start and command, action latency, falls, observation, and what a reward sees.
//
// Theory of operation. One source for the CPU's arena (arena.cpp) and for a device (device/program.cpp): functions of one robot's index
// over plain pointers, which are the arena's vectors or a device's memory. A control step of robot i is
//     take_action(robots, i, action);  ... the physics ...  look(robots, i);  ... reward, score ...  settle(robots, i);
// Robots never read each other's numbers, so the order in which they are worked on is nobody's business.
// Only functions that the headers for a device have too (device/include).
#pragma once

#include <ha/robot.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "domains/robot_reward/hashed.h"
#include "domains/robot_reward/physics/control_step_fields.h"
#include "domains/robot_reward/rollout.h"

namespace hyperagent::robot {

enum class Task { Walk, WalkBack, Hop };

inline constexpr int kEpisodeSteps = 1000;  // 20 s
inline constexpr int kCommandSteps = 200;   // 4 s
inline constexpr float kStepSeconds = 0.02f, kActionScale = 0.25f, kStartHeight = 0.42f, kLargestAction = 100.0f;

// The pose that actions are offsets from: hips 0, thighs 0.8 (front) and 1.0 (rear), calves -1.5.
inline float default_joint(int joint) { return joint % 3 == 0 ? 0.0f : joint % 3 == 2 ? -1.5f : joint < 6 ? 0.8f : 1.0f; }

// Where the numbers of N robots are. Borrowed.
struct Robots {
  int count;  // N
  Task task;
  std::uint64_t seed;
  int restart;                              // 0: a robot that fell stays out (the judge)
  float least_upright;                      // tangent of the angle from upright that ends an episode
  float* state;                             // blocks of 16 robots (physics/control_step_fields.h)
  float *action, *last_action, *last_rate;  // N x 12
  float *command, *highest;                 // N
  float* observations;                      // N x kObservationStride
  int* episode;                             // N: control steps since the start
  unsigned char *fell, *out;                // N
  std::uint32_t* draws;                     // N: commands drawn by each robot: the place of its next random number
};

// Fields of robot i are kBlock floats apart from here on.
inline std::size_t first_field(int i) {
  return static_cast<std::size_t>(i / kBlock) * kFields * kBlock + static_cast<std::size_t>(i % kBlock);
}
inline float& field(const Robots& r, int i, int f) { return r.state[first_field(i) + static_cast<std::size_t>(f) * kBlock]; }
inline bool timed_out(const Robots& r, int i) { return r.episode[i] > kEpisodeSteps; }

inline void draw_command(const Robots& r, int i) {
  const float speed = 0.2f + 0.6f * uniform_of(hashed(r.seed, static_cast<std::uint64_t>(i), r.draws[i]++));
  r.command[i] = r.task == Task::Walk ? speed : r.task == Task::WalkBack ? -speed : 0.0f;
}

// At the start of an episode.
inline void place(const Robots& r, int i) {
  for (int f = 0; f < kFields; ++f) field(r, i, f) = 0.0f;
  field(r, i, kPosition + 2) = kStartHeight;
  field(r, i, kOrientation) = 1.0f;
  for (int j = 0; j < kJoints; ++j) {
    field(r, i, kJoint + j) = default_joint(j);
    const std::size_t at = static_cast<std::size_t>(i) * kJoints + static_cast<std::size_t>(j);
    r.action[at] = r.last_action[at] = r.last_rate[at] = 0.0f;
  }
  r.highest[i] = 0.0f;
  r.episode[i] = 0;
  draw_command(r, i);
}

inline void observe(const Robots& r, int i) {
  float* out = r.observations + static_cast<std::size_t>(i) * kObservationStride;
  const float w = field(r, i, kOrientation), x = field(r, i, kOrientation + 1), y = field(r, i, kOrientation + 2),
              z = field(r, i, kOrientation + 3);
  for (int k = 0; k < 3; ++k) out[k] = 0.25f * field(r, i, kTurnRate + k);
  out[3] = -2 * (x * z - w * y);
  out[4] = -2 * (y * z + w * x);
  out[5] = 2 * (x * x + y * y) - 1;
  out[6] = 2.0f * r.command[i];
  out[7] = out[8] = 0.0f;
  for (int j = 0; j < kJoints; ++j) {
    out[9 + j] = field(r, i, kJoint + j) - default_joint(j);
    out[21 + j] = 0.05f * field(r, i, kJointRate + j);
    out[33 + j] = r.action[static_cast<std::size_t>(i) * kJoints + static_cast<std::size_t>(j)];
  }
}

// The first episode. `scattered`: it begins at a random time of its 20 s.
inline void begin(const Robots& r, int i, bool scattered) {
  place(r, i);
  if (scattered) r.episode[i] = static_cast<int>(hashed(r.seed, static_cast<std::uint64_t>(i), 0xe915) % kEpisodeSteps);
  observe(r, i);
}

// `wanted`: kJoints numbers of the policy, of which any may be no number.
inline void take_action(const Robots& r, int i, const float* wanted) {
  for (int j = 0; j < kJoints; ++j) {
    const std::size_t at = static_cast<std::size_t>(i) * kJoints + static_cast<std::size_t>(j);
    // One control step of latency: the motors follow the action of the step before.
    field(r, i, kTarget + j) = default_joint(j) + kActionScale * r.action[at];
    r.last_action[at] = r.action[at];
    r.action[at] = std::isfinite(wanted[j]) ? std::clamp(wanted[j], -kLargestAction, kLargestAction) : 0.0f;
    r.last_rate[at] = field(r, i, kJointRate + j);
  }
}

// How far joint j of robot i starts from its default where robots are to differ: up to `most` either way.
inline float joint_move(std::uint64_t seed, int i, int j, float most) {
  return most * (2 * uniform_of(hashed(seed, static_cast<std::uint64_t>(i * kJoints + j), 0x57a7)) - 1);
}

// After the physics: the time, falls, the highest point.
inline void look(const Robots& r, int i) {
  ++r.episode[i];
  const float w = field(r, i, kOrientation), x = field(r, i, kOrientation + 1), y = field(r, i, kOrientation + 2),
              z = field(r, i, kOrientation + 3);
  const float up_x = 2 * (x * z - w * y), up_y = 2 * (y * z + w * x), up_z = 1 - 2 * (x * x + y * y), height = field(r, i, kPosition + 2);
  // |roll| = |atan2(up_y, up_z)| and |pitch| = |asin(-up_x)| within the fall angle, without their computation.
  const float sine = r.least_upright / std::sqrt(1 + r.least_upright * r.least_upright);
  const bool upright = up_z > 0 && std::fabs(up_y) <= r.least_upright * up_z && std::fabs(up_x) <= sine;
  r.fell[i] = !(upright && std::isfinite(height));  // a robot whose numbers blew up has fallen too
  r.highest[i] = std::max(r.highest[i], height);
}

// Robots that fell or timed out start again, commands are drawn anew.
inline void settle(const Robots& r, int i) {
  if (r.fell[i] != 0 && r.restart == 0) r.out[i] = 1;
  if (r.fell[i] != 0 || timed_out(r, i))
    place(r, i);
  else if (r.episode[i] % kCommandSteps == 0)
    draw_command(r, i);
  observe(r, i);
}

// What a reward function is given; between look() and settle().
inline void see(const Robots& r, int i, ha::robot::State& s) {
  const float* at = r.state + first_field(i);
  const auto copy = [&](float* to, int f, int count) {
    for (int k = 0; k < count; ++k) to[k] = at[(f + k) * kBlock];
  };
  copy(s.position, kPosition, 3);
  copy(s.orientation, kOrientation, 4);
  copy(s.velocity, kBaseVelocity, 3);
  copy(s.turn_rate, kTurnRate, 3);
  const float w = s.orientation[0], x = s.orientation[1], y = s.orientation[2], z = s.orientation[3];
  s.gravity[0] = -2 * (x * z - w * y);
  s.gravity[1] = -2 * (y * z + w * x);
  s.gravity[2] = 2 * (x * x + y * y) - 1;
  s.roll = std::atan2(-s.gravity[1], -s.gravity[2]);
  s.pitch = std::asin(std::clamp(s.gravity[0], -1.0f, 1.0f));
  s.yaw = std::atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));
  s.command[0] = r.command[i];
  s.command[1] = s.command[2] = 0.0f;
  for (int j = 0; j < kJoints; ++j) {
    const std::size_t k = static_cast<std::size_t>(i) * kJoints + static_cast<std::size_t>(j);
    s.action[j] = r.action[k];
    s.last_action[j] = r.last_action[k];
    s.last_joint_rate[j] = r.last_rate[k];
    s.joint_default[j] = default_joint(j);
  }
  copy(s.joint, kJoint, kJoints);
  copy(s.joint_rate, kJointRate, kJoints);
  copy(s.torque, kTorque, kJoints);
  copy(s.foot_height, kFootHeight, kLegs);
  copy(s.foot_force, kFootForce, kLegs);
  s.highest = r.highest[i];
  s.start_height = kStartHeight;
  s.time = kStepSeconds * static_cast<float>(r.episode[i]);
  s.dt = kStepSeconds;
  s.fell = r.fell[i] != 0 ? 1.0f : 0.0f;
}

}  // namespace hyperagent::robot
