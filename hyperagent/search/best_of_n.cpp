#include "hyperagent/search/best_of_n.h"

namespace hyperagent {

std::vector<int> BestOfNStrategy::choose_parents(const Pool&, std::span<Rng> rngs) { return std::vector<int>(rngs.size(), 0); }

}  // namespace hyperagent
