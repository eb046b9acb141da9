// The control "random edits without selection": the parent is drawn uniformly from the archive and no candidate is gated by its
// score, so whatever runs is archived.
#pragma once

#include "hyperagent/search/strategy.h"

namespace hyperagent {

class RandomStrategy : public Strategy {
 public:
  std::string name() const override { return "random"; }
  std::vector<int> choose_parents(const Pool& pool, std::span<Rng> rngs) override;
  bool gated() const override { return false; }
};

}  // namespace hyperagent
