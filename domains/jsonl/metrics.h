// Metrics of a set of graded results, computed from their details (grader.h).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "domains/jsonl/spec.h"
#include "hyperagent/core/score.h"

namespace hyperagent::jsonl {

// The chance that a positive ranks above a negative, ties counting half (Mann-Whitney U); empty without both.
std::optional<double> area_under_curve(std::span<const double> ranks, std::span<const char> positive);

// Two labels: {"accuracy","balanced_accuracy","auc","log_loss"?,"answered"}; more labels: {"accuracy","answered"};
// numbers: {"accuracy","mean_absolute_error"?,"root_mean_square_error"?,"answered"}; else {"mean","answered"}.
// AUC ranks by the answer's score; a bare label ranks as 1 or 0 and no answer as 0.5. Log loss only where every result has a score
// and all are in [0, 1]. A metric that cannot be computed is absent. No results: {}.
Json metrics_of(const Spec& spec, std::span<const TaskResult> results);

}  // namespace hyperagent::jsonl
