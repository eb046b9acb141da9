#include "hyperagent/core/rng.h"

#include <cassert>

namespace hyperagent {

Rng Rng::at(std::uint64_t seed, std::initializer_list<std::uint64_t> place) {
  Rng rng(seed);
  for (std::uint64_t part : place) rng = Rng(rng.next() ^ (part * 0x9E3779B97F4A7C15ull));
  rng.next();
  return rng;
}

std::uint64_t Rng::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::uint64_t Rng::below(std::uint64_t bound) {
  assert(bound > 0 && "below(0)");
  return next() % bound;  // the bias is below 2^-32 for the bounds used here
}

std::size_t Rng::weighted(std::span<const double> weights) {
  assert(!weights.empty() && "no weights to draw from");
  double sum = 0;
  for (double weight : weights) sum += weight;
  if (!(sum > 0)) return below(weights.size());
  double point = uniform() * sum;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    point -= weights[i];
    if (point < 0) return i;
  }
  return weights.size() - 1;
}

}  // namespace hyperagent
