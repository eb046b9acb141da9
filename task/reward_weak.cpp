// The weak reward that robot searches are given as an example elsewhere: it asks for the commanded turn rate and a low body, not for speed.
#include <cmath>

#include <ha/robot.h>

float reward(const ha::robot::State& state) {
  const float turn = state.command[2] - state.turn_rate[2], height = state.position[2] - 0.1f;
  return 0.2f * std::exp(-0.25f * turn * turn) - 0.1f * height * height;
}
