// One agent, in full: scores, where it came from, what it proposed itself, its files. Pure: data in, text out.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hyperagent/core/agent.h"
#include "hyperagent/core/pool.h"

namespace hyperagent {

struct AgentView {
  const AgentRecord& agent;
  const AgentSource& source;
  const std::vector<CandidateRecord>& proposals;  // that this agent made
  std::vector<int> children;
  bool best = false;
};

// What became of an agent's proposals: outcome -> number, and refusal code -> number.
struct ProposalCounts {
  std::map<std::string, std::size_t> outcomes, codes;
};
ProposalCounts count_proposals(const std::vector<CandidateRecord>& proposals);

std::string show_text(const AgentView& view, bool with_source);

// The whole record and "best", "children", "proposals": {"outcomes","codes"}, "files": {path: text}.
Json show_json(const AgentView& view);

}  // namespace hyperagent
