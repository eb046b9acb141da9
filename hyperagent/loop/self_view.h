// Self: what an agent's meta logic is told about itself (ha/agent.h). Of val it gets the aggregate, of test nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "hyperagent/core/agent.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/pool.h"

namespace hyperagent {

// The run as a whole, as it stands at the start of a generation.
struct RunView {
  int generation = 0;
  double progress = 0;  // share of the run used, 0 when it has no end
  Json archive;         // {"agents","best","mean","generation"}
  Json domain;          // {"name","entry","description","metric"}; with a model also what describe() says of "labels", "fields" and "reading"
  Json model;           // Completions::describe(); null in a run without a model
};

// A parent, read from the pool when its generation is begun; immutable from then on.
struct ParentView {
  AgentRecord record;  // a copy: the pool goes on growing
  std::shared_ptr<const AgentSource> source;
  Json self;  // all of Self but "seed" and "functions"; "failures" holds all of them
};

Json self_of(const Pool& pool, const AgentRecord& agent, const RunView& run);

// Self of a candidate that is not archived yet: its parent's, with its own scores, memory, failures and a longer lineage.
Json self_of_child(const Json& parent_self, const AgentRecord& child);

// Completes a Self for one call: the seed (53 bits, so that it survives being a double) and at most 20 failures drawn with it.
Json with_seed(const Json& self, std::uint64_t seed, const Json& functions);

}  // namespace hyperagent
