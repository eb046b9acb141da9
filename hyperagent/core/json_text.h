// Reading JSON that somebody else wrote.
#pragma once

#include <string>

#include "hyperagent/core/json.h"

namespace hyperagent {

// Discarded (Json::is_discarded) for what is no JSON, and for values nested more than 100 deep: those would overflow the stack of a recursive walk,
// so they are turned down before they are parsed. Never throws.
Json parse_untrusted(const std::string& text);

}  // namespace hyperagent
