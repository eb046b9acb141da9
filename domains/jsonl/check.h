// What stands behind `hyperagent domain new` and `hyperagent domain check`.
#pragma once

#include <string>

#include "hyperagent/core/box.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent::jsonl {

// Writes a small working example into `folder`, which must be new or empty: domain.json, three splits, a README to edit from.
Result<void> new_domain(const std::string& folder, const std::string& name);

// Loads a domain as a run would and reports on it:
// {"name","target","grading","fields":[{"name","type","constant"}],"labels","first_stage","splits":{SPLIT:{"rows","labels":{LABEL:n}}},
//  "extra_rows","majority":{"val","test"},"same_input":{"val","test"} (rows whose whole input is also in train or extra),
//  "grader":{"checked","right"},"warnings":[...],"ok":bool}.
// Errors are what stops a run; warnings are what spoils one. The grader self-test gives right answers: all must score 1.
Result<Json> check_domain(const std::string& folder, BoxLauncher* launcher);

}  // namespace hyperagent::jsonl
