// PPO's arithmetic for small networks on the CPU: chunks of samples go forward and back through all layers while they are in the cache.
//
// Theory of operation. A minibatch is cut into kParts parts whatever the number of threads, and a part into chunks of 128 samples. A chunk's
// activations (about 200 KiB for 64-64) stay in the second-level cache from the forward pass to the weights' gradient. Each part sums its
// gradient into a vector of its own; the parts are added in their order. So a result depends on neither threads nor their speed.
#pragma once

#include "domains/robot_reward/crew.h"
#include "domains/robot_reward/engine.h"

namespace hyperagent::robot {

class FusedEngine : public Engine {
 public:
  // `kernels` and `crew` outlive the engine.
  FusedEngine(const NetworkShape& shape, const Kernels& kernels, Crew& crew);
  void forward(const std::vector<float>& numbers, const float* observations, int samples, float* means, float* values) override;
  LossParts gradient(const std::vector<float>& numbers, const Minibatch& batch, const LossWeights& weights, std::vector<float>& gradient) override;

 private:
  struct Part {
    std::vector<float> gradient;
    std::vector<std::vector<float>> actor, critic;  // activations of a chunk, by layer
    std::vector<float> back, back_next;             // gradients of activations
    LossParts loss;
  };
  void forward_layers(const std::vector<Layer>& layers, const float* numbers, const float* x, int samples, std::vector<std::vector<float>>& activations);
  void backward_layers(const std::vector<Layer>& layers, const std::vector<std::size_t>& transposed, const float* x, int samples,
                       const std::vector<std::vector<float>>& activations, Part& part);
  void chunk(const std::vector<float>& numbers, const Minibatch& batch, const LossWeights& weights, int first, int samples, Part& part);
  void transpose(const std::vector<Layer>& layers, const std::vector<float>& numbers, std::vector<std::size_t>& places);

  NetworkLayout layout_;
  const Kernels& kernels_;
  Crew& crew_;
  std::vector<Part> parts_;
  std::vector<float> transposed_;                             // outputs x inputs of every layer but the first
  std::vector<std::size_t> actor_transposed_, critic_transposed_;
};

}  // namespace hyperagent::robot
