#include "hyperagent/loop/grafts.h"

namespace hyperagent {
namespace {

constexpr const char* kDonor = "donor";

bool is_graft(const Json& edit) { return edit.is_object() && edit.contains("op") && edit["op"] == "graft"; }

}  // namespace

Result<Json> with_donors(const Json& edits, const DonorLookup& lookup) {
  Json resolved = edits;
  if (!resolved.is_array()) return resolved;
  for (Json& edit : resolved) {
    if (edit.is_object()) edit.erase(kDonor);
    if (!is_graft(edit) || !edit.contains("agent")) continue;
    auto source = lookup(edit["agent"]);
    if (!source) return source.error();
    if (*source != nullptr) edit[kDonor] = (*source)->files;
  }
  return resolved;
}

}  // namespace hyperagent
