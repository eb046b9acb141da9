// Not a number, but only after two iterations of 24 steps of 256 robots.
#include <ha/robot.h>

float reward(const ha::robot::State&) {
  static int calls = 0;
  return ++calls > 2 * 24 * 256 ? std::nanf("") : 0.0f;
}
