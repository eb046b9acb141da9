// AgentRunner in boxes: one box for each library and entry (a new one after a time-out), the program ha-runner inside it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/agent_runner.h"
#include "hyperagent/core/box.h"

namespace hyperagent {

// ha-robot-trainer, which serves the entry "reward".
struct TrainerOptions {
  std::string program = {};               // its path on this machine; empty or missing: not installed
  std::string module = {};                // of ha-robot-torch.so, beside it in the box; likewise
  std::vector<std::string> folders = {};  // where its libraries are, as far as boxes do not show them anyway: folders_beside()
  std::optional<UnfilteredGpuDriver> gpu = {};  // for trainings that run on a device; nothing: they run on the CPU
  long long memory_bytes = 6ll << 30;
};

struct AgentRunnerOptions {
  std::string program;                      // path of ha-runner on this machine
  TrainerOptions trainer = {};
  long long memory_bytes = 512ll << 20;
  int most_calls = 2000;                    // host calls of one input: the host's time in them is not on the agent's clock
  int most_timeouts = 3;                    // inputs after this many time-outs are not tried: they count as timed out too
};

// What the file MODULE.folders lists, a folder a line (domains/robot_reward/list_folders.cmake), as far as it can be read: trainings that do not need
// the module go on without.
std::vector<std::string> folders_beside(const std::string& module);

// The box of a training, without a limit of time.
BoxSpec trainer_box(const TrainerOptions& options);

// `launcher` must outlive the runner.
std::unique_ptr<AgentRunner> make_boxed_runner(BoxLauncher& launcher, AgentRunnerOptions options);

}  // namespace hyperagent
