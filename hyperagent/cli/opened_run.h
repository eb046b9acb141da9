// A run opened for reading, while it may still be written to by another process.
#pragma once

#include <memory>
#include <string>

#include "archive/git_pool.h"
#include "hyperagent/cli/run_directory.h"

namespace hyperagent {

struct OpenedRun {
  RunDirectory directory;
  std::unique_ptr<GitPool> pool;

  const AgentRecord& agent(int id) const { return pool->agents()[static_cast<std::size_t>(id)]; }
};

// User error when there is no run, or it has no agents yet.
Result<OpenedRun> open_run(const std::string& path);

}  // namespace hyperagent
