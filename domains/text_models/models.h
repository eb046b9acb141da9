// The four models. All are deterministic: full-batch solvers run to a tight tolerance, sums in row order, no randomness.
//
//   logistic: minimises  sum_i log(1 + exp(-s_i (w.x_i + b))) + penalty/2 |w|^2   (b free; truncated Newton, Lin et al. 2008)
//   ridge:    minimises  sum_i (w.x_i + b - y_i)^2 + penalty |w|^2                (b free; conjugate gradients on centred targets)
//   naive Bayes: multinomial with add-one smoothing on terms (counts), Gaussian on dense features, class priors as counted
//   nearest:  the k most similar rows by cosine vote with their similarity
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "domains/text_models/matrix.h"

namespace hyperagent::text_models {

struct LinearModel {
  std::vector<double> weights;
  double bias = 0;
  double score(const SparseVector& x) const { return dot(x, weights) + bias; }
};

// x: rows of values below `width`; y: 1 or 0 (logistic), any number (ridge). No rows gives the zero model.
LinearModel fit_logistic(const SparseRows& x, std::span<const double> y, std::size_t width, double penalty);
LinearModel fit_ridge(const SparseRows& x, std::span<const double> y, std::size_t width, double penalty);

double sigmoid(double score);

class NaiveBayes {
 public:
  // y: 1 or 0 for each of `rows`.
  NaiveBayes(const TermMatrix& matrix, std::span<const std::size_t> rows, std::span<const double> y);
  double log_odds(const Row& row) const;

 private:
  struct Gaussian {
    double mean[2] = {0, 0}, variance[2] = {0, 0};  // variance 0: not used
  };
  double prior_ = 0;
  std::vector<double> term_;  // log P(term | 1) - log P(term | 0); 0 when no row of the fit has the term
  std::vector<Gaussian> dense_;
};

class Nearest {
 public:
  Nearest(const SparseRows& rows, std::vector<double> y, std::size_t width);
  double chance(const SparseVector& x, std::size_t neighbours) const;

 private:
  std::vector<std::pair<std::uint32_t, double>>
      having_;                     // column by column: the rows that have it, with its value in them; rows of length 1
  std::vector<std::size_t> ends_;  // of each column in having_
  std::vector<double> y_;
};

}  // namespace hyperagent::text_models
