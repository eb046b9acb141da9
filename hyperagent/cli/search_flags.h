// Options that more than one command takes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hyperagent/cli/console.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/core/result.h"
#include "hyperagent/loop/approval.h"
#include "hyperagent/loop/options.h"

namespace CLI {
class App;
}

namespace hyperagent {

struct BudgetFlags {
  std::optional<int> generations, max_candidates, patience;
  std::optional<double> max_time, target;

  void add_to(CLI::App& app, bool resuming);
  // Whether one of those is given that end every search.
  bool bounds() const { return generations || max_candidates || patience || max_time; }
  // Sets what was given; max_time is not touched.
  void apply(LoopOptions& options) const;
};

// --policy and --approve.
struct ApprovalFlags {
  std::string policy_file;
  bool approve = false;

  void add_to(CLI::App& app, bool resuming);
  // The policy of a new run. User errors as read_policy().
  Result<Json> policy() const;
};
// Asks on the terminal when `approve` says so and there is one; null: edits that need approval are queued.
std::unique_ptr<Approver> make_approver(bool approve, Console& console, Workbench& bench);

void add_workers_flag(CLI::App& app, int& workers);
// 1 to 256, 0: one per core, or two where `device`: trainings on a GPU share it.
int worker_count(int given, bool device);

}  // namespace hyperagent
