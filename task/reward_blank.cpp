// The blank reward of the robot_reward domain: nothing is better than anything else, so nothing is learned.
#include <ha/robot.h>

float reward([[maybe_unused]] const ha::robot::State& state) {
  float sum = 0.0f;  // a name, not a literal: typed edits replace expressions, and only change a literal's value
  return sum;
}
