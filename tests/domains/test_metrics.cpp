#include <catch2/catch.hpp>
#include <cmath>

#include "domains/jsonl/metrics.h"

using namespace hyperagent;

namespace {

jsonl::Spec labels() {
  jsonl::Spec spec;
  spec.labels = {"no", "yes"};
  spec.grading.kind = jsonl::Grading::Kind::Label;
  return spec;
}

TaskResult result(bool positive, const char* answer, std::optional<double> score = {}) {
  TaskResult r{"t", positive == (std::string(answer) == "yes") ? 1.0 : 0.0, {{"positive", positive}, {"answer", answer}}};
  if (score) r.detail["score"] = *score;
  return r;
}

}  // namespace

TEST_CASE("the area under the curve counts pairs in the right order and ties by half") {
  CHECK(*jsonl::area_under_curve(std::vector<double>{0.1, 0.4, 0.35, 0.8}, std::vector<char>{0, 0, 1, 1}) == Approx(0.75));
  CHECK(*jsonl::area_under_curve(std::vector<double>{1, 1, 1}, std::vector<char>{0, 1, 1}) == Approx(0.5));
  CHECK(*jsonl::area_under_curve(std::vector<double>{1, 2, 2, 3}, std::vector<char>{0, 0, 1, 1}) == Approx(0.875));
  CHECK_FALSE(jsonl::area_under_curve(std::vector<double>{1, 2}, std::vector<char>{1, 1}));
  CHECK_FALSE(jsonl::area_under_curve({}, {}));
}

TEST_CASE("two-label metrics are those worked out by hand") {
  const std::vector<TaskResult> results = {result(true, "yes", 0.8), result(true, "no", 0.4), result(true, "yes", 0.6),
                                           result(false, "no", 0.5)};
  const Json metrics = jsonl::metrics_of(labels(), results);
  CHECK(metrics.at("accuracy").get<double>() == Approx(0.75));
  CHECK(metrics.at("balanced_accuracy").get<double>() == Approx((2.0 / 3 + 1) / 2));
  CHECK(metrics.at("auc").get<double>() == Approx(2.0 / 3));
  CHECK(metrics.at("selection").get<double>() == Approx((0.75 + 2.0 / 3) / 2));
  CHECK(metrics.at("log_loss").get<double>() == Approx(-(std::log(0.8) + std::log(0.4) + std::log(0.6) + std::log(0.5)) / 4));
  CHECK(metrics.at("answered") == 1.0);
}

TEST_CASE("there is no log loss where a score is missing or no chance") {
  CHECK_FALSE(jsonl::metrics_of(labels(), std::vector<TaskResult>{result(true, "yes", 5.5), result(false, "no", 3)}).contains("log_loss"));
  CHECK_FALSE(jsonl::metrics_of(labels(), std::vector<TaskResult>{result(true, "yes", 0.5), result(false, "no")}).contains("log_loss"));
}

TEST_CASE("one certain and wrong answer leaves the log loss finite") {
  const Json metrics = jsonl::metrics_of(labels(), std::vector<TaskResult>{result(true, "no", 0.0), result(false, "no", 0.0)});
  CHECK(std::isfinite(metrics.at("log_loss").get<double>()));
}

TEST_CASE("bare labels rank as 1 and 0 and no answer between them") {
  TaskResult none{"t", 0, {{"positive", true}, {"answer", nullptr}, {"why", "no answer"}}};
  const Json metrics =
      jsonl::metrics_of(labels(), std::vector<TaskResult>{result(true, "yes"), none, result(false, "no"), result(false, "yes")});
  CHECK(metrics.at("auc").get<double>() == Approx((0.5 + 1 + 0 + 1) / 4));
  CHECK(metrics.at("answered") == 0.75);
}

TEST_CASE("errors of numbers are reported only when every task was answered by one") {
  jsonl::Spec spec;
  spec.grading.kind = jsonl::Grading::Kind::Numeric;
  std::vector<TaskResult> results = {{"a", 0, {{"answer", 4}, {"error", 3}}}, {"b", 0, {{"answer", 4}, {"error", -4}}}};
  CHECK(jsonl::metrics_of(spec, results).at("mean_absolute_error").get<double>() == Approx(3.5));
  CHECK(jsonl::metrics_of(spec, results).at("root_mean_square_error").get<double>() == Approx(std::sqrt(12.5)));
  results.push_back({"c", 0, {{"answer", nullptr}}});
  CHECK_FALSE(jsonl::metrics_of(spec, results).contains("mean_absolute_error"));
}

TEST_CASE("no results give no metrics") { CHECK(jsonl::metrics_of(labels(), {}).empty()); }
