// What improve() returned, read as untrusted data.
#pragma once

#include <string>

#include "hyperagent/core/agent_runner.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/toolchain.h"

namespace hyperagent {

struct Proposal {
  Json edits;          // a non-empty array
  std::string reason;  // at most 4,000 bytes
  Json memory;         // null: the child keeps its parent's
};

// The proposal, or why there is none: "crashed", "timed_out", "malformed", "no_edits", "limit".
Verdict<Proposal> read_proposal(const EntryReply& reply, double limit_seconds);

// False for values nested deeper than 64: copying or printing such a value recurses, and an agent could overflow our stack with it.
// Does not recurse itself.
bool nested_within_limit(const Json& value);

// Whether a value can be kept: nested within the limit, and all its texts valid UTF-8 (others cannot be written as JSON).
bool storable(const Json& value);

// The first `bytes` bytes at most, never cutting a UTF-8 sequence apart (a half one cannot be written as JSON).
std::string cut_text(const std::string& text, std::size_t bytes);

}  // namespace hyperagent
