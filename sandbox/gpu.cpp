#include "sandbox/gpu.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace hyperagent {

std::optional<UnfilteredGpuDriver> find_gpu_driver(const std::string& folder) {
  const std::string prefix = "nvidia";
  UnfilteredGpuDriver driver;
  std::error_code failed;
  int common = 0, devices = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    const bool shared = name == "nvidiactl" || name == "nvidia-uvm";
    const bool device = name.size() > prefix.size() && name.starts_with(prefix) &&
                        std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(),
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
    common += shared;
    devices += device;
    if (shared || device) driver.files.push_back(entry.path().string());
  }
  if (common < 2 || devices == 0) return std::nullopt;
  std::sort(driver.files.begin(), driver.files.end());
  return driver;
}

}  // namespace hyperagent
