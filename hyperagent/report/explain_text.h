// The story of an agent from its root on: at each step the reason, the edits in words, what the step did to the scores, and the diff of
// the syntax tree. Pure: data in, text out.
#pragma once

#include <string>
#include <vector>

#include "hyperagent/core/pool.h"

namespace hyperagent {

struct Step {
  const AgentRecord& agent;
  const AgentRecord* parent = nullptr;  // null for the root
  Json diff;                            // of parent and agent as the tooling gives it; null when there is none
  std::string diff_text;                // the same for people, already rendered
};

// Ids from the root to `agent`, along first parents.
std::vector<int> lineage_of(const std::vector<AgentRecord>& agents, int agent);

// `stages`: seconds by stage of the whole run, an object; empty or null when nothing is known.
// Folded to `width` columns, the diffs excepted: they were folded when they were rendered.
std::string explain_text(const std::vector<Step>& steps, const Json& stages, int width = 1'000'000);

// {"agent", "steps": [{"agent","parent","reason","edits","train","val","train_change","val_change","diff"}], "stages"}
Json explain_json(const std::vector<Step>& steps, const Json& stages);

// Seconds by stage of a run, from its event log: the last word of each session (a run and its resumptions), summed.
Json stage_seconds(const std::vector<Json>& events);
// One line a stage with its share, the longest first; empty when nothing is known.
std::string stages_text(const Json& stages);

}  // namespace hyperagent
