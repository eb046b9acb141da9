// Many robots doing one task on the CPU: commands, latency, falls, episodes, observations (episode.h). The physics is kernels/; rewards and scores
// are the caller's.
//
// A control step has two halves, between which the caller looks at what happened:
//
//   arena.act(actions);               // latency, physics, falls
//   ... arena.robot(i), arena.fell(i), arena.timed_out(i) ...
//   arena.settle();                   // robots that fell or timed out start again, commands are drawn anew
//   const float* observation = arena.observations();   // N x kObservationStride
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domains/robot_reward/crew.h"
#include "domains/robot_reward/episode.h"
#include "domains/robot_reward/kernels/kernels.h"
#include "hyperagent/core/result.h"

namespace hyperagent::robot {

const char* to_string(Task task);                    // "walk", "walkback", "hop"
Result<Task> task_from(const std::string& name);     // user error that lists the names

struct ArenaOptions {
  Task task = Task::Walk;
  int robots = 1024;           // rounded up to a multiple of 16
  std::uint64_t seed = 1;
  bool scattered_start = false;  // episodes begin at random times, so that training robots do not end theirs together
  bool restart = true;           // false: a robot that fell stays out (the judge); it is simulated on, unseen
  Physics physics;
};

// The angle from upright, by roll or pitch, that ends an episode: 10 degrees walking, 30 hopping.
float fall_angle(Task task);

// How many robots these options make, and all of `Robots` that is no pointer.
int robot_count(const ArenaOptions& options);
Robots robots_of(const ArenaOptions& options);

class Arena {
 public:
  // `crew` and `kernels` outlive the arena.
  Arena(const ArenaOptions& options, const Kernels& kernels, Crew& crew);
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Before the first step: moves each joint of each robot by up to `most` rad, each its own way. Hop has no commands: its robots are
  // otherwise one robot many times.
  void move_joints(float most);

  int size() const { return robots_.count; }
  Task task() const { return robots_.task; }
  void act(const float* actions, int stride = kActions);  // N rows of `stride` numbers, of which the first kActions count
  void settle();
  const float* observations() const { return robots_.observations; }
  // From the next settle() on observations go to `rows` (N x kObservationStride), borrowed.
  void observe_into(float* rows) { robots_.observations = rows; }

  // What a reward function is given; valid between act() and settle().
  void robot(int i, ha::robot::State& state) const { see(robots_, i, state); }
  // The few numbers a score needs, also valid then.
  float forward_speed(int i) const { return field(robots_, i, kBaseVelocity); }
  float forward_command(int i) const { return command_[static_cast<std::size_t>(i)]; }
  float height(int i) const { return field(robots_, i, kPosition + 2); }
  bool fell(int i) const { return fell_[static_cast<std::size_t>(i)] != 0; }
  bool timed_out(int i) const { return robot::timed_out(robots_, i); }
  bool out(int i) const { return out_[static_cast<std::size_t>(i)] != 0; }  // fell earlier, and no restart
  int episode_step(int i) const { return episode_[static_cast<std::size_t>(i)]; }

 private:
  Physics physics_;
  const Kernels& kernels_;
  Crew& crew_;
  Model model_;
  std::vector<float> state_, action_, last_action_, last_rate_, command_, highest_, observations_;
  std::vector<int> episode_;
  std::vector<unsigned char> fell_, out_;
  std::vector<std::uint32_t> draws_;
  Robots robots_;  // over the vectors above
};

}  // namespace hyperagent::robot
