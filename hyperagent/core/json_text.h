// Reading JSON that somebody else wrote.
#pragma once

#include <string>

#include "hyperagent/core/json.h"

namespace hyperagent {

// Discarded (Json::is_discarded) for what is no JSON, and for values nested more than 100 deep: those would overflow the stack of a recursive walk,
// so they are turned down before they are parsed. Never throws.
Json parse_untrusted(const std::string& text);

// The same for CBOR as Json::to_cbor writes it: one value with its lengths said in advance, without tags. Nested up to 200 deep, so that what
// parse_untrusted lets through still fits when a message is wrapped around it.
Json parse_untrusted_cbor(const std::string& bytes);

}  // namespace hyperagent
