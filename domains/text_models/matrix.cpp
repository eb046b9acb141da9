#include "domains/text_models/matrix.h"

#include <cassert>
#include <cmath>

namespace hyperagent::text_models {
namespace {
constexpr std::size_t kManyRows = 100;
}

double dot(const SparseVector& a, std::span<const double> b) {
  double sum = 0;
  for (const auto& [column, value] : a) sum += value * b[column];
  return sum;
}

TermMatrix::TermMatrix(const Recipe& recipe, std::span<const Json* const> inputs) {
  rows_.reserve(inputs.size());
  for (const Json* input : inputs) {
    RawFeatures features = extract(recipe, *input);
    SparseVector row;
    row.reserve(features.terms.size());
    for (const auto& [term, count] : features.terms) {
      const auto next = static_cast<std::uint32_t>(columns_.size());
      row.emplace_back(columns_.try_emplace(term, next).first->second, count);
    }
    rows_.push_back(std::move(row));
    dense_width_ = features.dense.size();
    dense_.push_back(std::move(features.dense));
  }
}

SparseVector TermMatrix::counts_of(const RawFeatures& features) const {
  SparseVector counts;
  for (const auto& [term, count] : features.terms)
    if (auto found = columns_.find(term); found != columns_.end()) counts.emplace_back(found->second, count);
  return counts;
}

Scaling::Scaling(const TermMatrix& matrix, std::span<const std::size_t> rows) : idf_(matrix.terms(), 0.0) {
  assert(!rows.empty() && "a scaling of no rows");
  const double n = static_cast<double>(rows.size());
  for (std::size_t row : rows)
    for (const auto& [column, count] : matrix.row(row)) idf_[column] += 1;
  const double least = rows.size() >= kManyRows ? 2 : 1;
  for (double& idf : idf_) idf = idf >= least ? std::log((1 + n) / (1 + idf)) + 1 : 0;

  mean_.assign(matrix.dense(), 0);
  inverse_deviation_.assign(matrix.dense(), 0);
  for (std::size_t j = 0; j < matrix.dense(); ++j) {
    double squares = 0;
    for (std::size_t row : rows) mean_[j] += matrix.dense_row(row)[j] / n;
    for (std::size_t row : rows) squares += std::pow(matrix.dense_row(row)[j] - mean_[j], 2);
    const double deviation = std::sqrt(squares / n);
    if (std::isfinite(deviation) && deviation > 1e-12 * (1 + std::abs(mean_[j]))) inverse_deviation_[j] = 1 / deviation;
  }
}

SparseVector Scaling::apply(const SparseVector& counts, std::span<const double> dense) const {
  SparseVector scaled;
  scaled.reserve(counts.size() + dense.size());
  double squares = 0;
  for (const auto& [column, count] : counts) {
    if (idf_[column] == 0) continue;
    const double value = (1 + std::log(count)) * idf_[column];
    squares += value * value;
    scaled.emplace_back(column, value);
  }
  const double length = squares > 0 ? std::sqrt(squares) : 1;
  for (auto& [column, value] : scaled) value /= length;
  for (std::size_t j = 0; j < dense.size(); ++j)
    if (inverse_deviation_[j] != 0)
      scaled.emplace_back(static_cast<std::uint32_t>(idf_.size() + j), (dense[j] - mean_[j]) * inverse_deviation_[j]);
  return scaled;
}

}  // namespace hyperagent::text_models
