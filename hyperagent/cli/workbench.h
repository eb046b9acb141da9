// What every command that touches agents works with: boxes, the compiler workers, the runners, and a run's domain.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hyperagent/cli/console.h"
#include "hyperagent/cli/paths.h"
#include "hyperagent/cli/run_directory.h"
#include "hyperagent/core/agent_runner.h"
#include "hyperagent/core/box.h"
#include "hyperagent/core/domain.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/toolchain.h"
#include "hyperagent/loop/candidate.h"
#include "sandbox/agent_runner.h"

namespace hyperagent {

// What a compiler worker is told besides where it lives.
struct ToolchainLimits {
  bool device = false;                     // compile for a device too
  Json policy = {};                        // what edits may touch (core/edit_policy.h)
  std::vector<std::string> readable = {};  // further files and folders that C++ under edit includes
};

// One thread makes it and hands its parts to workers; the parts of a worker belong to that worker.
class Workbench {
 public:
  // Environment error when boxes cannot be made or a program of the installation is missing. `workers` >= 1; their edits obey `policy`.
  // `device`: wants_device() of the domain that they work for.
  static Result<std::unique_ptr<Workbench>> open(const Paths& paths, int workers, const Json& policy = {}, bool device = false);

  BoxLauncher& launcher() { return *launcher_; }
  Toolchain& toolchain() { return *toolchains_.front(); }
  std::unique_ptr<Toolchain> make_toolchain(ToolchainLimits limits = {});  // one more
  std::vector<Worker> workers();
  std::vector<AgentRunner*> runners();

  // Of a refusal a user error with Clang's words; `what` names the agent.
  Result<CompiledAgent> compile(const AgentSource& source, const std::string& what);

 private:
  explicit Workbench(const Paths& paths) : paths_(paths) {}
  Paths paths_;
  std::unique_ptr<BoxLauncher> launcher_;  // first: the others hold boxes
  std::vector<std::unique_ptr<Toolchain>> toolchains_;
  std::vector<std::unique_ptr<AgentRunner>> runners_, spare_runners_;
};

// Of robot_reward, whether this build has it or not; with `device` and a driver, on that.
TrainerOptions trainer_of(const Paths& paths, bool device);

// Which domain, and where its tasks are.
struct DomainChoice {
  std::string name;         // a known name, or a folder with domain.json
  std::string data;         // folder of its tasks; empty: what it ships
  std::string graded_data;  // when set, graded tasks come from here
  std::string cache_dir;
};

// A name, or the absolute path of a folder with domain.json.
std::string domain_name(const std::string& given);

// `workbench` outlives the domain.
Result<std::unique_ptr<Domain>> open_domain(const Paths& paths, Workbench& workbench, const DomainChoice& choice);

// Says so when the domain trains on a device and this machine has none.
void note_missing_device(Console& console, const std::string& domain);

int core_count();  // at least 1

}  // namespace hyperagent
