// A search strategy says which agents become parents. One file per strategy; the list of all is make_strategy().
//
// A strategy may keep an index of the pool that it extends with the agents added since its last call, so that selecting does not
// slow down as the archive grows. Hence: one object serves one pool and one thread. What it chooses depends only on the pool's
// agents and the random streams, never on how often it was asked: a resumed run chooses what an uninterrupted one would have.
//
//   auto strategy = make_strategy("dgmh");
//   std::vector<Rng> rngs = {Rng::at(seed, {generation, 0}), Rng::at(seed, {generation, 1})};
//   std::vector<int> parents = (*strategy)->choose_parents(pool, rngs);  // one agent id per stream
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hyperagent/core/pool.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/rng.h"

namespace hyperagent {

class Strategy {
 public:
  virtual ~Strategy() = default;
  virtual std::string name() const = 0;
  // One parent per random stream, in order; all from the pool as it stands now, which must not be empty.
  virtual std::vector<int> choose_parents(const Pool& pool, std::span<Rng> rngs) = 0;
  // Whether a candidate must hold its parent's score on the first stage to be evaluated in full.
  virtual bool gated() const { return true; }

  int choose_parent(const Pool& pool, Rng& rng) { return choose_parents(pool, std::span<Rng>(&rng, 1)).front(); }
};

// "dgmh", "greedy", "random" or "best_of_n"; a user error lists them for any other name.
Result<std::unique_ptr<Strategy>> make_strategy(const std::string& name);

}  // namespace hyperagent
