// Renaming on the syntax tree: who refers to a declaration, and whether the new name leaves everything else as it was.
#pragma once

#include "tooling/edit_plan.h"

namespace hyperagent::tooling {

// Where the name of a declaration stands in the program's own files, the declaration itself included; sorted, each place once.
std::vector<Place> references_of(const Program& program, const clang::NamedDecl* decl);

// The changes that put `to` at the places of one declaration's name. Refused when the result does not parse, or when a name would then mean
// something else: the new one hides another, is hidden, or is chosen by other calls.
Verdict<Changes> rename_places(const Compiler& compiler, const Program& program, const std::vector<Place>& places, const std::string& to);

}  // namespace hyperagent::tooling
