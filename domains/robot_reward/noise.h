// The noise of actions: normally distributed numbers from hashes (hashed.h).
#pragma once

#include <array>
#include <cstdint>

#include "domains/robot_reward/hashed.h"

namespace hyperagent::robot {

// The standard normal distribution by 4096 equally likely levels: a look-up in 16 KiB, five numbers from one hash.
class NormalLevels {
 public:
  NormalLevels();
  static constexpr int kBits = 12;
  float level(std::uint64_t hash, int which) const { return levels_[(hash >> (kBits * which)) & 4095]; }  // which: 0 to 4

 private:
  std::array<float, 4096> levels_;
};

}  // namespace hyperagent::robot
