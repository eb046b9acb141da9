#include "domains/robot_reward/torch_engine.h"

#include <torch/torch.h>

#include <cstdio>
#include <exception>

#include "domains/robot_reward/physics/control_step_fields.h"

namespace hyperagent::robot {
namespace {

using torch::Tensor;

// The device that networks live on: a CUDA device where this LibTorch has one.
torch::Device best_device() { return torch::cuda::is_available() ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU); }

// Theory of operation. All numbers are one tensor, and so is their gradient; a layer's weights are leaves of the graph that share the
// first's memory, with gradients that share the second's. So Adam is a few operations whatever the layers, and padding stays 0.
class TorchEngine : public Engine {
 public:
  explicit TorchEngine(const NetworkShape& shape) : layout_(shape), device_(best_device()) {}

  std::string where() const override { return device_.is_cuda() ? "cuda" : "cpu"; }

  void begin(const std::vector<float>& numbers) override {
    numbers_ =
        torch::from_blob(const_cast<float*>(numbers.data()), {wide(numbers.size())}, torch::kFloat).to(device_, torch::kFloat, false, true);
    gradient_ = torch::zeros_like(numbers_);
    first_moment_ = torch::zeros_like(numbers_);
    second_moment_ = torch::zeros_like(numbers_);
    actor_ = leaves_of(layout_.actor);
    critic_ = leaves_of(layout_.critic);
    log_deviation_ = leaf([this](const Tensor& all) { return all.narrow(0, wide(layout_.log_deviation), kActions); });
  }
  std::vector<float> numbers() const override { return on_host(numbers_); }
  std::vector<float> last_gradient() const override { return on_host(gradient_); }

  void bound_log_deviation(float bound) override {
    const torch::NoGradGuard no_gradient;
    numbers_.narrow(0, wide(layout_.log_deviation), kActions).clamp_max_(bound);
  }

  void forward(const Rollout& rollout, int t) override {
    const torch::NoGradGuard no_gradient;
    const std::size_t row = rollout.row(t);
    const std::int64_t n = rollout.robots;
    const Tensor x = columns(rollout, rollout.observations_of(t), n, kObservationStride, kObservations).to(device_);
    columns(rollout, rollout.means + row * kActionStride, n, kActionStride, kActionStride).copy_(run(actor_, x));
    columns(rollout, rollout.values + row, n, 1, 1).copy_(run(critic_, x));
    if (device_.is_cuda()) torch::cuda::synchronize();  // what goes wrong here must not be found, and blamed, where the reward runs
  }

  void take(const Rollout& rollout) override {
    const auto blocks = [&](const float* numbers, int width) {
      return columns(rollout, numbers, wide(rollout.row(rollout.steps)) / kBlock, kBlock * width, kBlock * width).to(device_);
    };
    observations_ = blocks(rollout.observations, kObservationStride);
    actions_ = blocks(rollout.actions, kActionStride);
    means_ = blocks(rollout.means, kActionStride);
    log_probability_ = blocks(rollout.log_probability, 1);
    advantages_ = blocks(rollout.advantages, 1);
    returns_ = blocks(rollout.returns, 1);
    values_ = blocks(rollout.values, 1);
    old_log_deviation_ =
        torch::from_blob(const_cast<float*>(rollout.log_deviation), {kActions}, torch::kFloat).to(device_, torch::kFloat, false, true);
  }

  LossParts gradient(const std::vector<std::int32_t>& blocks, const LossWeights& weights) override {
    const Tensor places = torch::from_blob(const_cast<std::int32_t*>(blocks.data()), {wide(blocks.size())}, torch::kInt).to(device_);
    const auto rows = [&](const Tensor& all, int stride, int width) {
      return all.index_select(0, places).view({-1, stride}).narrow(1, 0, width);
    };
    const auto column = [&](const Tensor& all) { return all.index_select(0, places).view({-1}); };
    const Tensor x = rows(observations_, kObservationStride, kObservations), actions = rows(actions_, kActionStride, kActions);
    const Tensor old_mean = rows(means_, kActionStride, kActions), advantage = column(advantages_), target = column(returns_);
    const Tensor old_value = column(values_);
    const Tensor mean = run(actor_, x).narrow(1, 0, kActions), value = run(critic_, x).select(1, 0);
    const Tensor log_probability = (-(actions - mean).pow(2) / (2 * (2 * log_deviation_).exp()) - log_deviation_ - kHalfLogTwoPi).sum(1);
    const Tensor ratio = (log_probability - column(log_probability_)).exp();
    const Tensor surrogate = torch::max(-advantage * ratio, -advantage * ratio.clamp(1 - weights.clip, 1 + weights.clip)).mean();
    const Tensor held = old_value + (value - old_value).clamp(-weights.clip, weights.clip);
    const Tensor value_loss = torch::max((value - target).pow(2), (held - target).pow(2)).mean();
    const Tensor entropy = (log_deviation_ + (0.5 + kHalfLogTwoPi)).sum();
    gradient_.zero_();
    (surrogate + weights.value * value_loss - weights.entropy * entropy).backward();

    const torch::NoGradGuard no_gradient;
    const Tensor moved = (2 * old_log_deviation_).exp() + (old_mean - mean).pow(2);
    const Tensor kl = (log_deviation_ - old_log_deviation_ + moved / (2 * (2 * log_deviation_).exp()) - 0.5).sum(1).mean();
    // One transfer for all of them.
    const Tensor parts = torch::stack({surrogate, value_loss, kl, gradient_.norm()}).to(torch::kCPU);
    const float* part = parts.data_ptr<float>();
    return {static_cast<double>(part[0]), static_cast<double>(part[1]), static_cast<double>(part[2]), static_cast<double>(part[3])};
  }

  void step(const AdamStep& step) override {
    const torch::NoGradGuard no_gradient;
    gradient_.mul_(step.scale);
    first_moment_.mul_(kFirstDecay).add_(gradient_, 1 - kFirstDecay);
    second_moment_.mul_(kSecondDecay).addcmul_(gradient_, gradient_, 1 - kSecondDecay);
    numbers_.addcdiv_(first_moment_, second_moment_.sqrt().div_(step.second_left).add_(kAdamEpsilon), -step.rate);
    numbers_.narrow(0, wide(layout_.log_deviation), kActions).clamp_(kLeastLogDeviation, kMostLogDeviation);
  }

 private:
  struct Dense {
    Tensor weights, bias;
  };

  static std::int64_t wide(std::size_t number) { return static_cast<std::int64_t>(number); }
  static std::vector<float> on_host(const Tensor& tensor) {
    const Tensor here = tensor.to(torch::kCPU).contiguous();
    return {here.data_ptr<float>(), here.data_ptr<float>() + here.numel()};
  }

  // The first `width` of `stride` columns of a rollout's array, in its own memory.
  Tensor columns(const Rollout& rollout, const float* numbers, std::int64_t rows, int stride, int width) const {
    const auto options = torch::TensorOptions().dtype(torch::kFloat).device(rollout.on_device ? device_ : torch::Device(torch::kCPU));
    return torch::from_blob(const_cast<float*>(numbers), {rows, stride}, options).narrow(1, 0, width);
  }

  template <class View>
  Tensor leaf(const View& view) {
    Tensor part = view(numbers_).detach().set_requires_grad(true);
    part.mutable_grad() = view(gradient_);
    return part;
  }
  std::vector<Dense> leaves_of(const std::vector<Layer>& layers) {
    std::vector<Dense> all;
    for (const Layer& layer : layers)
      all.push_back(
          {leaf([&](const Tensor& numbers) {
             return numbers.narrow(0, wide(layer.weights), std::int64_t{layer.inputs} * layer.width).view({layer.inputs, layer.width});
           }),
           leaf([&](const Tensor& numbers) { return numbers.narrow(0, wide(layer.bias), layer.width); })});
    return all;
  }
  // With the padding's columns: gradients that are not dense cost autograd copies.
  static Tensor run(const std::vector<Dense>& layers, Tensor x) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      x = torch::addmm(layers[i].bias, x, layers[i].weights);
      if (i + 1 < layers.size()) x = torch::elu(x);
    }
    return x;
  }

  NetworkLayout layout_;
  torch::Device device_;
  Tensor numbers_, gradient_, first_moment_, second_moment_, log_deviation_;
  std::vector<Dense> actor_, critic_;
  Tensor observations_, actions_, means_, log_probability_, advantages_, returns_, values_, old_log_deviation_;  // of the rollout taken
};

}  // namespace
}  // namespace hyperagent::robot

extern "C" __attribute__((visibility("default"))) hyperagent::robot::Engine* ha_make_torch_engine(
    const hyperagent::robot::NetworkShape* shape) {
  try {
    return new hyperagent::robot::TorchEngine(*shape);
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "%s\n", thrown.what());
    return nullptr;
  }
}
