// Reads repair tasks from disk: our own form and that of QuixBugs.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/score.h"

namespace hyperagent {

struct RepairTest {
  Json call;      // {"args", "nodes"?}: all that a box gets
  Json expected;
  bool approximate = false;
  double tolerance = 0;
};

struct RepairTask {
  std::string id, language, entry, description;  // language: "cpp" or "python"
  std::string source;                            // the buggy program
  std::vector<RepairTest> visible, hidden;
};

using TaskSplits = std::array<std::vector<RepairTask>, 3>;  // by Split, each sorted by id

Result<TaskSplits> load_tasks(const std::string& folder, std::optional<Split> quixbugs_split);

}  // namespace hyperagent
