// The exercises domain: instructions and stubs in, files out, the exercise's own tests decide (Aider's polyglot benchmark and its like).
//
// A task poses {"id","input":{"language","instructions","files": {path: text},"solution": [path]}}; an answer is {"files": {path: text}}. Host calls:
//
//   exercise.run    {"files","script"} -> {"ok","output"}       a program of the solver's own beside its files, 8 times
//   exercise.submit {"files"}          -> {"passed","output"}   the first of two tries; once
//
// The score is pass@2: 1 when the first try (what was submitted, else the answer) or the second one (the answer after a failed submission)
// passes. Metrics: pass_at_1, pass_at_2, and pass_at_2 by language. Tests are never in the box before something was handed in.
#pragma once

#include <memory>

#include "domains/coding/exercise_bench.h"
#include "hyperagent/core/domain.h"

namespace hyperagent {

Result<std::unique_ptr<Domain>> open_exercises(const ExerciseOptions& options);

// Runs every reference solution (must pass) and every stub (must fail): {"name","exercises","references_passed","stubs_passed","by_language","wrong":[...],"ok"}.
// `cases` of the exercises are set to what the reference passes.
Result<Json> check_exercises(const ExerciseOptions& options, std::vector<Exercise>& exercises, const std::function<void(std::size_t, std::size_t)>& progress);

// Writes exercises.jsonl and shared/ into a new or empty folder.
Result<void> write_exercises(const std::string& folder, const std::vector<Exercise>& exercises, const TextFiles& shared);

}  // namespace hyperagent
