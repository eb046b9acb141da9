// Reading JSON that somebody else wrote.
#pragma once

#include <string>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

// Discarded (Json::is_discarded) for what is no JSON, and for values nested more than 100 deep: those would overflow the stack of a recursive walk,
// so they are turned down before they are parsed. Never throws.
Json parse_untrusted(const std::string& text);

// JSON that a person wrote, nested at most 100 deep. User error in plain words: "WHERE is not JSON: line 3, column 7: unexpected ','; expected a value".
// `where`: the file, or "standard input".
Result<Json> parse_written(const std::string& text, const std::string& where);

// What the library says, without its codes.
std::string plain_words(const Json::exception& error);

// The same as parse_untrusted for CBOR as Json::to_cbor writes it: one value with its lengths said in advance, without tags. Nested up to 200 deep, so that what
// parse_untrusted lets through still fits when a message is wrapped around it.
Json parse_untrusted_cbor(const std::string& bytes);

}  // namespace hyperagent
