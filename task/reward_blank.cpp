// The blank reward of the robot_reward domain: nothing is better than anything else, so nothing is learned.
#include <ha/robot.h>

float reward(const ha::robot::State& state) {
  (void)state;
  return 0.0f;
}
