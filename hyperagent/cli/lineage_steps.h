// The steps that led to an agent, each with its AST diff: what `explain` and `diff --lineage` print.
#pragma once

#include <vector>

#include "hyperagent/cli/opened_run.h"
#include "hyperagent/core/toolchain.h"
#include "hyperagent/report/diff_text.h"
#include "hyperagent/report/explain_text.h"

namespace hyperagent {

// From the root to `agent`, along first parents. `style` is of the diffs as text. The steps refer to `run`.
Result<std::vector<Step>> lineage_steps(const OpenedRun& run, int agent, Toolchain& toolchain, const TextStyle& style);

}  // namespace hyperagent
