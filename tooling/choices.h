// The decisions that make one edit of a site: taken at random, or in every way there is.
//
// Theory of operation. Whatever a draw decides (which variable, which operator) it asks of Choices. RandomChoices answers with random
// numbers. EveryChoice answers the first run with the first of everything and, after each run, goes on to the next answer of the last
// decision that has one, as an odometer does: so what draws an edit also lists them all, with how likely each is.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "hyperagent/core/rng.h"

namespace hyperagent::tooling {

class Choices {
 public:
  virtual ~Choices() = default;
  virtual std::size_t below(std::size_t bound) = 0;
  virtual std::size_t weighted(std::span<const double> weights) = 0;
  virtual bool chance(double likelihood) = 0;
  // One of some examples of what has no end, numbers above all, and a place in [0, 1) between them.
  virtual std::size_t example(std::size_t bound) = 0;
  virtual double uniform() = 0;
  // Whether to decide anew where a decision led nowhere.
  virtual bool again() = 0;
  // Told when something is not on offer because it would nest too deep.
  virtual void leaves_out() = 0;
};

class RandomChoices : public Choices {
 public:
  explicit RandomChoices(Rng& rng) : rng_(rng) {}
  std::size_t below(std::size_t bound) override { return rng_.below(bound); }
  std::size_t weighted(std::span<const double> weights) override { return rng_.weighted(weights); }
  bool chance(double likelihood) override { return rng_.uniform() < likelihood; }
  std::size_t example(std::size_t bound) override { return rng_.below(bound); }
  double uniform() override { return rng_.uniform(); }
  bool again() override { return true; }
  void leaves_out() override {}

 private:
  Rng& rng_;
};

class EveryChoice : public Choices {
 public:
  // Goes on to the next run; false when there is none.
  bool next();
  // Of the run so far.
  double likelihood() const { return likelihood_; }
  // Whether any run met something without end or left something out.
  bool is_open() const { return open_; }

  std::size_t below(std::size_t bound) override { return decide(std::vector<double>(bound, 1)); }
  std::size_t weighted(std::span<const double> weights) override { return decide({weights.begin(), weights.end()}); }
  bool chance(double likelihood) override { return decide({likelihood, 1 - likelihood}) == 0; }
  std::size_t example(std::size_t bound) override {
    open_ = true;
    return bound / 2;
  }
  double uniform() override {
    open_ = true;
    return 0.5;
  }
  bool again() override { return false; }
  void leaves_out() override { open_ = true; }

 private:
  std::size_t decide(const std::vector<double>& weights);

  struct Decision {
    std::size_t taken, of;
  };
  std::vector<Decision> decisions_;
  std::size_t made_ = 0;  // of them, in this run
  double likelihood_ = 1;
  bool open_ = false;
};

}  // namespace hyperagent::tooling
