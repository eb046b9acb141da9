// What PPO asks of whoever computes with the networks: forward passes, and the gradient of its loss over a minibatch.
//
// Two engines: FusedEngine (fused_engine.h), vector code of our own for small networks on the CPU; and LibTorch (torch_engine.h), which the
// first is tested against and which carries large networks. Numbers are laid out as in network.h.
#pragma once

#include <string>
#include <vector>

#include "domains/robot_reward/network.h"

namespace hyperagent::robot {

// Rows of samples, a multiple of 16 of them. Actions and means have kActionStride columns, the last four zero.
struct Minibatch {
  int samples = 0;
  const float* observations = nullptr;   // x kObservationStride
  const float* actions = nullptr;        // x kActionStride: as drawn
  const float* old_means = nullptr;      // x kActionStride: of the policy that drew them
  const float* old_log_probability = nullptr;
  const float* advantages = nullptr;     // normalised over the whole batch
  const float* returns = nullptr;
  const float* old_values = nullptr;
  const float* old_log_deviation = nullptr;  // kActions, of the policy that drew them
};

// L = mean(max(-A r, -A clip(r, 1 +- clip))) + value_weight * mean(max((V - R)^2, (V_old + clip(V - V_old) - R)^2)) - entropy_weight * entropy
struct LossWeights {
  float clip = 0.2f, value = 1.0f, entropy = 0.01f;
};

struct LossParts {
  double surrogate = 0, value = 0;  // means, without their weights
  double kl = 0;                    // mean Kullback-Leibler divergence of the new policy from the old, sum over the actions
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string where() const { return "cpu"; }  // or "cuda": what computes
  // means: samples x kActionStride, values: samples.
  virtual void forward(const std::vector<float>& numbers, const float* observations, int samples, float* means, float* values) = 0;
  // `gradient` has the layout's size and is overwritten.
  virtual LossParts gradient(const std::vector<float>& numbers, const Minibatch& batch, const LossWeights& weights, std::vector<float>& gradient) = 0;
};

}  // namespace hyperagent::robot
