// The noise of actions: normally distributed numbers from hashes (hashed.h). draw_action() also for a device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "domains/robot_reward/hashed.h"
#include "domains/robot_reward/rollout.h"

namespace hyperagent::robot {

// The standard normal distribution by 4096 equally likely levels: a look-up in 16 KiB, five numbers from one hash.
class NormalLevels {
 public:
  static constexpr int kBits = 12, kCount = 1 << kBits;
  NormalLevels();
  const float* data() const { return levels_.data(); }

 private:
  std::array<float, kCount> levels_;
};

inline float normal_level(const float* levels, std::uint64_t hash, int which) {  // which: 0 to 4
  return levels[(hash >> (NormalLevels::kBits * which)) & (NormalLevels::kCount - 1)];
}

// The noise of a control step of a policy whose actions deviate by exp(log_deviation).
ActionNoise action_noise(std::uint64_t seed, std::uint64_t place, const float* log_deviation);

// An action of robot i, and the logarithm of its probability. `levels`: NormalLevels::data(), wherever it is.
inline void draw_action(const ActionNoise& noise, const float* levels, int i, const float* mean, float* action, float& log_probability) {
  float squares = 0;
  std::uint64_t hash = 0;
  for (int j = 0; j < kActions; ++j) {
    if (j % 5 == 0) hash = hashed(noise.seed, static_cast<std::uint64_t>(i) * 4 + static_cast<std::uint64_t>(j / 5), noise.place);
    const float level = normal_level(levels, hash, j % 5);
    squares += level * level;
    action[j] = mean[j] + noise.deviation[j] * level;
  }
  log_probability = noise.log_constant - 0.5f * squares;
}

}  // namespace hyperagent::robot
