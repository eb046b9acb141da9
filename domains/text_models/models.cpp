#include "domains/text_models/models.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace hyperagent::text_models {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

void add(double scale, const Vector& from, Vector& to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += scale * from[i];
}

// Solves A s = b for a symmetric positive definite A; product(p, ap) makes ap = A p. Stops at `tolerance` times |b|.
template <class Product>
Vector conjugate_gradients(const Product& product, const Vector& b, double tolerance, int most) {
  Vector s(b.size(), 0), r = b, p = b, ap(b.size());
  double rr = dot(r, r);
  const double enough = tolerance * tolerance * rr;
  for (int i = 0; i < most && rr > enough && rr > 0; ++i) {
    product(p, ap);
    const double curvature = dot(p, ap);
    if (!(curvature > 0)) break;
    const double step = rr / curvature;
    add(step, p, s);
    add(-step, ap, r);
    const double next = dot(r, r);
    for (std::size_t j = 0; j < p.size(); ++j) p[j] = r[j] + next / rr * p[j];
    rr = next;
  }
  return s;
}

// One column more than the features: the bias, which is not penalised.
struct Products {
  const SparseRows& x;
  std::size_t width;

  void scores(const Vector& w, Vector& out) const {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto row = x[i];
      // Four sums at a time: one alone waits for each addition.
      double sums[4] = {0, 0, 0, 0};
      std::size_t at = 0;
      for (; at + 4 <= row.size(); at += 4)
        for (std::size_t k = 0; k < 4; ++k) sums[k] += row[at + k].second * w[row[at + k].first];
      for (; at < row.size(); ++at) sums[0] += row[at].second * w[row[at].first];
      out[i] = (sums[0] + sums[1]) + (sums[2] + sums[3]) + w[width];
    }
  }
  // out += X' v
  void gather(const Vector& v, Vector& out) const {
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (const auto& [column, value] : x[i]) out[column] += v[i] * value;
      out[width] += v[i];
    }
  }
  void penalised(const Vector& w, double penalty, Vector& out) const {
    for (std::size_t j = 0; j < width; ++j) out[j] = w[j] * penalty;
    out[width] = 0;
  }
};

LinearModel model_of(Vector w) {
  LinearModel model{.weights = {}, .bias = w.back()};
  w.pop_back();
  model.weights = std::move(w);
  return model;
}

// log(1 + exp(-m)) without overflow.
double logistic_loss(double m) { return m > 0 ? std::log1p(std::exp(-m)) : -m + std::log1p(std::exp(m)); }

}  // namespace

double sigmoid(double score) { return score >= 0 ? 1 / (1 + std::exp(-score)) : std::exp(score) / (1 + std::exp(score)); }

LinearModel fit_logistic(const SparseRows& x, std::span<const double> y, std::size_t width, double penalty) {
  const Products rows{x, width};
  Vector w(width + 1, 0), score(x.size()), next_score(x.size()), v(x.size()), gradient(width + 1), curvature(x.size());
  const auto loss_of = [&](const Vector& weights, const Vector& scores) {
    double loss = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) loss += logistic_loss(y[i] > 0.5 ? scores[i] : -scores[i]);
    return loss + penalty / 2 * (dot(weights, weights) - weights[width] * weights[width]);
  };
  rows.scores(w, score);
  double loss = loss_of(w, score), first = -1;
  for (int iteration = 0; iteration < 50; ++iteration) {
    rows.penalised(w, penalty, gradient);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double p = sigmoid(score[i]);
      v[i] = p - y[i];
      curvature[i] = p * (1 - p) + 1e-12;
    }
    rows.gather(v, gradient);
    const double size = std::sqrt(dot(gradient, gradient));
    if (first < 0) first = size;
    if (!(size > 1e-8 * std::max(1.0, first))) break;
    for (double& g : gradient) g = -g;
    // Loose at first, tight near the end: the last steps are quadratic, so the result is exact to about 1e-8.
    const double tolerance = std::min(0.1, std::sqrt(size / std::max(first, 1e-300)) * 0.1);
    const Vector step = conjugate_gradients(
        [&](const Vector& p, Vector& product) {
          rows.penalised(p, penalty, product);
          rows.scores(p, v);
          for (std::size_t i = 0; i < v.size(); ++i) v[i] *= curvature[i];
          rows.gather(v, product);
        },
        gradient, tolerance, 200);
    const double slope = -dot(gradient, step);
    double scale = 1;
    bool moved = false;
    for (int halving = 0; halving < 30 && !moved; ++halving, scale /= 2) {
      Vector next = w;
      add(scale, step, next);
      rows.scores(next, next_score);
      const double next_loss = loss_of(next, next_score);
      if (next_loss <= loss + 1e-4 * scale * slope) {
        moved = next_loss < loss;
        w = std::move(next);
        score.swap(next_score);
        loss = next_loss;
        break;
      }
    }
    if (!moved) break;
  }
  return model_of(std::move(w));
}

LinearModel fit_ridge(const SparseRows& x, std::span<const double> y, std::size_t width, double penalty) {
  const Products rows{x, width};
  if (x.size() == 0) return model_of(Vector(width + 1, 0));
  const double centre = std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size());
  Vector targets(y.begin(), y.end()), b(width + 1, 0), v(x.size());
  for (double& target : targets) target -= centre;
  rows.gather(targets, b);
  Vector w = conjugate_gradients(
      [&](const Vector& p, Vector& product) {
        rows.penalised(p, penalty, product);
        rows.scores(p, v);
        rows.gather(v, product);
      },
      b, 1e-10, 1000);
  w[width] += centre;
  return model_of(std::move(w));
}

NaiveBayes::NaiveBayes(const TermMatrix& matrix, std::span<const std::size_t> rows, std::span<const double> y)
    : term_(matrix.terms(), 0.0), dense_(matrix.dense()) {
  std::vector<double> counts[2] = {std::vector<double>(matrix.terms(), 0.0), std::vector<double>(matrix.terms(), 0.0)};
  double documents[2] = {0, 0}, total[2] = {0, 0};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int side = y[i] > 0.5 ? 1 : 0;
    ++documents[side];
    for (const auto& [column, count] : matrix.row(rows[i]).counts) {
      counts[side][column] += count;
      total[side] += count;
    }
  }
  prior_ = std::log((documents[1] + 1e-9) / (documents[0] + 1e-9));
  double vocabulary = 0;
  for (std::size_t c = 0; c < term_.size(); ++c) vocabulary += counts[0][c] + counts[1][c] > 0 ? 1 : 0;
  const double log_totals = std::log(total[1] + vocabulary) - std::log(total[0] + vocabulary);
  for (std::size_t c = 0; c < term_.size(); ++c)
    if (counts[0][c] + counts[1][c] > 0) term_[c] = std::log((counts[1][c] + 1) / (counts[0][c] + 1)) - log_totals;

  if (documents[0] == 0 || documents[1] == 0) return;
  for (std::size_t j = 0; j < dense_.size(); ++j) {
    Gaussian& g = dense_[j];
    for (std::size_t i = 0; i < rows.size(); ++i) g.mean[y[i] > 0.5] += matrix.row(rows[i]).dense[j] / documents[y[i] > 0.5];
    const double centre = (g.mean[0] * documents[0] + g.mean[1] * documents[1]) / (documents[0] + documents[1]);
    double spread = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const int side = y[i] > 0.5 ? 1 : 0;
      const double value = matrix.row(rows[i]).dense[j];
      g.variance[side] += (value - g.mean[side]) * (value - g.mean[side]) / documents[side];
      spread += (value - centre) * (value - centre) / (documents[0] + documents[1]);
    }
    // A class in which a feature never varies would rule out every other value: keep a thousandth of the overall variance.
    for (double& variance : g.variance) variance = std::isfinite(spread) && spread > 0 ? variance + 1e-3 * spread : 0;
  }
}

double NaiveBayes::log_odds(const Row& row) const {
  double odds = prior_;
  for (const auto& [column, count] : row.counts) odds += count * term_[column];
  for (std::size_t j = 0; j < dense_.size(); ++j) {
    const Gaussian& g = dense_[j];
    if (g.variance[0] <= 0 || g.variance[1] <= 0) continue;
    const auto log_density = [&](int side) {
      const double off = row.dense[j] - g.mean[side];
      return -0.5 * (off * off / g.variance[side] + std::log(g.variance[side]));
    };
    odds += log_density(1) - log_density(0);
  }
  return odds;
}

Nearest::Nearest(const SparseRows& rows, std::vector<double> y, std::size_t width)
    : having_(rows.entries()), ends_(width, 0), y_(std::move(y)) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (const auto& [column, value] : rows[i]) ++ends_[column];
  std::size_t begin = 0;
  for (std::size_t& end : ends_) begin += std::exchange(end, begin);  // where each column begins; filling it moves that to its end
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double squares = 0;
    for (const auto& [column, value] : rows[i]) squares += value * value;
    const double length = squares > 0 ? std::sqrt(squares) : 1;
    for (const auto& [column, value] : rows[i]) having_[ends_[column]++] = {static_cast<std::uint32_t>(i), value / length};
  }
}

double Nearest::chance(const SparseVector& x, std::size_t neighbours) const {
  Vector products(y_.size(), 0);
  double squares = 0;
  for (const auto& [column, value] : x) {
    for (std::size_t at = column == 0 ? 0 : ends_[column - 1]; at < ends_[column]; ++at)
      products[having_[at].first] += having_[at].second * value;
    squares += value * value;
  }
  const double length = squares > 0 ? std::sqrt(squares) : 1;
  std::vector<std::pair<double, std::size_t>> similar;  // (-cosine, row): ties go to the earlier row
  similar.reserve(products.size());
  for (std::size_t i = 0; i < products.size(); ++i) similar.emplace_back(-products[i] / length, i);
  neighbours = std::min(neighbours, similar.size());
  std::partial_sort(similar.begin(), similar.begin() + static_cast<std::ptrdiff_t>(neighbours), similar.end());
  double votes = 0, all = 0;
  for (std::size_t i = 0; i < neighbours; ++i) {
    const double weight = std::max(-similar[i].first, 1e-6);
    votes += weight * y_[similar[i].second];
    all += weight;
  }
  return all > 0 ? votes / all : 0.5;
}

}  // namespace hyperagent::text_models
