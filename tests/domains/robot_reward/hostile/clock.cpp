// Another answer every time.
#include <chrono>

#include <ha/robot.h>

float reward(const ha::robot::State&) {
  return static_cast<float>(std::chrono::steady_clock::now().time_since_epoch().count() % 1000) * 1e-3f;
}
