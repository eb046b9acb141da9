// Finds where a unit needs fuel and coverage calls. Insertions only, no line is added: offsets before an insertion stay valid.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <clang/Frontend/FrontendAction.h>
#include "tooling/programs/assemble.h"

namespace hyperagent::programs {

struct Insertion {
  std::size_t offset;
  int order;  // among insertions at one offset: smaller first
  std::string text;
};

// A syntax-only action that fills `insertions` (unsorted).
std::unique_ptr<clang::FrontendAction> instrument_action(const Unit& unit, std::vector<Insertion>& insertions);

std::string apply(const std::string& text, std::vector<Insertion> insertions);

}  // namespace hyperagent::programs
