// Scores and per-task results. "No score" is not 0: it is an empty optional or n == 0.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"

namespace hyperagent {

enum class Split { Train, Val, Test };
const char* to_string(Split split);                       // "train", "val", "test"
std::optional<Split> split_from(const std::string& name);

// What one task gave. `score` is in [0, 1].
struct TaskResult {
  std::string task;  // the task's id, unique within its domain
  double score = 0;
  Json detail;       // domain data: {"why": "...", ...}; deterministic, no times
};

// A mean with its standard error: stderr = sd / sqrt(n), sd with n - 1; 0 for n < 2.
struct Score {
  double mean = 0;
  double standard_error = 0;
  std::size_t n = 0;  // 0: no score
};

Score score_of(std::span<const TaskResult> results);
Json to_json(const Score& score);          // {"score","stderr","n"}; score is null when n == 0
Score score_from(const Json& json);
Json to_json(const TaskResult& result);    // {"task","score","detail"}
TaskResult task_result_from(const Json& json);

}  // namespace hyperagent
