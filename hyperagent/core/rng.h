// Deterministic random numbers: same seed, same bytes on every machine (std distributions differ between libraries, so none are used).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

namespace hyperagent {

// splitmix64 (Steele, Lea, Flood 2014): one 64-bit state, good enough to drive a search, trivially reproducible.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}
  // An independent stream for a place in the run: Rng::at(seed, {generation, slot}).
  static Rng at(std::uint64_t seed, std::initializer_list<std::uint64_t> place);
  std::uint64_t next();
  double uniform();                          // [0, 1)
  std::uint64_t below(std::uint64_t bound);  // [0, bound); bound > 0
  // Index drawn with probability proportional to weights; uniform when they sum to 0. weights must not be empty.
  std::size_t weighted(std::span<const double> weights);

 private:
  std::uint64_t state_;
};

}  // namespace hyperagent
