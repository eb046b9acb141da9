// What this machine offers for boxes, for `hyperagent doctor`. Trusted code only; starts a few boxes, takes well under a second.
#pragma once

#include "hyperagent/core/json.h"

namespace hyperagent {

// A list of {"name", "ok", "detail", "advice"}; `advice` is empty where nothing needs to be done. Optional features that are
// missing (control groups, Landlock, Python) are reported with "optional": true and do not stop anything.
Json probe();

}  // namespace hyperagent
