// Keep or revert: the best agent so far is always the parent (highest val, then train, then the oldest).
#pragma once

#include "hyperagent/search/strategy.h"

namespace hyperagent {

class GreedyStrategy : public Strategy {
 public:
  std::string name() const override { return "greedy"; }
  std::vector<int> choose_parents(const Pool& pool, std::span<Rng> rngs) override;
};

}  // namespace hyperagent
