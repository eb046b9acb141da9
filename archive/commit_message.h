// The words of the archive's commits: `git log` alone must tell which agent, why, and with which score.
// Reasons are an untrusted program's text: control characters are dropped and lines that imitate our trailers are quoted.
#pragma once

#include <string>

#include "archive/ledger.h"
#include "hyperagent/core/pool.h"

namespace hyperagent {

// "agent 17: <first line of the reason>", the whole reason, then trailers:
//   Parent: 12
//   Generation: 5
//   Train: 0.433 +- 0.091 (n=30)
//   Val: none
//   Edits: replace_node in solve; set_literal in score
std::string agent_message(const AgentRecord& record);

// "generation 12: 3 archived of 8, best val 0.533 (agent 17)", then one line an outcome: "3 archived".
// `added` is what this commit adds; `agents` are all of them, `best` an id or -1.
std::string generation_message(const LedgerGeneration& added, const std::vector<AgentRecord>& agents, int best);

}  // namespace hyperagent
