// Grading: from an answer, however malformed, to a score with a reason.
#pragma once

#include <string>

#include "domains/jsonl/rows.h"
#include "domains/jsonl/spec.h"
#include "hyperagent/core/box.h"
#include "hyperagent/core/score.h"

namespace hyperagent::jsonl {

// Thread-safe. `launcher` is needed by program graders only and must outlive the grader.
class Grader {
 public:
  // Checks that a program grader can be run. `folder` holds its files.
  static Result<Grader> make(const Spec& spec, const std::string& folder, BoxLauncher* launcher);

  // detail: {"answer", "score"?, "positive"? (two labels), "error"? (numeric), "why"? (when it scored below 1)}. It never holds
  // the expected answer in words, but "positive" and "error" tell it: only train details may be shown to an agent.
  Result<TaskResult> grade(const Row& row, const Json& answer) const;

 private:
  Grader(Spec spec, BoxSpec box, BoxLauncher* launcher) : spec_(std::move(spec)), box_(std::move(box)), launcher_(launcher) {}
  void grade_label(const Row& row, const Json& answer, TaskResult& result) const;
  void grade_numeric(const Row& row, const Json& answer, TaskResult& result) const;
  void grade_exact(const Row& row, const Json& answer, TaskResult& result) const;
  Result<void> grade_program(const Row& row, const Json& answer, TaskResult& result) const;

  Spec spec_;
  BoxSpec box_;
  BoxLauncher* launcher_;
};

// The answer that must score 1: what a perfect agent returns.
Json right_answer(const Spec& spec, const Row& row);

}  // namespace hyperagent::jsonl
