// The domain contract: tasks with splits, how a task is posed, which host calls serve it, how an answer is graded.
// To add a domain in C++, write these two classes and add one line to domains/domains.cpp; a JSONL domain needs no C++ at all.
// All const methods are thread-safe. What the agent sees is only input(), examples() and the replies of TaskServices.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/score.h"

namespace hyperagent {

// Host calls of one solve() on one task. One object per solve, used by one thread. Metered: the budget is a count, never a
// time, so that the same agent gets the same replies on any machine.
class TaskServices {
 public:
  virtual ~TaskServices() = default;
  // The reply, or nothing when this domain has no call of that name. A wrong argument or a spent budget is a reply
  // {"error": "..."}: data for the agent. An Error is our own failure: the candidate's evaluation is retried, never scored.
  virtual Result<std::optional<Json>> call(const std::string& name, const Json& arguments) = 0;
  // The reply that this call would get, where it depends on the task and the arguments alone and is cheap (HostCalls::foresee); not
  // metered.
  virtual std::optional<Json> foresee(const std::string&, const Json&) const { return std::nullopt; }
  // Meters so many foreseen replies that the agent has used.
  virtual void served(int) {}
  // What these calls did that grading has to know, e.g. what was handed in before the answer; goes to grade_observed().
  virtual Json observed() const { return {}; }
};

class Domain {
 public:
  virtual ~Domain() = default;

  virtual std::string name() const = 0;
  // {"name","description","metric","vocabulary":{KIND:[string or number...]},"blocks":[header...],"labels":[...]}.
  // `vocabulary` feeds typed edits: parameters annotated ha::vocab:KIND take these strings ("text_field", "number_field",
  // "numbers_field", "label", "level"). `blocks` names the API headers whose functions typed edits may call here; "!ha::name" leaves one out.
  // Optional, for language models: "fields" of the input, "reading": how to read what grading reports.
  virtual Json describe() const = 0;

  virtual std::size_t size(Split split) const = 0;
  virtual std::string task_id(Split split, std::size_t index) const = 0;
  // What solve() is given: a JSON object, no label, nothing hidden.
  virtual Json input(Split split, std::size_t index) const = 0;
  // The right answer to a train task, where agents may be told; null otherwise.
  virtual Json train_answer(std::size_t index) const {
    (void)index;
    return {};
  }
  virtual std::unique_ptr<TaskServices> services(Split split, std::size_t index) const = 0;
  // Grades what solve() returned (null: no answer). Any answer, however malformed, gets a score with a "why" in its detail.
  virtual Result<TaskResult> grade(Split split, std::size_t index, const Json& answer) const = 0;
  // The same for a domain whose services saw something that counts; `observed` is null when no host call was made.
  virtual Result<TaskResult> grade_observed(Split split, std::size_t index, const Json& answer, const Json& observed) const {
    (void)observed;
    return grade(split, index, answer);
  }

  // Computes ahead what every search on the train and val tasks would ask for and the domain keeps between runs; nothing by default.
  // `progress` is told the tasks done and in all, by one thread at a time.
  virtual Result<void> prepare(int threads, const std::function<void(std::size_t, std::size_t)>& progress) const {
    (void)threads;
    (void)progress;
    return {};
  }

  // Extra metrics of a set of results, e.g. {"accuracy": .., "auc": ..}; the score itself is the mean. A metric "selection", on the scale of
  // scores, drives selection instead of the mean: for domains that have a less noisy measure of the same thing.
  virtual Json metrics(std::span<const TaskResult> results) const = 0;

  // The first stage: how many train tasks gate the full evaluation.
  virtual std::size_t first_stage() const = 0;
  // How much worse than its parent a candidate may be on the first stage and still be evaluated in full, in tasks. A domain of few tasks with fine
  // scores sets less than one.
  virtual double gate_slack() const { return 1; }
  // The entry point of an agent's task half that a task calls; runners know what to run for it. "solve", or "reward" (the agent is trained with).
  virtual std::string entry() const { return "solve"; }
  // The shipped agent that knows nothing of this domain's entry point, where every search can start.
  virtual std::string blank_agent() const { return "blank"; }
  // Wall-clock limit of one call of the entry point, seconds.
  virtual double solve_seconds() const { return 5; }
};

}  // namespace hyperagent
