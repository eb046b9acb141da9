// A hand-written reward for jumping: upwards speed first, height over the start as soon as there is some, both worth less the more it leans.
#include <ha/robot.h>

void components(const ha::robot::State& state, ha::robot::Components& parts) {
  const float upright = ha::small(ha::tilt(state), 0.25f);
  parts.add("rising", ha::large(ha::rising_speed(state), 2.0f) * upright);
  parts.add("height", ha::large(ha::height_above_start(state), 20.0f) * upright);
  parts.add("smooth", ha::minus(ha::action_change(state), 0.003f));
}

float reward(const ha::robot::State& state) {
  ha::robot::Components parts;
  components(state, parts);
  float sum = 0.0f;
  for (int i = 0; i < parts.count; ++i) sum += parts.value[i];
  return sum;
}
