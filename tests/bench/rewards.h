// Ten rewards from useless to good, and a name for each: what presets are compared on. The good ones are made of the domain's own terms.
#pragma once

#include <ha/robot.h>

namespace hyperagent::bench {

struct NamedReward {
  const char* name;
  float (*reward)(const ha::robot::State&);
};

inline constexpr NamedReward kRewards[] = {
    {"blank", [](const ha::robot::State&) { return 0.0f; }},
    {"weak (the reference's default)",
     [](const ha::robot::State& s) { return 0.2f * std::exp(-0.25f * s.turn_rate[2] * s.turn_rate[2]) - 0.1f * (s.position[2] - 0.1f) * (s.position[2] - 0.1f); }},
    {"hand-written (task/reward_walk.cpp)",
     [](const ha::robot::State& s) {
       return 3.2f * ha::small(ha::forward_error(s), 0.5f) + 0.8f * ha::small(ha::sideways_error(s), 0.5f) + 0.8f * ha::small(ha::turn_error(s), 0.5f) +
              0.8f * ha::small(ha::tilt(s), 0.5f) + ha::minus(ha::vertical_speed(s), 0.3f) + 0.5f * ha::small(ha::height_error(s, 0.3f), 0.3f) +
              ha::minus(ha::action_change(s), 0.015f);
     }},
    {"speed alone", [](const ha::robot::State& s) { return ha::small(ha::forward_error(s), 0.5f); }},
    {"speed, wide", [](const ha::robot::State& s) { return 0.3f * ha::small(ha::forward_error(s), 2.0f); }},
    {"speed, heavily smoothed", [](const ha::robot::State& s) { return ha::small(ha::forward_error(s), 0.5f) + ha::minus(ha::action_change(s), 0.1f) + ha::minus(ha::joint_speed(s), 0.01f); }},
    {"as fast as it can", [](const ha::robot::State& s) { return s.velocity[0]; }},
    {"backward", [](const ha::robot::State& s) { return ha::bell(s.command[0] + s.velocity[0], 0.5f); }},
    {"lies down", [](const ha::robot::State& s) { return -s.position[2]; }},
    {"speed and a high body", [](const ha::robot::State& s) { return ha::small(ha::forward_error(s), 0.5f) + 2.0f * ha::small(ha::height_error(s, 0.35f), 0.1f); }},
};

}  // namespace hyperagent::bench
