// The graphics driver's device files on this machine.
#pragma once

#include <optional>
#include <string>

#include "hyperagent/core/box.h"

namespace hyperagent {

// nvidiactl, nvidia-uvm and nvidia0, nvidia1 ... of a folder; nothing where one of the first two, or all of the others, are missing.
std::optional<UnfilteredGpuDriver> find_gpu_driver(const std::string& folder = "/dev");

}  // namespace hyperagent
