// Edits that a person has to agree to before they become an agent (core/edit_policy.h).
#pragma once

#include <string>
#include <vector>

#include "hyperagent/core/agent.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

enum class Approval { Approved, Rejected, Later };

// Borrowed for one call.
struct ApprovalRequest {
  int parent;
  const AgentSource& before;
  const AgentSource& after;  // type-checks; nothing of it has run yet
  const std::string& reason;
  const std::vector<std::string>& why;  // which places need approval, by which rule
};

// Called from worker threads.
class Approver {
 public:
  virtual ~Approver() = default;
  virtual Result<Approval> decide(const ApprovalRequest& request) = 0;
};

}  // namespace hyperagent
