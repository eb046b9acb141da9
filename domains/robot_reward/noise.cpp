#include "domains/robot_reward/noise.h"

#include <cmath>

namespace hyperagent::robot {

NormalLevels::NormalLevels() {
  double variance = 0;
  std::array<double, kCount> exact;
  for (int i = 0; i < kCount; ++i) {
    const double wanted = (i + 0.5) / kCount;
    double low = -8, high = 8;
    for (int step = 0; step < 60; ++step) {
      const double middle = (low + high) / 2;
      (0.5 * std::erfc(-middle / std::sqrt(2.0)) < wanted ? low : high) = middle;
    }
    exact[static_cast<std::size_t>(i)] = low;
    variance += low * low / kCount;
  }
  for (std::size_t i = 0; i < kCount; ++i) levels_[i] = static_cast<float>(exact[i] / std::sqrt(variance));
}

ActionNoise action_noise(std::uint64_t seed, std::uint64_t place, const float* log_deviation) {
  ActionNoise noise{seed ^ 0xac710, place, {}, 0};
  for (int j = 0; j < kActions; ++j) {
    noise.deviation[j] = std::exp(log_deviation[j]);
    noise.log_constant -= log_deviation[j] + static_cast<float>(kHalfLogTwoPi);
  }
  return noise;
}

}  // namespace hyperagent::robot
