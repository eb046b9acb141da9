// The largest numbers that are taken, of a sign that nothing explains: returns, gradients and curves get as large as they can.
#include <ha/robot.h>

float reward(const ha::robot::State& state) { return static_cast<int>(state.joint_rate[0] * 1e5f) % 2 == 0 ? 1e6f : -1e6f; }
