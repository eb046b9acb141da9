// After a while as expected, minus infinity.
#include <limits>

#include <ha/robot.h>

float reward(const ha::robot::State& state) { return state.time > 0.3f ? -std::numeric_limits<float>::infinity() : 0.5f; }
