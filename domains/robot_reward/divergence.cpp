#include "domains/robot_reward/divergence.h"

#include <algorithm>
#include <cstdio>

namespace hyperagent::robot {

std::string Divergence::after(double kl, double value, double largest_reward) {
  const double most = std::max(1.0, largest_reward / (1 - gamma_));
  policy_ = kl > kLargestKl ? policy_ + 1 : 0;
  critic_ = value > kLargestValue * most ? critic_ + 1 : 0;
  char words[200] = "";
  if (policy_ >= kPatience)
    std::snprintf(words, sizeof words, "the training diverged: %d updates in a row changed the policy too much, the last by a KL divergence of %.3g", kPatience, kl);
  else if (critic_ >= kPatience)
    std::snprintf(words, sizeof words, "the training diverged: for %d iterations its critic expected %.3g and more, where rewards can add up to %.3g", kPatience, value, most);
  return words;
}

}  // namespace hyperagent::robot
