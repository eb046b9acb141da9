// Edits of a site: one drawn, or each there is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "tooling/choices.h"
#include "tooling/expressions.h"
#include "tooling/site_finder.h"

namespace hyperagent::tooling {

// Nested expressions as deep as draws make them; those that are one call or operator.
inline constexpr int kDrawnDepth = 3, kCountedDepth = 1;

// One edit of the site as `choices` decide, its expressions nested `depth` deep at most; nothing when its holes could not be filled so.
// Carries what the edit language wants, and "kind".
std::optional<Json> edit_of(const Site& site, const Function& function, const Blocks& blocks, Choices& choices, int depth);

// Whether the edits can be counted: not those of templates, nor the numbers that a number can become.
bool is_countable(const Site& site);

}  // namespace hyperagent::tooling
