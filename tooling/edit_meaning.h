// What names refer to, so that an edit is noticed that leaves their text alone and gives them another meaning: an overload beside the one
// that was called, one taken away, another type behind `auto`.
#pragma once

#include "tooling/edit_guard.h"
#include "tooling/edit_plan.h"

namespace hyperagent::tooling {

// Refused as forbidden when a name in a frozen region means something else in `after`, whose text there is the same.
std::optional<Refusal> check_frozen_meaning(const Program& before, const std::vector<Region>& frozen, const Program& after);

// Refused as not applicable when what was removed at `removed` is used: a name elsewhere means something else in `after`.
std::optional<Refusal> check_unused(const Program& before, const Place& removed, const Program& after);

}  // namespace hyperagent::tooling
