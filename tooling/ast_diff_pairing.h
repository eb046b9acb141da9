// Which nodes of two versions of one declaration correspond, and what a person would say changed between them.
#pragma once

#include <string>
#include <vector>

#include "tooling/ast_diff_tree.h"

namespace hyperagent::tooling::diff {

struct Change {
  std::string owner, kind, node, context;
  Json before, after;
  const clang::Decl* from = nullptr;  // a reference that was updated, or a declaration that was renamed
  const clang::Decl* to = nullptr;
  bool declaration = false;
  int uses = 0;
};

// The changes inside a pair of entities that are not equal, in the order of the new version.
void compare(Entity& before, Entity& after, std::vector<Change>& out);

}  // namespace hyperagent::tooling::diff
