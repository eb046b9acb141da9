// Golden numbers: each model against a case that can be solved by hand.
#include <catch2/catch.hpp>
#include <cmath>

#include "domains/text_models/models.h"

using namespace hyperagent::text_models;
using hyperagent::Json;

namespace {

Recipe recipe(const Json& json) { return std::get<Recipe>(parse_recipe(json)); }

struct Data {
  std::vector<Json> inputs;
  std::vector<std::size_t> rows;
  TermMatrix matrix;
  Data(const Recipe& r, std::vector<Json> given) : inputs(std::move(given)), matrix(r, pointers()) {
    for (std::size_t i = 0; i < inputs.size(); ++i) rows.push_back(i);
  }
  std::vector<const Json*> pointers() const {
    std::vector<const Json*> all;
    for (const Json& input : inputs) all.push_back(&input);
    return all;
  }
};

SparseRows rows_of(const std::vector<SparseVector>& given) {
  SparseRows rows;
  for (const SparseVector& row : given) rows.add(row);
  return rows;
}

double bisect(double low, double high, const std::function<double(double)>& f) {  // f increases
  for (int i = 0; i < 200; ++i) (f((low + high) / 2) > 0 ? high : low) = (low + high) / 2;
  return low;
}

}  // namespace

TEST_CASE("multinomial naive Bayes gives the log odds worked out by hand") {
  const Recipe words = recipe({{"kind", "words"}, {"field", "t"}});
  const Data data(words, {{{"t", "apple apple"}}, {{"t", "berry"}}});
  const std::vector<double> y = {1, 0};
  const NaiveBayes bayes(data.matrix, data.rows, y);
  const auto odds = [&](const char* text) { return bayes.log_odds(data.matrix.row_of({{"t", text}})); };
  CHECK(odds("apple") == Approx(std::log((3.0 / 4) / (1.0 / 3))));
  CHECK(odds("berry") == Approx(std::log((1.0 / 4) / (2.0 / 3))));
  CHECK(odds("cherry") == Approx(0).margin(1e-8));
}

TEST_CASE("Gaussian naive Bayes on a number gives the log odds worked out by hand") {
  const Recipe number = recipe({{"kind", "number"}, {"field", "x"}});
  const Data data(number, {{{"x", 0}}, {{"x", 2}}, {{"x", 4}}, {{"x", 6}}});
  const std::vector<double> y = {0, 0, 1, 1};
  const NaiveBayes bayes(data.matrix, data.rows, y);
  const double variance = 1 + 1e-3 * 5;  // of each class, plus a thousandth of the overall variance
  CHECK(bayes.log_odds({{}, {5}}) == Approx((16 - 0) / (2 * variance)));
}

TEST_CASE("logistic regression meets its optimality condition on two points") {
  const std::vector<SparseVector> x = {{{0, 1.0}}, {{0, -1.0}}};
  const std::vector<double> y = {1, 0};
  for (double penalty : {0.01, 1.0, 100.0}) {
    const LinearModel model = fit_logistic(rows_of(x), y, 1, penalty);
    const double expected = bisect(0, 100, [&](double w) { return penalty * w - 2 / (1 + std::exp(w)); });
    CHECK(model.weights[0] == Approx(expected).epsilon(1e-6));
    CHECK(model.bias == Approx(0).margin(1e-7));
  }
}

TEST_CASE("logistic regression without features gives the log odds of the labels, however large the penalty") {
  const std::vector<SparseVector> x(4);
  const LinearModel model = fit_logistic(rows_of(x), std::vector<double>{1, 1, 1, 0}, 0, 1e6);
  CHECK(model.bias == Approx(std::log(3)));
}

TEST_CASE("logistic regression stays finite on separable data with almost no penalty") {
  const std::vector<SparseVector> x = {{{0, 1000.0}}, {{0, -1000.0}}, {{0, 999.0}}};
  const LinearModel model = fit_logistic(rows_of(x), std::vector<double>{1, 0, 1}, 1, 1e-4);
  CHECK(std::isfinite(model.weights[0]));
  CHECK(model.score(x[0]) > 0);
  CHECK(model.score(x[1]) < 0);
}

TEST_CASE("ridge gives the slope and intercept of the closed form") {
  const std::vector<SparseVector> x = {{{0, 0.0}}, {{0, 1.0}}, {{0, 2.0}}, {{0, 3.0}}};
  const std::vector<double> y = {1, 3, 5, 7};  // centred: Sxx = 5, Sxy = 10
  for (double penalty : {1e-4, 1.0, 10.0}) {
    const LinearModel model = fit_ridge(rows_of(x), y, 1, penalty);
    CHECK(model.weights[0] == Approx(10 / (5 + penalty)));
    CHECK(model.bias == Approx(4 - 1.5 * model.weights[0]));
  }
}

TEST_CASE("nearest neighbours vote with their cosine") {
  const std::vector<SparseVector> rows = {{{0, 3.0}}, {{0, 1.0}, {1, 1.0}}, {{1, 5.0}}};
  const Nearest nearest(rows_of(rows), {1, 0, 0}, 2);
  const SparseVector x = {{0, 2.0}};
  CHECK(nearest.chance(x, 1) == Approx(1));
  CHECK(nearest.chance(x, 2) == Approx(1 / (1 + std::sqrt(0.5))));
  CHECK(nearest.chance({}, 3) == Approx(1.0 / 3));
}

TEST_CASE("scaling weighs terms by their rarity and standardises numbers over the rows of the fit only") {
  const Recipe both = recipe({{"kind", "both"}, {"a", {{"kind", "words"}, {"field", "t"}}}, {"b", {{"kind", "number"}, {"field", "x"}}}});
  const Data data(both, {{{"t", "common rare"}, {"x", 1}}, {{"t", "common"}, {"x", 3}}, {{"t", "unseen"}, {"x", 900}}});
  const std::vector<std::size_t> fit = {0, 1};
  const Scaling scaling(data.matrix, fit);
  const SparseVector row = scaling.apply(data.matrix.row(0));
  REQUIRE(row.size() == 3);
  const double rare = std::log(3.0 / 2) + 1, length = std::sqrt(1 + rare * rare);
  CHECK(std::min(row[0].second, row[1].second) == Approx(1 / length));
  CHECK(std::max(row[0].second, row[1].second) == Approx(rare / length));
  CHECK(row[2].second == Approx(-1));
  CHECK(scaling.apply({data.matrix.row(2).counts, {3}}).size() == 1);  // "unseen" was in no row of the fit
}

TEST_CASE("words of which only the presence counts all count the same, however often and rare they are, and beside weighed words") {
  const Recipe both = recipe({{"kind", "both"}, {"a", {{"kind", "words"}, {"field", "t"}}}, {"b", {{"kind", "presence"}, {"field", "t"}}}});
  const Data data(both, {{{"t", "common rare rare rare"}}, {{"t", "common"}}});
  const Scaling scaling(data.matrix, data.rows);
  const SparseVector row = scaling.apply(data.matrix.row(0));
  REQUIRE(row.size() == 4);
  CHECK(row[0].second * row[0].second + row[1].second * row[1].second == Approx(1));
  const double same = 1 / std::sqrt((2 + 1) / 2.0);  // a text has one and a half on average
  CHECK(row[2].second == Approx(same));
  CHECK(row[3].second == Approx(same));
}
