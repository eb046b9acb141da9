// Follows a null pointer.
#include <ha/robot.h>

float reward(const ha::robot::State& state) {
  volatile float* nowhere = nullptr;
  *nowhere = state.time;
  return 0.0f;
}
