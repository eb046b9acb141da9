#include "hyperagent/core/score.h"

#include <cmath>

namespace hyperagent {

const char* to_string(Split split) {
  switch (split) {
    case Split::Train: return "train";
    case Split::Val: return "val";
    case Split::Test: return "test";
  }
  return "train";
}

std::optional<Split> split_from(const std::string& name) {
  for (Split split : {Split::Train, Split::Val, Split::Test})
    if (name == to_string(split)) return split;
  return std::nullopt;
}

Score score_of(std::span<const TaskResult> results) {
  Score score{.n = results.size()};
  if (results.empty()) return score;
  for (const TaskResult& result : results) score.mean += result.score;
  score.mean /= static_cast<double>(score.n);
  if (score.n < 2) return score;
  double squares = 0;
  for (const TaskResult& result : results) squares += (result.score - score.mean) * (result.score - score.mean);
  score.standard_error = std::sqrt(squares / static_cast<double>(score.n - 1) / static_cast<double>(score.n));
  return score;
}

Json to_json(const Score& score) {
  return {{"score", score.n == 0 ? Json() : Json(score.mean)}, {"stderr", score.standard_error}, {"n", score.n}};
}

Score score_from(const Json& json) {
  if (!json.is_object()) return {};
  Score score{.standard_error = json.value("stderr", 0.0), .n = json.value("n", std::size_t{0})};
  if (score.n > 0) score.mean = json.value("score", 0.0);
  return score;
}

Json to_json(const TaskResult& result) { return {{"task", result.task}, {"score", result.score}, {"detail", result.detail}}; }

TaskResult task_result_from(const Json& json) {
  return {json.value("task", ""), json.value("score", 0.0), json.value("detail", Json())};
}

}  // namespace hyperagent
