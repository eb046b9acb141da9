#include "hyperagent/search/greedy.h"

namespace hyperagent {

std::vector<int> GreedyStrategy::choose_parents(const Pool& pool, std::span<Rng> rngs) {
  return std::vector<int>(rngs.size(), pool.best());
}

}  // namespace hyperagent
