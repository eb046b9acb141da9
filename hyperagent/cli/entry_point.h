// Whether an agent is one for a domain: it has to define the function that the domain calls.
#pragma once

#include <string>

#include "hyperagent/core/domain.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/toolchain.h"

namespace hyperagent {

// User error where the agent `name` has not the domain's entry point, by the names its library exports: what it defines, what is needed, what
// to do.
Result<void> check_entry(const CompiledAgent& agent, const std::string& name, const Domain& domain);

}  // namespace hyperagent
