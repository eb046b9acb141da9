// The reference's own figure, its average_fitness: a sum of fitness * 0.02 s per robot, handed in divided by 4 s, and zeroed, whenever its command
// is drawn anew or it starts again; each step in which a robot does is one event (the mean over those robots), and all events weigh the same.
// Each step hands in first and then adds, so that perfect tracking over 1001 steps is (0.995 + 4 * 1 + 0.005) / 6 = 0.8333.
#pragma once

#include <cstddef>
#include <vector>

#include "domains/robot_reward/episode.h"

namespace hyperagent::robot {

class FitnessEvents {
 public:
  explicit FitnessEvents(int robots) : sums_(static_cast<std::size_t>(robots)) {}
  void hand_in(int i) {
    event_ += sums_[static_cast<std::size_t>(i)] / (kCommandSteps * kStepSeconds);
    ++in_event_;
    sums_[static_cast<std::size_t>(i)] = 0;
  }
  void end_step() {
    if (in_event_ == 0) return;
    total_ += event_ / in_event_;
    ++events_;
    event_ = 0;
    in_event_ = 0;
  }
  void add(int i, double fitness) { sums_[static_cast<std::size_t>(i)] += fitness * kStepSeconds; }
  double mean() const { return events_ > 0 ? total_ / events_ : 0; }

 private:
  std::vector<double> sums_;
  double event_ = 0, total_ = 0;
  int in_event_ = 0, events_ = 0;
};

}  // namespace hyperagent::robot
