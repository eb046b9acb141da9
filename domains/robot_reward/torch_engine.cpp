#include "domains/robot_reward/torch_engine.h"

#include <cstring>
#include <exception>

#include <torch/torch.h>

#include "domains/robot_reward/arena.h"

namespace hyperagent::robot {
namespace {

using torch::Tensor;
using torch::indexing::Slice;

// The device that networks live on: a CUDA device where this LibTorch has one.
torch::Device device() { return torch::cuda::is_available() ? torch::Device(torch::kCUDA) : torch::Device(torch::kCPU); }

Tensor rows(const float* values, int samples, int stride, int width) {
  return torch::from_blob(const_cast<float*>(values), {samples, stride}, torch::kFloat).index({Slice(), Slice(0, width)}).to(device());
}
Tensor column(const float* values, int samples) { return torch::from_blob(const_cast<float*>(values), {samples}, torch::kFloat).to(device()); }

class TorchEngine : public Engine {
 public:
  explicit TorchEngine(const NetworkShape& shape) : layout_(shape) {}

  std::string where() const override { return device().is_cuda() ? "cuda" : "cpu"; }

  void forward(const std::vector<float>& numbers, const float* observations, int samples, float* means, float* values) override {
    const torch::NoGradGuard no_gradient;
    const Parameters p = parameters(numbers, false);
    const Tensor x = rows(observations, samples, kObservationStride, kObservations);
    const Tensor mean = run(p.actor, x).to(torch::kCPU).contiguous(), value = run(p.critic, x).squeeze(1).to(torch::kCPU).contiguous();
    std::memset(means, 0, static_cast<std::size_t>(samples) * kActionStride * sizeof(float));
    for (int i = 0; i < samples; ++i) std::memcpy(means + i * kActionStride, mean.data_ptr<float>() + i * kActions, kActions * sizeof(float));
    std::memcpy(values, value.data_ptr<float>(), static_cast<std::size_t>(samples) * sizeof(float));
  }

  LossParts gradient(const std::vector<float>& numbers, const Minibatch& b, const LossWeights& weights, std::vector<float>& gradient) override {
    Parameters p = parameters(numbers, true);
    const int n = b.samples;
    const Tensor x = rows(b.observations, n, kObservationStride, kObservations), actions = rows(b.actions, n, kActionStride, kActions);
    const Tensor old_mean = rows(b.old_means, n, kActionStride, kActions), advantage = column(b.advantages, n), target = column(b.returns, n);
    const Tensor old_value = column(b.old_values, n), old_log = column(b.old_log_deviation, kActions);
    const Tensor mean = run(p.actor, x), value = run(p.critic, x).squeeze(1);
    const Tensor log_probability = (-(actions - mean).pow(2) / (2 * (2 * p.log_deviation).exp()) - p.log_deviation - 0.918938533204673).sum(1);
    const Tensor ratio = (log_probability - column(b.old_log_probability, n)).exp();
    const Tensor surrogate = torch::max(-advantage * ratio, -advantage * ratio.clamp(1 - weights.clip, 1 + weights.clip)).mean();
    const Tensor held = old_value + (value - old_value).clamp(-weights.clip, weights.clip);
    const Tensor value_loss = torch::max((value - target).pow(2), (held - target).pow(2)).mean();
    const Tensor entropy = (p.log_deviation + 1.418938533204673).sum();
    const Tensor kl = (p.log_deviation - old_log + ((2 * old_log).exp() + (old_mean - mean).pow(2)) / (2 * (2 * p.log_deviation).exp()) - 0.5).sum(1).mean();
    (surrogate + weights.value * value_loss - weights.entropy * entropy).backward();

    gradient.assign(layout_.size, 0.0f);
    write_back(layout_.actor, p.actor, gradient);
    write_back(layout_.critic, p.critic, gradient);
    const Tensor noise = p.log_deviation.grad().to(torch::kCPU).contiguous();
    std::memcpy(gradient.data() + layout_.log_deviation, noise.data_ptr<float>(), kActions * sizeof(float));
    return {surrogate.item<double>(), value_loss.item<double>(), kl.item<double>()};
  }

 private:
  struct Dense {
    Tensor weights, bias;
  };
  struct Parameters {
    std::vector<Dense> actor, critic;
    Tensor log_deviation;
  };

  static std::vector<Dense> layers_of(const std::vector<Layer>& layers, const std::vector<float>& numbers, bool gradient) {
    std::vector<Dense> all;
    for (const Layer& layer : layers) {
      Tensor weights = rows(numbers.data() + layer.weights, layer.inputs, layer.width, layer.outputs).clone();
      Tensor bias = column(numbers.data() + layer.bias, layer.outputs).clone();
      all.push_back({weights.set_requires_grad(gradient), bias.set_requires_grad(gradient)});
    }
    return all;
  }
  Parameters parameters(const std::vector<float>& numbers, bool gradient) const {
    Tensor log_deviation = column(numbers.data() + layout_.log_deviation, kActions).clone();
    return {layers_of(layout_.actor, numbers, gradient), layers_of(layout_.critic, numbers, gradient), log_deviation.set_requires_grad(gradient)};
  }
  static Tensor run(const std::vector<Dense>& layers, Tensor x) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      x = torch::addmm(layers[i].bias, x, layers[i].weights);
      if (i + 1 < layers.size()) x = torch::elu(x);
    }
    return x;
  }
  static void write_back(const std::vector<Layer>& layers, const std::vector<Dense>& dense, std::vector<float>& gradient) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const Layer& layer = layers[i];
      const Tensor weights = dense[i].weights.grad().to(torch::kCPU).contiguous(), bias = dense[i].bias.grad().to(torch::kCPU).contiguous();
      for (int row = 0; row < layer.inputs; ++row)
        std::memcpy(gradient.data() + layer.weights + static_cast<std::size_t>(row * layer.width), weights.data_ptr<float>() + row * layer.outputs,
                    static_cast<std::size_t>(layer.outputs) * sizeof(float));
      std::memcpy(gradient.data() + layer.bias, bias.data_ptr<float>(), static_cast<std::size_t>(layer.outputs) * sizeof(float));
    }
  }

  NetworkLayout layout_;
};

}  // namespace
}  // namespace hyperagent::robot

extern "C" __attribute__((visibility("default"))) hyperagent::robot::Engine* ha_make_torch_engine(const hyperagent::robot::NetworkShape* shape) {
  try {
    return new hyperagent::robot::TorchEngine(*shape);
  } catch (const std::exception&) {
    return nullptr;
  }
}
