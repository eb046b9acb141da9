// PPO's arithmetic for small networks on the CPU: chunks of samples go forward and back through all layers while they are in the cache.
//
// Theory of operation. A minibatch is cut into kParts parts whatever the number of threads, and a part into chunks of 128 samples. A
// chunk's activations (about 200 KiB for 64-64) stay in the second-level cache from the forward pass to the weights' gradient. Each part
// sums its gradient into a vector of its own; the parts are added in their order. So a result depends on neither threads nor their speed.
#pragma once

#include "domains/robot_reward/crew.h"
#include "domains/robot_reward/engine.h"

namespace hyperagent::robot {

// Rollouts are in the host's memory.
class FusedEngine : public Engine {
 public:
  // `kernels` and `crew` outlive the engine.
  FusedEngine(const NetworkShape& shape, const Kernels& kernels, Crew& crew);
  void begin(const std::vector<float>& numbers) override;
  std::vector<float> numbers() const override { return numbers_; }
  void bound_log_deviation(float bound) override;
  void forward(const Rollout& rollout, int t) override;
  void take(const Rollout& rollout) override { rollout_ = rollout; }
  LossParts gradient(const std::vector<std::int32_t>& blocks, const LossWeights& weights) override;
  std::vector<float> last_gradient() const override { return gradient_; }
  void step(const AdamStep& step) override;

 private:
  struct Part {
    std::vector<float> observations, actions, means, log_probability, advantages, returns, values;  // of a chunk
    std::vector<float> gradient;
    std::vector<std::vector<float>> actor, critic;  // activations of a chunk, by layer
    std::vector<float> back, back_next;             // gradients of activations
    LossParts loss;
  };
  void gather(const std::int32_t* blocks, int count, Part& part);
  void forward_layers(const std::vector<Layer>& layers, const float* x, int samples, std::vector<std::vector<float>>& activations);
  void backward_layers(const std::vector<Layer>& layers, const std::vector<std::size_t>& transposed, const float* x, int samples,
                       const std::vector<std::vector<float>>& activations, Part& part);
  void prefetch(std::int32_t block, int row) const;
  void chunk(const LossWeights& weights, float share, int samples, const std::int32_t* next, Part& part);
  void transpose(const std::vector<Layer>& layers, std::vector<std::size_t>& places);

  NetworkLayout layout_;
  const Kernels& kernels_;
  Crew& crew_;
  std::vector<float> numbers_, gradient_, first_moment_, second_moment_;
  Rollout rollout_{};
  std::vector<Part> parts_;
  std::vector<float> transposed_;  // outputs x inputs of every layer but the first
  std::vector<std::size_t> actor_transposed_, critic_transposed_;
};

}  // namespace hyperagent::robot
