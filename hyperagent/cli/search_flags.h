// Options that more than one command takes.
#pragma once

#include <optional>
#include <string>

#include "hyperagent/core/result.h"
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

void add_workers_flag(CLI::App& app, int& workers);
// 1 to 256, 0: one per core.
int worker_count(int given);

}  // namespace hyperagent
