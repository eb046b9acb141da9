// The robot_reward domain: what a reward function is given, and the terms it can be made of.
//
//   float reward(const ha::robot::State& state) {
//     return ha::small(ha::forward_error(state), 0.5f) + ha::minus(ha::action_change(state), 0.01f);
//   }
//
// It is called once per robot and control step (0.02 s) while a policy is trained, and must be a pure function of the state: what it does
// beyond returning a number cannot reach the judge, which scores the trained policy in a process that never loads it. A reward that is not
// finite, or an exception, ends the training and is the agent's failure. Plain floats only, so that the same source compiles for a GPU.
#pragma once

#include <cmath>

#include <ha/value.h>

namespace ha::robot {

inline constexpr int kJoints = 12;  // legs FR, FL, RR, RL, each hip, thigh, calf
inline constexpr int kFeet = 4;     // FR, FL, RR, RL

// One robot after a control step, before it is put back to the start where it fell. Axes of the base: x forward, y left, z up.
struct State {
  float position[3];        // of the base, m, world
  float orientation[4];     // w x y z, base to world
  float roll, pitch, yaw;   // rad
  float velocity[3];        // of the base, m/s, base axes
  float turn_rate[3];       // rad/s, base axes
  float gravity[3];         // direction of gravity, unit vector in base axes; (0, 0, -1) upright
  float command[3];         // wanted: forward m/s, sideways m/s, turn rad/s
  float action[kJoints];       // of this step, as the policy gave it; 0.25 rad a unit, around the default pose
  float last_action[kJoints];  // of the step before
  float joint[kJoints];        // rad
  float joint_rate[kJoints];   // rad/s
  float last_joint_rate[kJoints];  // a step before
  float joint_default[kJoints];    // rad, the default pose
  float torque[kJoints];       // Nm, of the motors
  float foot_height[kFeet];    // m, of the foot's lowest point over the ground
  float foot_force[kFeet];     // N, normal, mean over the step
  float highest;               // m, of the base since it was put at the start
  float start_height;          // m, of the base at the start
  float time;                  // s since then
  float dt;                    // s, a control step
  float fell;                  // 1 where this step ends the episode with a fall, else 0
};

// Named parts of a reward, for reports only: an agent may define `void components(const ha::robot::State&, ha::robot::Components&)`.
struct Components {
  static constexpr int kMost = 16;
  int count = 0;
  const char* name[kMost];  // string literals
  float value[kMost];
  void add(const char* called, float part) {
    if (count >= kMost) return;
    name[count] = called;
    value[count++] = part;
  }
};

}  // namespace ha::robot

// Entry points of the domain: the first is required.
float reward(const ha::robot::State& state);
void components(const ha::robot::State& state, ha::robot::Components& parts);

namespace ha {

// How far a robot is from what its command asks for; never negative.
class Error {
 public:
  explicit Error(float amount) : amount_(amount) {}
  float amount() const { return amount_; }

 private:
  float amount_;
};

// How much of something else there is in a state; never negative. Both are types of their own, so that typed edits weigh them before adding.
class Measure {
 public:
  explicit Measure(float amount) : amount_(amount) {}
  float amount() const { return amount_; }

 private:
  float amount_;
};

namespace robot {
inline float norm(const float* values, int count) {
  float sum = 0;
  for (int i = 0; i < count; ++i) sum += values[i] * values[i];
  return std::sqrt(sum);
}
inline float distance(const float* a, const float* b, int count) {
  float sum = 0;
  for (int i = 0; i < count; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}
}  // namespace robot

// --- Errors.
HA_BLOCK inline Error forward_error(const robot::State& s) { return Error(std::fabs(s.command[0] - s.velocity[0])); }   // m/s
HA_BLOCK inline Error sideways_error(const robot::State& s) { return Error(std::fabs(s.command[1] - s.velocity[1])); }  // m/s
HA_BLOCK inline Error turn_error(const robot::State& s) { return Error(std::fabs(s.command[2] - s.turn_rate[2])); }     // rad/s
// --- Measures.
HA_BLOCK inline Measure speed(const robot::State& s) { return Measure(robot::norm(s.velocity, 2)); }                        // m/s, horizontal
HA_BLOCK inline Measure vertical_speed(const robot::State& s) { return Measure(std::fabs(s.velocity[2])); }                 // m/s, up or down
HA_BLOCK inline Measure rising_speed(const robot::State& s) { return Measure(std::fmax(s.velocity[2], 0.0f)); }             // m/s, up
HA_BLOCK inline Measure height(const robot::State& s) { return Measure(std::fmax(s.position[2], 0.0f)); }                   // m
HA_BLOCK inline Measure height_above_start(const robot::State& s) { return Measure(std::fmax(s.position[2] - s.start_height, 0.0f)); }  // m
HA_BLOCK inline Measure tilt(const robot::State& s) { return Measure(robot::norm(s.gravity, 2)); }            // sine of the angle from upright
HA_BLOCK inline Measure wobble(const robot::State& s) { return Measure(robot::norm(s.turn_rate, 2)); }        // rad/s of roll and pitch
HA_BLOCK inline Measure action_size(const robot::State& s) { return Measure(robot::norm(s.action, robot::kJoints)); }
HA_BLOCK inline Measure action_change(const robot::State& s) { return Measure(robot::distance(s.action, s.last_action, robot::kJoints)); }
HA_BLOCK inline Measure joint_speed(const robot::State& s) { return Measure(robot::norm(s.joint_rate, robot::kJoints)); }  // rad/s
HA_BLOCK inline Measure joint_offset(const robot::State& s) { return Measure(robot::distance(s.joint, s.joint_default, robot::kJoints)); }  // rad
HA_BLOCK inline Measure joint_jerk(const robot::State& s) { return Measure(robot::distance(s.joint_rate, s.last_joint_rate, robot::kJoints)); }  // rad/s
HA_BLOCK inline Measure effort(const robot::State& s) { return Measure(robot::norm(s.torque, robot::kJoints)); }  // Nm
// How far the base is from the height at which a robot stands, or from another one, m.
HA_BLOCK inline Measure height_error(const robot::State& s) { return Measure(std::fabs(s.position[2] - 0.3f)); }
inline Measure height_error(const robot::State& s, float wanted) { return Measure(std::fabs(s.position[2] - wanted)); }
// Feet on the ground, 0 to 4.
HA_BLOCK inline Measure feet_down(const robot::State& s) {
  float count = 0;
  for (int i = 0; i < robot::kFeet; ++i) count += s.foot_force[i] > 1.0f ? 1.0f : 0.0f;
  return Measure(count);
}

// --- What these are worth.
// 1 when there is none of it, falling to 0: exp(-(amount / width)^2).
inline float bell(float amount, float width) {
  const float scaled = amount / (std::fabs(width) + 1e-3f);
  return std::exp(-scaled * scaled);
}
HA_BLOCK inline float small(const Error& e, HA_RANGE("0.25 0.5 1") float width) { return bell(e.amount(), width); }
HA_BLOCK inline float small(const Measure& m, HA_RANGE("0.1 0.25 0.5 1 2") float width) { return bell(m.amount(), width); }
// A penalty: -weight * amount^2.
HA_BLOCK inline float minus(const Measure& m, HA_RANGE("0.001 0.01 0.05 0.1 0.3 1") float weight) { return -weight * m.amount() * m.amount(); }
// The more the better: weight * amount.
HA_BLOCK inline float large(const Measure& m, HA_RANGE("0.1 0.3 1 3") float weight) { return weight * m.amount(); }

}  // namespace ha
