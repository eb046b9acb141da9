// Edits of the kind "graft" name another agent; the compiler worker, which knows no archive, is handed that agent's source with the edit.
#pragma once

#include <functional>
#include <memory>

#include "hyperagent/core/agent.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

// The source behind the "agent" of a graft, null when there is none such. An Error is our own failure.
using DonorLookup = std::function<Result<std::shared_ptr<const AgentSource>>(const Json& agent)>;

// The edits as the toolchain takes them. What stands in "donor" already is the proposer's doing and is taken out.
Result<Json> with_donors(const Json& edits, const DonorLookup& lookup);

}  // namespace hyperagent
