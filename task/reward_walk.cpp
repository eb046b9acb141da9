// A hand-written reward for walking: the commanded speed first, then straight, level, smooth and at a comfortable height.
#include <ha/robot.h>

void components(const ha::robot::State& state, ha::robot::Components& parts) {
  parts.add("speed", 3.2f * ha::small(ha::forward_error(state), 0.5f));
  parts.add("straight", 0.8f * ha::small(ha::sideways_error(state), 0.5f) + 0.8f * ha::small(ha::turn_error(state), 0.5f));
  parts.add("level", 0.8f * ha::small(ha::tilt(state), 0.5f) + ha::minus(ha::vertical_speed(state), 0.3f));
  parts.add("height", 0.5f * ha::small(ha::height_error(state, 0.3f), 0.3f));
  parts.add("smooth", ha::minus(ha::action_change(state), 0.015f));
}

float reward(const ha::robot::State& state) {
  ha::robot::Components parts;
  components(state, parts);
  float sum = 0.0f;
  for (int i = 0; i < parts.count; ++i) sum += parts.value[i];
  return sum;
}
