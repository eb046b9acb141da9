// No attack: a reward that names its parts.
#include <ha/robot.h>

void components(const ha::robot::State& state, ha::robot::Components& parts) {
  parts.add("tracking", ha::small(ha::forward_error(state), 0.5f));
  parts.add("height", state.position[2]);
}

float reward(const ha::robot::State& state) { return ha::small(ha::forward_error(state), 0.5f) + state.position[2]; }
