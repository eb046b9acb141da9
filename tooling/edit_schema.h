// The first check of an edit: is it well-formed? The JSON schema that ships with the program (edits.schema.json) decides; there is no
// second list of operations and members.
#pragma once

#include <optional>

#include "hyperagent/core/json.h"
#include "hyperagent/core/toolchain.h"

namespace hyperagent::tooling {

// Member of a graft in which the host hands over the sources of the agent that "agent" names. Not part of the schema: nobody writes it.
inline constexpr const char* kDonor = "donor";

const Json& edit_schema();

// Of one edit. The refusal names the member, and the nearest known word for a misspelt one.
std::optional<Refusal> check_well_formed(const Json& edit);

}  // namespace hyperagent::tooling
