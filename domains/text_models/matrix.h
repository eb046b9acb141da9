// Training rows under one recipe, extracted once, and the scaling that a fit derives from the rows it may look at.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domains/text_models/recipe.h"

namespace hyperagent::text_models {

using SparseVector = std::vector<std::pair<std::uint32_t, double>>;  // column -> value

double dot(const SparseVector& a, std::span<const double> b);

// Sparse vectors in one piece of memory: solvers go over them hundreds of times.
class SparseRows {
 public:
  void add(const SparseVector& row) {
    entries_.insert(entries_.end(), row.begin(), row.end());
    ends_.push_back(entries_.size());
  }
  std::size_t size() const { return ends_.size(); }
  std::span<const SparseVector::value_type> operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return {entries_.data() + begin, ends_[index] - begin};
  }
  std::size_t entries() const { return entries_.size(); }

 private:
  SparseVector entries_;
  std::vector<std::size_t> ends_;  // of each row
};

// What one input gives: counts of terms by column, and dense numbers.
struct Row {
  SparseVector counts;
  std::vector<double> dense;
};

// All training rows under one leaf of a recipe: recipes share them. Columns are numbered in the order of rows, then of term hashes: the
// same on every machine.
class LeafTable {
 public:
  LeafTable(const Leaf& leaf, std::span<const Json* const> inputs);
  std::size_t rows() const { return rows_.size(); }
  std::size_t terms() const { return columns_.size(); }
  bool plain() const { return leaf_.kind == Leaf::Kind::Presence; }  // its terms are not weighed
  const Row& row(std::size_t index) const { return rows_[index]; }
  Row row_of(const Json& input) const;  // terms not in any training row are left out

 private:
  const Leaf leaf_;
  std::unordered_map<std::uint64_t, std::uint32_t> columns_;  // looked up only, never iterated
  std::vector<Row> rows_;
};

// The leaves of a recipe side by side.
class TermMatrix {
 public:
  explicit TermMatrix(std::vector<std::shared_ptr<const LeafTable>> leaves);
  TermMatrix(const Recipe& recipe, std::span<const Json* const> inputs);
  std::size_t rows() const { return rows_.size(); }
  std::size_t terms() const { return plain_.size(); }
  bool plain(std::size_t column) const { return plain_[column] != 0; }
  std::size_t dense() const { return rows_.empty() ? 0 : rows_.front().dense.size(); }
  const Row& row(std::size_t index) const { return rows_[index]; }
  Row row_of(const Json& input) const;

 private:
  const std::vector<std::shared_ptr<const LeafTable>> leaves_;
  std::vector<Row> rows_;
  std::vector<char> plain_;  // of each column
};

// (1 + log count) * idf, scaled to length 1, then the terms of plain leaves, each the same so that a row of usual length has length 1, then the
// dense features standardised: means, deviations and document frequencies of the rows of the fit only. Terms in a single document are left out
// when there are 100 rows or more. What is left out has no column.
class Scaling {
 public:
  Scaling(const TermMatrix& matrix, std::span<const std::size_t> rows);
  std::size_t width() const { return used_ + mean_.size(); }
  SparseVector apply(const Row& row) const;

 private:
  std::vector<double> idf_;               // 0: not used; -1: plain
  std::vector<std::uint32_t> column_of_;  // of a used term
  std::size_t used_ = 0;
  double plain_value_ = 1;
  std::vector<double> mean_, inverse_deviation_;
};

}  // namespace hyperagent::text_models
