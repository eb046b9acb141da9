// The lineage as an indented tree: who came from whom, with scores.
//
//   0 blank            train 0.000  val 0.000  3 children
//   |- 1 swap the test  train 0.100  val 0.133
//   |  ... 4 more in line
//   |  `- 9 ...          train 0.433  val 0.533  best
//   `- ... 12 more children without children
//
// Pure: data in, text out. Long lines of only children and crowds of childless ones are folded, never the way to the best agent's ends.
#pragma once

#include <string>
#include <vector>

#include "hyperagent/core/pool.h"

namespace hyperagent {

struct TreeStyle {
  bool all = false;          // fold nothing
  std::size_t width = 100;   // of a line, characters
};

// An agent hangs below its first parent. `best` is an id, or -1.
std::string tree_text(const std::vector<AgentRecord>& agents, int best, const TreeStyle& style = {});

// {"best", "agents": [{"id","commit","parents","origin","generation","reason","train","val","children"}]}
Json tree_json(const std::vector<AgentRecord>& agents, int best);

// By id: the ids of those whose first parent it is, in order.
std::vector<std::vector<int>> children_of(const std::vector<AgentRecord>& agents);

}  // namespace hyperagent
