// Where the installed programs and files are: beside the running executable, never at a path fixed at build time.
#pragma once

#include <string>

#include "hyperagent/core/result.h"

namespace hyperagent {

struct Paths {
  std::string bin;    // folder of hyperagent, ha-runner, ha-tool, ha-program-runner
  std::string share;  // include/, agent.pch, agents/{task,meta}/, repair_tasks/, ...
  std::string cache;  // results worth keeping between runs: $HYPERAGENT_CACHE, $XDG_CACHE_HOME/hyperagent or ~/.cache/hyperagent; may be deleted

  std::string program(const std::string& name) const { return bin + "/" + name; }
  std::string task_half(const std::string& name) const { return share + "/agents/task/" + name + ".cpp"; }
  std::string meta_half(const std::string& name) const { return share + "/agents/meta/" + name + ".cpp"; }
};

// By the place of the running executable: bin is its folder, share is ../share/hyperagent. Environment error when that cannot be read.
Result<Paths> installed_paths();

std::string absolute_path(const std::string& path);  // without `.` and `..`; links are not followed

}  // namespace hyperagent
