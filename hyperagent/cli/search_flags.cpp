#include "hyperagent/cli/search_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "hyperagent/cli/approval.h"
#include "hyperagent/cli/number_range.h"
#include "hyperagent/cli/policy_file.h"

namespace hyperagent {

void BudgetFlags::add_to(CLI::App& app, bool resuming) {
  const std::string whole = resuming ? " (of the whole run, earlier parts included)" : "";
  app.add_option("--generations", generations, "Stop after so many generations" + whole)->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--max-time", max_time, resuming ? "Search so many seconds more" : "Stop after so many seconds (180 when no limit is given)")
      ->check(number_from(0.001, 1e9));
  app.add_option("--max-candidates", max_candidates, "Stop after so many candidates" + whole)->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--target", target, "Stop when the best agent scores this on val")->check(number_from(-1e9, 1e9));
  app.add_option("--patience", patience, "Stop after so many generations without a better agent")->check(CLI::Range(1, 1'000'000'000));
}

void BudgetFlags::apply(LoopOptions& options) const {
  if (generations) options.generations = *generations;
  if (max_candidates) options.max_candidates = *max_candidates;
  if (patience) options.patience = *patience;
  if (target) options.target = target;
}

void ApprovalFlags::add_to(CLI::App& app, bool resuming) {
  app.add_flag("--approve", approve, "Show the AST diff of edits that need approval and ask; without a terminal they wait for `hyperagent approve`");
  if (!resuming) app.add_option("--policy", policy_file, "File that says what edits may touch; with --approve and without it, every edit needs approval");
}

Result<Json> ApprovalFlags::policy() const {
  auto policy = read_policy(policy_file);
  if (!policy) return policy;
  return policy_with_approval(std::move(*policy), approve);
}

std::unique_ptr<Approver> make_approver(bool approve, Console& console, Workbench& bench) {
  if (!approve || !TerminalApprover::possible(console)) return nullptr;
  return std::make_unique<TerminalApprover>(console, bench.make_toolchain());
}

void add_workers_flag(CLI::App& app, int& workers) {
  app.add_option("--workers", workers, "Threads, each with boxes of its own (one per core; two where trainings share a GPU); results do not depend on it")->check(CLI::Range(1, 256));
}

int worker_count(int given, bool device) { return given > 0 ? given : device ? std::min(2, core_count()) : core_count(); }

}  // namespace hyperagent
