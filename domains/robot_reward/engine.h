// What PPO asks of whoever has the networks: forward passes, the gradient of its loss over a minibatch, and Adam's steps with it.
//
// Two engines: FusedEngine (fused_engine.h), vector code of our own for small networks on the CPU; and LibTorch (torch_engine.h), which the
// first is tested against and which carries large networks, on a CUDA device where it has one. Numbers are laid out as in network.h.
//
//   engine.begin(random_network(layout, seed));
//   engine.forward(rollout, t);                              // for each step of an iteration
//   engine.take(rollout);
//   const LossParts loss = engine.gradient(blocks, weights); // for each minibatch
//   engine.step(...);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domains/robot_reward/network.h"

namespace hyperagent::robot {

// L = mean(max(-A r, -A clip(r, 1 +- clip))) + value_weight * mean(max((V - R)^2, (V_old + clip(V - V_old) - R)^2)) - entropy_weight *
// entropy
struct LossWeights {
  float clip = 0.2f, value = 1.0f, entropy = 0.01f;
};

struct LossParts {
  double surrogate = 0, value = 0;  // means, without their weights
  double kl = 0;                    // mean Kullback-Leibler divergence of the new policy from the old, sum over the actions
  double gradient_norm = 0;
};

// Adam (Kingma and Ba, 2015).
inline constexpr double kFirstDecay = 0.9, kSecondDecay = 0.999, kAdamEpsilon = 1e-8;
struct AdamStep {
  float scale;        // of the gradient
  float rate;         // over 1 - kFirstDecay^steps
  float second_left;  // sqrt(1 - kSecondDecay^steps)
};
inline constexpr float kLeastLogDeviation = -5, kMostLogDeviation = 2;  // kept to after each step

// One thread at a time.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string where() const { return "cpu"; }  // or "cuda": then a rollout may be on CUDA device 0 as well as in the host's memory
  // Takes the numbers of networks (the layout's size), with Adam's moments at 0.
  virtual void begin(const std::vector<float>& numbers) = 0;
  virtual std::vector<float> numbers() const = 0;
  // At most `bound`, each logarithm of an action's deviation.
  virtual void bound_log_deviation(float bound) = 0;
  // Means and values of the rows of step `t` from their observations.
  virtual void forward(const Rollout& rollout, int t) = 0;
  // The samples that gradient() is about, until the rollout's rows are written again.
  virtual void take(const Rollout& rollout) = 0;
  // `blocks`: the minibatch, as numbers of 16 rows each.
  virtual LossParts gradient(const std::vector<std::int32_t>& blocks, const LossWeights& weights) = 0;
  virtual std::vector<float> last_gradient() const = 0;  // the layout's size
  virtual void step(const AdamStep& step) = 0;
};

}  // namespace hyperagent::robot
