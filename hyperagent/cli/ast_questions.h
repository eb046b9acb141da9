// Questions to the tooling that several commands ask, with refusals as user errors.
#pragma once

#include "hyperagent/core/agent.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/toolchain.h"

namespace hyperagent {

// The diff of the syntax trees of two programs (tooling/ast_diff.h).
Result<Json> ask_diff(Toolchain& toolchain, const AgentSource& before, const AgentSource& after);

// The reply; {"refused"} becomes a user error "cannot WHAT: CODE: MESSAGE".
Result<Json> ask(Toolchain& toolchain, const std::string& request, const Json& arguments, const std::string& what);

}  // namespace hyperagent
