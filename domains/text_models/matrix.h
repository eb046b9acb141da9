// Training rows under one recipe, extracted once, and the scaling that a fit derives from the rows it may look at.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domains/text_models/recipe.h"

namespace hyperagent::text_models {

using SparseVector = std::vector<std::pair<std::uint32_t, double>>;  // column -> value

double dot(const SparseVector& a, std::span<const double> b);

// Terms of all training rows. Columns are numbered in the order of rows, then of term hashes: the same on every machine.
class TermMatrix {
 public:
  TermMatrix(const Recipe& recipe, std::span<const Json* const> inputs);
  std::size_t rows() const { return rows_.size(); }
  std::size_t terms() const { return columns_.size(); }
  std::size_t dense() const { return dense_width_; }
  const SparseVector& row(std::size_t index) const { return rows_[index]; }  // counts
  const std::vector<double>& dense_row(std::size_t index) const { return dense_[index]; }
  SparseVector counts_of(const RawFeatures& features) const;  // terms not in any training row are left out

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> columns_;  // looked up only, never iterated
  std::vector<SparseVector> rows_;
  std::vector<std::vector<double>> dense_;
  std::size_t dense_width_ = 0;
};

// (1 + log count) * idf, scaled to length 1, then the dense features standardised: means, deviations and document frequencies
// of the rows of the fit only. Terms in a single document are left out when there are 100 rows or more.
class Scaling {
 public:
  Scaling(const TermMatrix& matrix, std::span<const std::size_t> rows);
  std::size_t width() const { return idf_.size() + mean_.size(); }
  SparseVector apply(const SparseVector& counts, std::span<const double> dense) const;

 private:
  std::vector<double> idf_;  // 0: not used
  std::vector<double> mean_, inverse_deviation_;
};

}  // namespace hyperagent::text_models
