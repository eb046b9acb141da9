// What a run did so far. The counts survive a resume: they are part of the state committed with each generation.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "hyperagent/core/json.h"
#include "hyperagent/core/model.h"
#include "hyperagent/core/pool.h"
#include "hyperagent/loop/stages.h"

namespace hyperagent {

// Deterministic: no times.
struct Tally {
  std::map<std::string, long long> outcomes;  // of all candidates
  std::map<std::string, long long> refused;   // turned down before running: refusal code, "duplicate" or "compile"

  void count(const CandidateRecord& candidate);
  long long of(const std::string& outcome) const;
  // Share of the proposals (improve() returned edits) whose edits applied and type-checked; nothing without proposals.
  std::optional<double> proposals_type_checked() const;
  // Share of the new, type-checked children that compiled and answered at least one task.
  std::optional<double> children_ran() const;
};

Json to_json(const Tally& tally);
Tally tally_from(const Json& json);

struct LoopSummary {
  int generation = 0;  // the last one committed
  int best_agent = -1;
  std::optional<double> best_score;  // what the pool ranks by
  std::optional<double> best_train, best_val;
  std::string archive_head;
  std::size_t agents = 0, candidates = 0;
  std::string stopped;  // "generations", "candidates", "target", "patience", "time", "tokens", "cost", "replayed", "interrupted"
  Tally tally;
  double seconds = 0;  // of this call of run()
  StageTimes stages;   // of this call of run(), summed over workers
  ModelUse use;        // of the committed run
};

// The event {"event": "done", ...} of `run --json`.
Json to_json(const LoopSummary& summary);

}  // namespace hyperagent
