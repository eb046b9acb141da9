#include "hyperagent/search/random.h"

namespace hyperagent {

std::vector<int> RandomStrategy::choose_parents(const Pool& pool, std::span<Rng> rngs) {
  std::vector<int> parents;
  for (Rng& rng : rngs) parents.push_back(static_cast<int>(rng.below(pool.agents().size())));
  return parents;
}

}  // namespace hyperagent
