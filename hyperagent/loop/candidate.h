// One candidate on its way from the parent's proposal to the archive. Everything here works on values and borrowed parts and leaves the
// pool alone: what the candidate became is returned, and the loop stores it in slot order.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hyperagent/core/agent_runner.h"
#include "hyperagent/core/domain.h"
#include "hyperagent/core/pool.h"
#include "hyperagent/core/rng.h"
#include "hyperagent/core/toolchain.h"
#include "hyperagent/loop/approval.h"
#include "hyperagent/loop/evaluate.h"
#include "hyperagent/loop/meta_services.h"
#include "hyperagent/loop/options.h"
#include "hyperagent/loop/pool_reader.h"
#include "hyperagent/loop/programs.h"
#include "hyperagent/loop/proposal.h"
#include "hyperagent/loop/self_view.h"
#include "hyperagent/loop/stages.h"
#include "hyperagent/loop/stop.h"

namespace hyperagent {

// What a worker thread works with; borrowed.
struct Worker {
  Toolchain* toolchain = nullptr;
  AgentRunner* runner = nullptr;
  AgentRunner* spare = nullptr;  // for programs that improve() tries while `runner` is busy with improve() itself
  AgentRunner& spare_runner() const { return spare != nullptr ? *spare : *runner; }
};

// What all candidates of a run share; borrowed, thread-safe.
struct Workshop {
  const Domain& domain;
  const Json& description;                      // Domain::describe()
  const std::vector<std::size_t>& stage_tasks;  // the first stage: sorted train indexes, the same for all agents of the run
  const LoopOptions& options;
  const Clock& clock;
  StopSignal& stop;
  Programs& programs;
  PoolReader& pool;
  bool gated = true;
  Approver* approver = nullptr;  // without one, edits that need approval are queued
  Completions* completions = nullptr;
  const CancelFlag* cancel = nullptr;
};

// Which slot of a generation made a program first. A later slot with the same program is a duplicate whatever became of the
// earlier one, so it need not be evaluated. Slots run in any order: a later slot may come by first and be evaluated in vain, which is why
// the loop settles duplicates once more in slot order.
class Claims {
 public:
  bool taken_by_earlier(const std::string& ast_hash, int slot) {
    std::lock_guard lock(mutex_);
    auto [claim, fresh] = first_.emplace(ast_hash, slot);
    if (!fresh && claim->second < slot) return true;
    claim->second = slot;
    return false;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> first_;
};

struct Slot {
  int generation = 0;
  int number = 0;
  Rng rng;
  std::shared_ptr<const ParentView> parent;
  int known = 0;  // the agents it may know of: those with smaller ids
  std::optional<Proposal> approved = {};  // made earlier, and a person agreed to it: improve() is not asked
  std::string model = {};                 // that serves its improve()
};

struct SlotResult {
  CandidateRecord candidate;
  std::string ast_hash;              // empty when the edits did not apply
  std::optional<AgentRecord> agent;  // to be archived
  AgentSource source;
  ModelUse use;                      // of all its steps
  Json proposal_cost;                // of its proposal alone: what a duplicate costs, whether or not it was evaluated in vain
};

class Candidate {
 public:
  Candidate(const Workshop& shop, const Worker& worker, Claims& claims, Slot slot, StageTimes& times);

  // Runs the pipeline. An Error is our own failure (or a stop request); whatever the candidate does wrong is an outcome.
  Result<SlotResult> process();

 private:
  using Go = Result<bool>;  // false: the candidate's way ends here, with outcome and message set

  // The steps, in order.
  Go improve();
  Go rewrite();
  Go approve();
  Go compile();
  Go compare();
  Go first_stage();
  Go trial();
  Go train();
  Go validate();
  void archive();
  SlotResult finished();

  bool end(const char* outcome, const std::string& code, const std::string& message);
  Result<Verdict<Rewritten>> applied(const AgentSource& source, const Json& edits);
  Result<Verdict<Proposal>> proposal_of(const CompiledAgent& program, const AgentSource& source, const std::string& ast_hash,
                                        const Json& self);
  Json cost() const { return {{"solves", solves_}, {"host_calls", host_calls_}}; }
  Result<EvaluatedTasks> evaluate(Split split, std::span<const std::size_t> indexes);
  Json train_task(const std::string& id) const;
  Result<Json> tried(const AgentSource& source, const std::vector<std::string>& tasks, ModelUse& use);
  AgentRecord record() const;

  const Workshop& shop_;
  const Worker& worker_;
  Claims& claims_;
  StageTimes& times_;
  Slot slot_;
  const KnownAgents agents_;
  const AgentRecord& parent_;
  SlotResult result_;
  Proposal proposal_;
  std::vector<std::string> needs_approval_;
  Programs::Library parent_program_;  // null where improve() was not asked
  CompiledAgent program_;
  Pace pace_;
  ModelUse improve_use_, solve_use_;
  std::size_t solves_ = 0, host_calls_ = 0;
  bool task_changed_ = true, meta_changed_ = true;  // by the compiled halves
  std::vector<TaskResult> stage_results_, train_results_, val_results_;
};

// The gate: something solved, and against the parent on the same tasks no worse than by one task or one standard error of the paired
// difference, whichever is more. `slack`: what the domain counts as one task (core/domain.h).
bool passes_gate(std::span<const TaskResult> own, std::span<const TaskResult> parent, double slack = 1);

// The parent's results, train being complete, at these indexes.
std::vector<TaskResult> results_at(const std::vector<TaskResult>& results, std::span<const std::size_t> indexes);

}  // namespace hyperagent
