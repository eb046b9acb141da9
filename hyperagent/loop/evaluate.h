// Scores a compiled agent on the tasks of a split: runs its solve() in boxes and has the domain grade what came back.
// Used by the pipeline and by the `evaluate` command.
//
//   auto report = evaluate_agent(compiled.library, domain, Split::Test, runners, clock, cancel);
#pragma once

#include <span>
#include <string>
#include <vector>

#include "hyperagent/core/agent_runner.h"
#include "hyperagent/core/clock.h"
#include "hyperagent/core/domain.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/score.h"
#include "hyperagent/loop/model_calls.h"
#include "hyperagent/loop/stages.h"
#include "hyperagent/loop/stop.h"

namespace hyperagent {

struct EvaluateReport {
  std::vector<TaskResult> results;  // in task order
  Score score;
  Json metrics;
  std::size_t answered = 0;  // tasks whose solve() returned, whatever it returned
  std::size_t host_calls = 0;  // made by those
  ModelUse use;
};

Json to_json(const EvaluateReport& report);  // {"score","stderr","n","metrics","answered","host_calls","tasks":[...]}

// How many tasks of one agent are run at a time, in one box: few enough that a stop request is noticed about every second, many enough that
// starting boxes costs little. A chunk's size depends on time, its results do not: every solve() runs in a process of its own.
class Pace {
 public:
  explicit Pace(std::size_t first = 16) : chunk_(first) {}
  std::size_t chunk() const { return chunk_; }
  void took(double seconds);  // a whole chunk

 private:
  std::size_t chunk_;
};

// One call of evaluate_tasks(): all borrowed. The pace is the agent's: what one split taught holds for the next.
struct Evaluation {
  const std::string& library;
  const Domain& domain;
  Split split;
  AgentRunner& runner;
  const Clock& clock;
  StopSignal& stop;
  StageTimes& times;
  Pace& pace;
  ModelAccess models = {};
  CallSite site = {};  // of its model calls, but for the place
};

struct EvaluatedTasks {
  std::vector<TaskResult> results;  // one per index, in their order
  std::size_t answered = 0;
  std::size_t host_calls = 0;  // of solve()s that returned: how far another one came may depend on the machine
  ModelUse use;
};

// Runs and grades the tasks with these indexes. A solve() that ended without a result is graded as no answer (null), and the
// detail's "why" says how it ended. Error: our own failure, twice in a row, or Interrupted.
Result<EvaluatedTasks> evaluate_tasks(const Evaluation& evaluation, std::span<const std::size_t> indexes);

// The whole split, divided over the runners (one thread each). The results do not depend on their number. `completions` may be null;
// `program` is the agent's canonical hash, under which its exchanges with models are kept.
Result<EvaluateReport> evaluate_agent(const std::string& library, const Domain& domain, Split split, std::span<AgentRunner* const> runners,
                                      const Clock& clock, CancelFlag& cancel, Completions* completions = nullptr, const std::string& program = "");

std::vector<std::size_t> all_tasks(const Domain& domain, Split split);

}  // namespace hyperagent
