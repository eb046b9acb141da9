// Many robots doing one task: commands, latency, falls, episodes, observations. The physics is kernels/; rewards and scores are the caller's.
//
// A control step has two halves, between which the caller looks at what happened:
//
//   arena.act(actions);               // N x 12, row-major: latency, physics, falls
//   ... arena.robot(i), arena.fell(i), arena.timed_out(i) ...
//   arena.settle();                   // robots that fell or timed out start again, commands are drawn anew
//   const float* observation = arena.observations();   // N x kObservationStride
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ha/robot.h>

#include "domains/robot_reward/crew.h"
#include "domains/robot_reward/kernels/kernels.h"
#include "hyperagent/core/result.h"

namespace hyperagent::robot {

enum class Task { Walk, WalkBack, Hop };
const char* to_string(Task task);                    // "walk", "walkback", "hop"
Result<Task> task_from(const std::string& name);     // user error that lists the names

inline constexpr int kObservations = 45, kObservationStride = 48;
inline constexpr int kEpisodeSteps = 1000;   // 20 s
inline constexpr int kCommandSteps = 200;    // 4 s
inline constexpr float kStepSeconds = 0.02f, kActionScale = 0.25f, kStartHeight = 0.42f;

struct ArenaOptions {
  Task task = Task::Walk;
  int robots = 1024;           // rounded up to a multiple of 16
  std::uint64_t seed = 1;
  bool scattered_start = false;  // episodes begin at random times, so that training robots do not end theirs together
  bool restart = true;           // false: a robot that fell stays out (the judge); it is simulated on, unseen
  Physics physics;
};

// The pose that actions are offsets from: hips 0, thighs 0.8 (front) and 1.0 (rear), calves -1.5.
float default_joint(int joint);

// The angle from upright, by roll or pitch, that ends an episode: 10 degrees walking, 30 hopping.
float fall_angle(Task task);

class Arena {
 public:
  // `crew` and `kernels` outlive the arena.
  Arena(const ArenaOptions& options, const Kernels& kernels, Crew& crew);

  int size() const { return robots_; }
  Task task() const { return options_.task; }
  void act(const float* actions);
  void settle();
  const float* observations() const { return observations_.data(); }

  // What a reward function is given; valid between act() and settle().
  void robot(int i, ha::robot::State& state) const;
  // The few numbers a score needs, also valid then.
  float forward_speed(int i) const { return field(i, kBaseVelocity); }
  float forward_command(int i) const { return command_[static_cast<std::size_t>(i)]; }
  float height(int i) const { return field(i, kPosition + 2); }
  bool fell(int i) const { return fell_[static_cast<std::size_t>(i)] != 0; }
  bool timed_out(int i) const { return episode_[static_cast<std::size_t>(i)] > kEpisodeSteps; }
  bool out(int i) const { return out_[static_cast<std::size_t>(i)] != 0; }  // fell earlier, and no restart
  int episode_step(int i) const { return episode_[static_cast<std::size_t>(i)]; }

 private:
  float& field(int i, int f) { return state_[index(i, f)]; }
  float field(int i, int f) const { return state_[index(i, f)]; }
  static std::size_t index(int i, int f) {
    return (static_cast<std::size_t>(i / kBlock) * kFields + static_cast<std::size_t>(f)) * kBlock + static_cast<std::size_t>(i % kBlock);
  }
  void place(int i);
  void draw_command(int i);
  void observe(int i);

  ArenaOptions options_;
  const Kernels& kernels_;
  Crew& crew_;
  Model model_;
  int robots_;
  float least_upright_;                    // cosine-like bound, see fell
  std::vector<float> state_;               // kernels.h
  std::vector<float> action_, last_action_, last_rate_;  // N x 12
  std::vector<float> command_, highest_, observations_;
  std::vector<int> episode_;
  std::vector<unsigned char> fell_, out_;
  std::vector<std::uint32_t> draws_;       // commands drawn by each robot: the place of its next random number
};

}  // namespace hyperagent::robot
