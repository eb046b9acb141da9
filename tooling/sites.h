// Typed edit sites: where an edit is possible in a program, and well-typed edits drawn from them (design.md, section 5).
//
// Theory of operation. One walk over a function's syntax keeps the variables in scope and notes a site for every literal,
// operator, typed expression and statement position. A draw picks a site of the wanted kind and fills its hole with an expression
// generated for the site's type (expressions.h), so that nearly every drawn edit type-checks. Templates (loop_over, guard, arg_max,
// cascade, accumulate) are statement positions whose holes are filled the same way.
#pragma once

#include "hyperagent/core/json.h"
#include "tooling/expressions.h"
#include "tooling/program.h"

namespace hyperagent::tooling {

// {"groups": [{"function", "half", "file", "kind", "sites"}]}, in source order, groups without sites left out.
Json site_groups(const Program& program);

// {"edit": {...}} or {"edit": null}: one edit of the group, decided by the seed alone. The edit carries its "kind".
Json draw_edit(const Program& program, const std::string& function, const std::string& kind, std::uint64_t seed, const Vocabulary& vocabulary);

// Every site for itself, in source order: {"sites": [{"function", "file", "half", "kind", "path", "line", "text", "type", "edits": [...]}]}.
// "type" is what fits there, for literals and expressions; "edits" are the distinct ones among sixteen draws, the most frequent first.
Json list_sites(const Program& program, const Vocabulary& vocabulary);

}  // namespace hyperagent::tooling
