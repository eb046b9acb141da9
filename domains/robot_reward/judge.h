// The score of a policy on a task: fresh robots, starts that differ a little, the policy's mean action, 20 s. Candidate code is never near.
//
// walk, walkback: at every step exp(-4 (commanded - actual forward speed)^2), averaged over robots and steps; a robot that fell scores 0 from
// then on, so a fall never raises the score, and perfect tracking is 1.
// hop: for every robot and window of 4 s the highest point of the base over the start height, in units of kHopUnit, held to 0..1; a window in
// which the robot has fallen, or after, scores 0. Standing still is 0. The first second, in which robots drop from their start, does not count.
#pragma once

#include <algorithm>

#include "domains/robot_reward/arena.h"
#include "domains/robot_reward/network.h"

namespace hyperagent::robot {

inline constexpr float kHopUnit = 0.5f;     // m
inline constexpr int kSettlingSteps = 50;   // before a hop counts
inline constexpr float kStartMove = 0.05f;  // rad, that joints start from their default pose, at most

// What the highest point of a window is worth.
inline double hop_score(double highest) {
  return std::clamp((highest - static_cast<double>(kStartHeight)) / static_cast<double>(kHopUnit), 0.0, 1.0);
}

struct JudgeOptions {
  Task task = Task::Walk;
  int robots = 256;
  std::uint64_t seed = 1;
};

struct Judgement {
  double score = 0;            // 0 to 1
  double standard_error = 0;   // over robots
  double average_fitness = 0;  // the reference's own figure (fitness_events.h)
  double fell = 0;             // share of robots that fell
  double speed_error = 0;      // mean |commanded - actual| forward speed over steps before a fall, m/s
  double highest = 0;          // mean over robots of the highest point after the first second, m
};

Judgement judge(const Policy& policy, const JudgeOptions& options, const Kernels& kernels, Crew& crew);
Json to_json(const Judgement& judgement);

}  // namespace hyperagent::robot
