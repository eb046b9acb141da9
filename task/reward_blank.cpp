// The blank reward of the robot_reward domain: nothing is better than anything else, so nothing is learned.
#include <ha/robot.h>

float reward([[maybe_unused]] const ha::robot::State& state) {
  float sum{};  // no literal: typed edits replace expressions, and only change the value of a literal
  return sum;
}
