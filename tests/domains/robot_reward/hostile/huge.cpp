// A number whose square no float holds.
#include <ha/robot.h>

float reward(const ha::robot::State& state) { return state.time > 0.3f ? 3e38f : 0.5f; }
