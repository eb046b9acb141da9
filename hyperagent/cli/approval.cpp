#include "hyperagent/cli/approval.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "hyperagent/cli/ast_questions.h"
#include "hyperagent/report/diff_text.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

// One line of standard input, read byte by byte: what is behind it belongs to whoever reads next. Nothing at its end.
std::optional<std::string> read_line() {
  std::string line;
  for (char c = 0;;) {
    if (::read(STDIN_FILENO, &c, 1) != 1) return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n') return line;
    line += c;
  }
}

}  // namespace

Json policy_with_approval(Json policy, bool approve) {
  if (approve && policy.is_null()) return {{"default", "needs_approval"}, {"why", "every edit needs approval"}};
  return policy;
}

std::optional<Approval> ask_person(Console& console, const std::string& question) {
  for (;;) {
    console.end_live();
    console.note(question + " [y]es, [n]o, [l]ater, [q]uit: ");
    const auto line = read_line();
    if (!line) return Approval::Later;
    const std::string word = one_line(*line);
    if (word == "y" || word == "yes") return Approval::Approved;
    if (word == "n" || word == "no") return Approval::Rejected;
    if (word == "l" || word == "later") return Approval::Later;
    if (word == "q" || word == "quit") return std::nullopt;
  }
}

std::string approval_text(int parent, const std::string& reason, const std::string& why, const Json& diff, int fd) {
  const TextStyle style = terminal_style(fd);
  const auto width = static_cast<std::size_t>(style.width);
  std::string text = "\nan edit of agent " + std::to_string(parent) + " needs approval\n";
  if (!reason.empty()) text += wrapped("reason: " + reason, "  ", std::min<std::size_t>(width, 100));
  std::istringstream places(why);
  for (std::string place; std::getline(places, place);) text += wrapped(place, "  ", width);
  return text + diff_text(diff, style);
}

bool TerminalApprover::possible(const Console& console) { return ::isatty(STDIN_FILENO) == 1 && ::isatty(console.err()) == 1; }

Result<Approval> TerminalApprover::decide(const ApprovalRequest& request) {
  std::lock_guard lock(mutex_);
  const auto known = std::find_if(answers_.begin(), answers_.end(), [&](const auto& answer) { return answer.first == request.after; });
  if (known != answers_.end()) return known->second;
  if (quit_) return Approval::Later;
  auto diff = ask_diff(*toolchain_, request.before, request.after);
  if (!diff) return diff.error();
  std::string why;
  for (const std::string& place : request.why) why += place + "\n";
  console_.end_live();
  console_.note(approval_text(request.parent, request.reason, why, *diff, console_.err()));
  const auto answer = ask_person(console_, "apply this edit?");
  quit_ = !answer;
  answers_.emplace_back(request.after, answer.value_or(Approval::Later));
  return answers_.back().second;
}

std::vector<QueuedEdit> queued_edits(const Pool& pool) {
  std::vector<QueuedEdit> queue;
  for (const AgentRecord& agent : pool.agents()) {
    std::set<std::string> decided;
    std::map<std::string, const CandidateRecord*> waiting;
    for (const CandidateRecord& candidate : pool.candidates_of(agent.id)) {
      const std::string edits = candidate.edits.dump();
      if (candidate.outcome != "queued")
        decided.insert(edits);
      else
        waiting.emplace(edits, &candidate);
    }
    for (const auto& [edits, candidate] : waiting)
      if (!decided.contains(edits))
        queue.push_back({std::to_string(candidate->generation) + "." + std::to_string(candidate->slot), *candidate});
  }
  std::sort(queue.begin(), queue.end(), [](const QueuedEdit& a, const QueuedEdit& b) {
    return std::pair(a.record.generation, a.record.slot) < std::pair(b.record.generation, b.record.slot);
  });
  return queue;
}

}  // namespace hyperagent
