#include "domains/robot_reward/noise.h"

#include <cmath>

namespace hyperagent::robot {

NormalLevels::NormalLevels() {
  double variance = 0;
  std::array<double, 4096> exact;
  for (int i = 0; i < 4096; ++i) {
    const double wanted = (i + 0.5) / 4096;
    double low = -8, high = 8;
    for (int step = 0; step < 60; ++step) {
      const double middle = (low + high) / 2;
      (0.5 * std::erfc(-middle / std::sqrt(2.0)) < wanted ? low : high) = middle;
    }
    exact[static_cast<std::size_t>(i)] = low;
    variance += low * low / 4096;
  }
  for (std::size_t i = 0; i < 4096; ++i) levels_[i] = static_cast<float>(exact[i] / std::sqrt(variance));
}

}  // namespace hyperagent::robot
