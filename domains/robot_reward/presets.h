// The presets of trainings, for the host, which grades their policies, and for the trainer: the standard library alone.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace hyperagent::robot {

struct Preset {
  const char* name;
  double seconds;           // wall limit of a training
  int robots, iterations;
  std::vector<int> hidden;  // layers of its policies
  bool reference;           // the reference's treatment of noise (README, Decisions)
};

inline const std::array<Preset, 3> kPresets = {{
    {"cpu-quick", 300, 512, 150, {64, 64}, false},  // 1.84 million steps
    {"cpu", 1200, 2048, 172, {64, 64}, false},      // 8.45 million steps
    {"gpu", 3500, 4096, 101, {512, 256, 128}, true},
}};

// Null where there is none; kPresetNames is for the message.
inline const Preset* find_preset(const std::string& name) {
  const auto found = std::find_if(kPresets.begin(), kPresets.end(), [&](const Preset& p) { return name == p.name; });
  return found == kPresets.end() ? nullptr : &*found;
}
inline constexpr const char* kPresetNames = "cpu-quick, cpu, gpu";

}  // namespace hyperagent::robot
