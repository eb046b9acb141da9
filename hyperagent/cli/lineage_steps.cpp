#include "hyperagent/cli/lineage_steps.h"

#include "hyperagent/cli/ast_questions.h"

namespace hyperagent {

Result<std::vector<Step>> lineage_steps(const OpenedRun& run, int agent, Toolchain& toolchain, const TextStyle& style) {
  std::vector<Step> steps;
  for (int member : lineage_of(run.pool->agents(), agent)) {
    Step step{run.agent(member), nullptr, Json(), ""};
    if (!step.agent.parents.empty()) {
      step.parent = &run.agent(step.agent.parents.front());
      auto before = run.pool->source(step.parent->id);
      if (!before) return before.error();
      auto after = run.pool->source(step.agent.id);
      if (!after) return after.error();
      auto diff = ask_diff(toolchain, *before, *after);
      if (!diff) return diff.error();
      step.diff = std::move(*diff);
      step.diff_text = diff_text(step.diff, style);
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace hyperagent
