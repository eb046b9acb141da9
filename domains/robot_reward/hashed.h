// Random numbers that depend on a place (seed, robot, step) alone, so that threads and the order of work never matter. Also for a device:
// needs nothing of the standard library but its integers.
#pragma once

#include <cstdint>

namespace hyperagent::robot {

// The finaliser of splitmix64 over three words.
inline std::uint64_t hashed(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = seed * 0x9e3779b97f4a7c15ull + a * 0xbf58476d1ce4e5b9ull + b * 0x94d049bb133111ebull + 0x2545f4914f6cdd1dull;
  for (int i = 0; i < 2; ++i) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    x ^= x >> 31;
  }
  return x;
}

// [0, 1)
inline float uniform_of(std::uint64_t hash) { return static_cast<float>(hash >> 40) * 0x1p-24f; }

}  // namespace hyperagent::robot
