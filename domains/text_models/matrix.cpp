#include "domains/text_models/matrix.h"

#include <cassert>
#include <cmath>

namespace hyperagent::text_models {
namespace {
constexpr std::size_t kManyRows = 100;

void append(const Row& from, std::size_t first_column, Row& to) {
  for (const auto& [column, count] : from.counts) to.counts.emplace_back(column + static_cast<std::uint32_t>(first_column), count);
  to.dense.insert(to.dense.end(), from.dense.begin(), from.dense.end());
}

std::vector<std::shared_ptr<const LeafTable>> tables_of(const Recipe& recipe, std::span<const Json* const> inputs) {
  std::vector<std::shared_ptr<const LeafTable>> tables;
  for (const Leaf& leaf : recipe.leaves) tables.push_back(std::make_shared<LeafTable>(leaf, inputs));
  return tables;
}

}  // namespace

double dot(const SparseVector& a, std::span<const double> b) {
  double sum = 0;
  for (const auto& [column, value] : a) sum += value * b[column];
  return sum;
}

LeafTable::LeafTable(const Leaf& leaf, std::span<const Json* const> inputs) : leaf_(leaf) {
  rows_.reserve(inputs.size());
  for (const Json* input : inputs) {
    RawFeatures features = extract(leaf_, *input);
    Row row{{}, std::move(features.dense)};
    row.counts.reserve(features.terms.size());
    for (const auto& [term, count] : features.terms) {
      const auto next = static_cast<std::uint32_t>(columns_.size());
      row.counts.emplace_back(columns_.try_emplace(term, next).first->second, count);
    }
    rows_.push_back(std::move(row));
  }
}

Row LeafTable::row_of(const Json& input) const {
  RawFeatures features = extract(leaf_, input);
  Row row{{}, std::move(features.dense)};
  for (const auto& [term, count] : features.terms)
    if (auto found = columns_.find(term); found != columns_.end()) row.counts.emplace_back(found->second, count);
  return row;
}

TermMatrix::TermMatrix(const Recipe& recipe, std::span<const Json* const> inputs) : TermMatrix(tables_of(recipe, inputs)) {}

TermMatrix::TermMatrix(std::vector<std::shared_ptr<const LeafTable>> leaves) : leaves_(std::move(leaves)) {
  for (const auto& leaf : leaves_) {
    rows_.resize(leaf->rows());
    for (std::size_t i = 0; i < rows_.size(); ++i) append(leaf->row(i), terms(), rows_[i]);
    plain_.resize(terms() + leaf->terms(), leaf->plain() ? 1 : 0);
  }
}

Row TermMatrix::row_of(const Json& input) const {
  Row row;
  std::size_t first_column = 0;
  for (const auto& leaf : leaves_) {
    append(leaf->row_of(input), first_column, row);
    first_column += leaf->terms();
  }
  return row;
}

Scaling::Scaling(const TermMatrix& matrix, std::span<const std::size_t> rows) : idf_(matrix.terms(), 0.0), column_of_(matrix.terms(), 0) {
  assert(!rows.empty() && "a scaling of no rows");
  const double n = static_cast<double>(rows.size());
  for (std::size_t row : rows)
    for (const auto& [column, count] : matrix.row(row).counts) idf_[column] += 1;
  const double least = rows.size() >= kManyRows ? 2 : 1;
  for (std::size_t column = 0; column < idf_.size(); ++column) {
    const double documents = idf_[column];
    idf_[column] = documents < least ? 0 : matrix.plain(column) ? -1 : std::log((1 + n) / (1 + documents)) + 1;
    if (documents >= least) column_of_[column] = static_cast<std::uint32_t>(used_++);
  }
  double plain_terms = 0;
  for (std::size_t row : rows)
    for (const auto& [column, count] : matrix.row(row).counts) plain_terms += idf_[column] < 0 ? 1 : 0;
  if (plain_terms > 0) plain_value_ = 1 / std::sqrt(plain_terms / n);

  mean_.assign(matrix.dense(), 0);
  inverse_deviation_.assign(matrix.dense(), 0);
  for (std::size_t j = 0; j < matrix.dense(); ++j) {
    double squares = 0;
    for (std::size_t row : rows) mean_[j] += matrix.row(row).dense[j] / n;
    for (std::size_t row : rows) squares += std::pow(matrix.row(row).dense[j] - mean_[j], 2);
    const double deviation = std::sqrt(squares / n);
    if (std::isfinite(deviation) && deviation > 1e-12 * (1 + std::abs(mean_[j]))) inverse_deviation_[j] = 1 / deviation;
  }
}

SparseVector Scaling::apply(const Row& row) const {
  SparseVector scaled;
  scaled.reserve(row.counts.size() + row.dense.size());
  double squares = 0;
  for (const auto& [column, count] : row.counts) {
    if (idf_[column] <= 0) continue;
    const double value = (count == 1 ? 1 : 1 + std::log(count)) * idf_[column];  // most terms stand once
    squares += value * value;
    scaled.emplace_back(column_of_[column], value);
  }
  const double length = squares > 0 ? std::sqrt(squares) : 1;
  for (auto& [column, value] : scaled) value /= length;
  for (const auto& [column, count] : row.counts)
    if (idf_[column] < 0) scaled.emplace_back(column_of_[column], plain_value_);
  for (std::size_t j = 0; j < row.dense.size(); ++j)
    if (inverse_deviation_[j] != 0)
      scaled.emplace_back(static_cast<std::uint32_t>(used_ + j), (row.dense[j] - mean_[j]) * inverse_deviation_[j]);
  return scaled;
}

}  // namespace hyperagent::text_models
