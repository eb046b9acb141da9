// Differences and lineages as HTML fragments, to be put into a page of any kind: one <section>, its style included, no script, nothing loaded
// from elsewhere. What agents wrote is escaped. Values in, text out; safe to call from any thread.
#pragma once

#include <string>
#include <vector>

#include "hyperagent/report/explain_text.h"

namespace hyperagent {

// The AST diff as tooling/ast_diff.h returns it. Each change carries its id as "change-ID".
std::string diff_html(const Json& diff);

// Every step from the root to the agent: reason, scores and what they changed by, and the diff.
std::string lineage_html(const std::vector<Step>& steps);

}  // namespace hyperagent
