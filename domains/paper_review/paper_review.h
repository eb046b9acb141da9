// Will this submission be accepted? A JSONL domain with its spec built in: the user's folder holds train/val/test.jsonl with
// "outcome" ("accept" or "reject") and whatever else is known of a paper; no domain.json is needed.
#pragma once

#include <memory>
#include <string>

#include "domains/jsonl/jsonl_domain.h"

namespace hyperagent::paper_review {

jsonl::Spec spec();
Result<std::unique_ptr<Domain>> open_paper_review(const jsonl::JsonlOptions& options);

}  // namespace hyperagent::paper_review
