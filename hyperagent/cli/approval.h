// Edits that wait for a person's agreement: asking on the terminal while a run goes on, and the queue of those nobody has decided about.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hyperagent/cli/console.h"
#include "hyperagent/core/pool.h"
#include "hyperagent/core/toolchain.h"
#include "hyperagent/loop/approval.h"

namespace hyperagent {

// What --approve means for a policy: without one, every edit needs approval.
Json policy_with_approval(Json policy, bool approve);

// Asks y, n or l (later); the end of the input is "later". Nothing when `quit` was answered.
std::optional<Approval> ask_person(Console& console, const std::string& question);

// Why, the reason the agent gave, and the AST diff.
std::string approval_text(int parent, const std::string& reason, const std::string& why, const Json& diff, int fd);

// Asks on the terminal, one question at a time; answers of this session are remembered, so that a program is asked about once.
class TerminalApprover : public Approver {
 public:
  // `console` outlives it; the toolchain is its own, because workers ask while theirs are busy.
  TerminalApprover(Console& console, std::unique_ptr<Toolchain> toolchain) : console_(console), toolchain_(std::move(toolchain)) {}
  // False where nobody can be asked: standard input or standard error is no terminal.
  static bool possible(const Console& console);
  Result<Approval> decide(const ApprovalRequest& request) override;

 private:
  Console& console_;
  std::unique_ptr<Toolchain> toolchain_;
  std::mutex mutex_;
  std::vector<std::pair<AgentSource, Approval>> answers_;
  bool quit_ = false;
};

// A queued proposal that nobody has decided about since; the same edits of the same parent count once.
struct QueuedEdit {
  std::string id;  // "12.3": generation and slot
  CandidateRecord record;
};
std::vector<QueuedEdit> queued_edits(const Pool& pool);

}  // namespace hyperagent
