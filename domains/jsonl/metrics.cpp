#include "domains/jsonl/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hyperagent::jsonl {
namespace {

double share(double part, double all) { return all > 0 ? part / all : 0; }

void add_two_label_metrics(const Spec& spec, std::span<const TaskResult> results, Json& metrics) {
  std::vector<double> ranks;
  std::vector<char> positive;
  double n[2] = {0, 0}, right[2] = {0, 0}, loss = 0;
  bool chances = true;
  for (const TaskResult& result : results) {
    const Json& detail = result.detail;
    if (!detail.is_object() || !detail.value("positive", Json()).is_boolean()) continue;  // not one of our details
    const bool is_positive = detail.at("positive").get<bool>();
    ++n[is_positive];
    right[is_positive] += result.score;
    double rank = 0.5;
    const Json score = detail.value("score", Json()), answer = detail.value("answer", Json());
    if (score.is_number())
      rank = score.get<double>();
    else if (!answer.is_null())
      rank = label_text(answer) == spec.labels[1] ? 1 : label_text(answer) == spec.labels[0] ? 0 : 0.5;
    ranks.push_back(rank);
    positive.push_back(is_positive ? 1 : 0);
    chances = chances && score.is_number() && rank >= 0 && rank <= 1;
    // Clipped as is usual: one certain and wrong answer must not make the mean infinite.
    if (chances) loss -= std::log(std::clamp(is_positive ? rank : 1 - rank, 1e-15, 1.0));
  }
  if (n[0] > 0 && n[1] > 0) metrics["balanced_accuracy"] = (share(right[0], n[0]) + share(right[1], n[1])) / 2;
  if (const auto auc = area_under_curve(ranks, positive)) {
    metrics["auc"] = *auc;
    // Right labels are what counts, but a few hundred of them tell weak models apart poorly; how well an agent ranks is the steadier evidence.
    metrics["selection"] = (share(right[0] + right[1], n[0] + n[1]) + *auc) / 2;
  }
  if (chances && !ranks.empty()) metrics["log_loss"] = loss / static_cast<double>(ranks.size());
}

void add_number_metrics(std::span<const TaskResult> results, Json& metrics) {
  double absolute = 0, squares = 0;
  for (const TaskResult& result : results) {
    const Json error = result.detail.is_object() ? result.detail.value("error", Json()) : Json();
    if (!error.is_number()) return;  // an error over some of the tasks would flatter an agent that skips the hard ones
    absolute += std::abs(error.get<double>());
    squares += error.get<double>() * error.get<double>();
  }
  const double n = static_cast<double>(results.size());
  metrics["mean_absolute_error"] = absolute / n;
  metrics["root_mean_square_error"] = std::sqrt(squares / n);
}

}  // namespace

std::optional<double> area_under_curve(std::span<const double> ranks, std::span<const char> positive) {
  std::vector<std::size_t> order(ranks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return ranks[a] < ranks[b]; });
  double positives = 0, places = 0;  // places: the sum of the positives' ranks from 1, ties at their mean
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && ranks[order[end]] == ranks[order[begin]]) ++end;
    const double place = (static_cast<double>(begin + 1) + static_cast<double>(end)) / 2;
    for (std::size_t i = begin; i < end; ++i)
      if (positive[order[i]] != 0) ++positives, places += place;
  }
  const double negatives = static_cast<double>(ranks.size()) - positives;
  if (positives == 0 || negatives == 0) return std::nullopt;
  return (places - positives * (positives + 1) / 2) / (positives * negatives);
}

Json metrics_of(const Spec& spec, std::span<const TaskResult> results) {
  Json metrics = Json::object();
  if (results.empty()) return metrics;
  double answered = 0;
  for (const TaskResult& result : results)
    answered += result.detail.is_object() && !result.detail.value("answer", Json()).is_null() ? 1 : 0;
  const bool right_or_wrong = spec.grading.kind == Grading::Kind::Label || spec.grading.kind == Grading::Kind::Numeric;
  metrics[right_or_wrong ? "accuracy" : "mean"] = score_of(results).mean;
  metrics["answered"] = answered / static_cast<double>(results.size());
  if (spec.grading.kind == Grading::Kind::Label && spec.labels.size() == 2) add_two_label_metrics(spec, results, metrics);
  if (spec.grading.kind == Grading::Kind::Numeric) add_number_metrics(results, metrics);
  return metrics;
}

}  // namespace hyperagent::jsonl
