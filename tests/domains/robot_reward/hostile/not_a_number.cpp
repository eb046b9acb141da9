// After a while as expected, no number.
#include <limits>

#include <ha/robot.h>

float reward(const ha::robot::State& state) { return state.time > 0.3f ? std::numeric_limits<float>::quiet_NaN() : 0.5f; }
