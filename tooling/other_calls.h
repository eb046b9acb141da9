// Calls that may stand for a call: of another function with the same arguments, or with two arguments of one type swapped.
#pragma once

#include <string>
#include <vector>

#include "tooling/expressions.h"
#include "tooling/site_finder.h"

namespace hyperagent::tooling {

// Texts, in this order: other functions that may be called in `function`; functions of the standard library that are alike, as std::min and
// std::max; other members of the class; arguments swapped. None in what comes from a macro.
std::vector<std::string> other_calls(const Site& site, const Function& function, const Blocks& blocks);

}  // namespace hyperagent::tooling
