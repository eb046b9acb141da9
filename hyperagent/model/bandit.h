// Which of several models writes the next edit: a cost-aware bandit over what became of each model's proposals.
//
// Theory of operation. After UCB1 (Auer, Cesa-Bianchi, Fischer 2002) with the cost term of ShinkaEvolve's ensemble (own code
// throughout): an arm's value is its mean reward plus sqrt(2 ln N / n), and a share of the weight goes to being cheap. The reward of a proposal
// is 1 when its child scored better on train than its parent, 0.25 when it was archived without being better, else 0. Everything is read
// from the pool, so a resumed or replayed run chooses alike. The slots of one generation are drawn one by one, each counting as a pull
// without a result yet, so that a batch spreads over near-equal arms.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "hyperagent/core/pool.h"
#include "hyperagent/core/rng.h"

namespace hyperagent::model {

struct Arm {
  std::string model;
  double pulls = 0, reward = 0, cost = 0;  // sums; cost in dollars, or in tokens where all prices are 0
};

inline constexpr double kCheapness = 0.3;  // weight of being cheap against being good

// What the pool says of each model, in the order of `models`.
std::vector<Arm> arms_of(const Pool& pool, const std::vector<std::string>& models);
// The index of the best arm; unpulled ones first, ties by `rng`.
std::size_t choose_arm(const std::vector<Arm>& arms, Rng& rng);

}  // namespace hyperagent::model
