// Member functions whose bodies left their class, or came into it.
//
//   Before: struct A { int f() { return 1; } };     After: struct A { int f(); };  int A::f() { return 2; }
//   Told: the move of A::f, and what changed in the body. Both classes are then compared as if they had declared it only.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "tooling/ast_diff_pairing.h"

namespace hyperagent::tooling::diff {

struct Relocated {
  std::vector<std::pair<int, Change>> told;  // by entity of the second version
  std::set<int> before, after;               // entities without a partner that are told thereby
};

// `to_after`, `to_before`: partners of the entities, -1 without one.
Relocated relocate_members(std::vector<Entity>& before, std::vector<Entity>& after, const List& to_after, const List& to_before);

}  // namespace hyperagent::tooling::diff
