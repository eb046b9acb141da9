// An edit policy (core/edit_policy.h) read from a file.
#pragma once

#include <string>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

// The policy as JSON, checked; null for an empty path. User errors name the file and what is wrong in it.
Result<Json> read_policy(const std::string& path);

}  // namespace hyperagent
