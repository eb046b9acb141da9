// Decides whether the places an edit is about to touch may be touched: declarations marked [[clang::annotate("ha::frozen")]] never,
// everything else as the policy says.
#pragma once

#include "hyperagent/core/edit_policy.h"
#include "tooling/edit_plan.h"

namespace hyperagent::tooling {

struct Region {
  Place place;
  std::string name;
};

// The frozen declarations, wherever they stand: functions, members, types, variables.
std::vector<Region> frozen_regions(const Program& program);

// Nothing to say, a refusal, or (in `needs_approval`) the reasons why a person has to agree.
std::optional<Refusal> check_allowed(const Program& program, const std::vector<Region>& frozen, const EditPolicy& policy,
                                     const std::vector<Place>& places, std::vector<std::string>& needs_approval);

}  // namespace hyperagent::tooling
