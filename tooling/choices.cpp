#include "tooling/choices.h"

#include <numeric>

namespace hyperagent::tooling {

bool EveryChoice::next() {
  while (!decisions_.empty() && decisions_.back().taken + 1 == decisions_.back().of) decisions_.pop_back();
  made_ = 0;
  likelihood_ = 1;
  if (decisions_.empty()) return false;
  ++decisions_.back().taken;
  return true;
}

std::size_t EveryChoice::decide(const std::vector<double>& weights) {
  if (made_ == decisions_.size()) decisions_.push_back({0, weights.size()});
  const std::size_t taken = decisions_[made_++].taken;
  likelihood_ *= weights[taken] / std::accumulate(weights.begin(), weights.end(), 0.0);
  return taken;
}

}  // namespace hyperagent::tooling
