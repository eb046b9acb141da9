// Whether a training has diverged, so that going on would only cost time. It has when, for kPatience iterations in a row,
//   - its updates changed the policy by more than kLargestKl (mean KL divergence; the learning rate is adapted to keep it at 0.01), or
//   - its critic expects more, on average, than kLargestValue times what any policy could gain: a discounted sum of rewards is at most the
//     largest reward / (1 - gamma), so this knows no scale of rewards. (Sums below 1 are taken for 1: a fresh network's values are not 0.)
// Numbers that are not finite end a training at once (ppo.cpp).
#pragma once

#include <string>

namespace hyperagent::robot {

class Divergence {
 public:
  static constexpr int kPatience = 3;
  static constexpr double kLargestKl = 1, kLargestValue = 10;

  explicit Divergence(double gamma) : gamma_(gamma) {}
  // After each iteration: the mean KL of its updates, the mean size of its values, and the largest reward so far, of a step, in the values' units.
  // What diverged, in words for the reward's author; empty as long as nothing has.
  std::string after(double kl, double value, double largest_reward);

 private:
  double gamma_;
  int policy_ = 0, critic_ = 0;  // iterations in a row
};

}  // namespace hyperagent::robot
