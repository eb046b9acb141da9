// Typed edit sites: where an edit is possible in a program, and well-typed edits of them (design.md, section 5).
//
// A draw picks a site of the wanted kind (site_finder.h) and fills its hole with an expression generated for the site's type
// (expressions.h), so that nearly every drawn edit type-checks. Templates (loop_over, guard, arg_max, cascade, accumulate) are statement
// positions whose holes are filled the same way.
#pragma once

#include "hyperagent/core/json.h"
#include "tooling/expressions.h"
#include "tooling/program.h"

namespace hyperagent::tooling {

// {"groups": [{"function", "half", "file", "kind", "sites"}]}, in source order, groups without sites left out.
Json site_groups(const Program& program);

// {"edit": {...}} or {"edit": null}: one edit of the group, decided by the seed alone. The edit carries its "kind".
Json draw_edit(const Program& program, const std::string& function, const std::string& kind, std::uint64_t seed, const Vocabulary& vocabulary);

// Every site for itself, in source order: {"sites": [{"function", "file", "half", "kind", "path", "line", "text", "type", "count", "open",
// "edits": [...]}]}. "type" is what fits there, for literals, expressions, calls and declarations. "count" is how many edits there are, and
// "open" says that there are more: expressions count as far as they are one call or operator, and any number counts once. "edits" are the
// sixteen likeliest of them, likeliest first. Where nothing can be counted (templates, numbers) "count" is missing, and "edits" are those
// of sixteen draws.
// `name`: of one function or its overloads, or a signature; of all functions without it.
Json list_sites(const Program& program, const Vocabulary& vocabulary, const std::string& name = "");

}  // namespace hyperagent::tooling
