#include "hyperagent/search/strategy.h"

#include "hyperagent/search/best_of_n.h"
#include "hyperagent/search/dgmh.h"
#include "hyperagent/search/greedy.h"
#include "hyperagent/search/random.h"

namespace hyperagent {

Result<std::unique_ptr<Strategy>> make_strategy(const std::string& name) {
  if (name == "dgmh") return std::unique_ptr<Strategy>(std::make_unique<DgmhStrategy>());
  if (name == "greedy") return std::unique_ptr<Strategy>(std::make_unique<GreedyStrategy>());
  if (name == "random") return std::unique_ptr<Strategy>(std::make_unique<RandomStrategy>());
  if (name == "best_of_n") return std::unique_ptr<Strategy>(std::make_unique<BestOfNStrategy>());
  return user_error("unknown search strategy '" + name + "'; choose one of dgmh, greedy, random, best_of_n");
}

}  // namespace hyperagent
