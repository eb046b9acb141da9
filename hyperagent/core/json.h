// JSON is the one form of data between the parts: edits, tasks, answers, records (hyperagent/README.md, Decisions).
#pragma once

#include <nlohmann/json.hpp>

namespace hyperagent {
using Json = nlohmann::json;  // objects are sorted by key, so a dump is canonical
}  // namespace hyperagent
