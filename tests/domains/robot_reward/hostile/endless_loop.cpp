// Never returns.
#include <ha/robot.h>

float reward(const ha::robot::State& state) {
  volatile float x = state.time;
  for (;;) x = x + 1.0f;
}
