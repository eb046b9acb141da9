// The control "best of N edits of the first agent": the parent is always agent 0, so nothing is ever built on.
#pragma once

#include "hyperagent/search/strategy.h"

namespace hyperagent {

class BestOfNStrategy : public Strategy {
 public:
  std::string name() const override { return "best_of_n"; }
  std::vector<int> choose_parents(const Pool& pool, std::span<Rng> rngs) override;
};

}  // namespace hyperagent
