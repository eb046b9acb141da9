#include "domains/robot_reward/fused_engine.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "domains/robot_reward/physics/control_step_fields.h"

namespace hyperagent::robot {
namespace {

constexpr int kParts = 8, kChunk = 128;

}  // namespace

FusedEngine::FusedEngine(const NetworkShape& shape, const Kernels& kernels, Crew& crew)
    : layout_(shape), kernels_(kernels), crew_(crew), parts_(kParts) {
  std::size_t widest = kActionStride;
  for (Part& part : parts_) {
    part.observations.resize(kChunk * kObservationStride);
    for (auto* wide : {&part.actions, &part.means}) wide->resize(kChunk * kActionStride);
    for (auto* narrow : {&part.log_probability, &part.advantages, &part.returns, &part.values}) narrow->resize(kChunk);
    part.gradient.resize(layout_.size);
    for (const Layer& layer : layout_.actor) {
      part.actor.emplace_back(static_cast<std::size_t>(kChunk * layer.width));
      widest = std::max(widest, static_cast<std::size_t>(layer.width));
    }
    for (const Layer& layer : layout_.critic) part.critic.emplace_back(static_cast<std::size_t>(kChunk * layer.width));
    part.back.resize(kChunk * widest);
    part.back_next.resize(kChunk * widest);
  }
}

void FusedEngine::forward_layers(const std::vector<Layer>& layers, const float* x, int samples,
                                 std::vector<std::vector<float>>& activations) {
  int stride = kObservationStride;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    float* y = activations[i].data();
    kernels_.dense({samples, layer.inputs, layer.width, stride, layer.width}, x, numbers_.data() + layer.weights,
                   numbers_.data() + layer.bias, y);
    if (i + 1 < layers.size()) kernels_.elu(y, samples * layer.width);
    x = y;
    stride = layer.width;
  }
}

// part.back holds the gradient of the last layer's outputs.
void FusedEngine::backward_layers(const std::vector<Layer>& layers, const std::vector<std::size_t>& transposed, const float* x, int samples,
                                  const std::vector<std::vector<float>>& activations, Part& part) {
  for (std::size_t i = layers.size(); i-- > 0;) {
    const Layer& layer = layers[i];
    const float* in = i == 0 ? x : activations[i - 1].data();
    const int in_stride = i == 0 ? kObservationStride : layers[i - 1].width;
    kernels_.dense_gradient({samples, layer.inputs, layer.width, in_stride, layer.width}, in, part.back.data(),
                            part.gradient.data() + layer.weights, part.gradient.data() + layer.bias);
    if (i == 0) break;
    kernels_.dense({samples, layer.outputs, in_stride, layer.width, in_stride}, part.back.data(), transposed_.data() + transposed[i],
                   nullptr, part.back_next.data());
    kernels_.elu_gradient(activations[i - 1].data(), part.back_next.data(), samples * in_stride);
    part.back.swap(part.back_next);
  }
}

void FusedEngine::transpose(const std::vector<Layer>& layers, std::vector<std::size_t>& places) {
  places.assign(layers.size(), 0);
  for (std::size_t i = 1; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    places[i] = transposed_.size();
    transposed_.resize(transposed_.size() + static_cast<std::size_t>(layer.outputs * layer.inputs));
    float* to = transposed_.data() + places[i];
    for (int row = 0; row < layer.inputs; ++row)
      for (int column = 0; column < layer.outputs; ++column)
        to[column * layer.inputs + row] = numbers_[layer.weights + static_cast<std::size_t>(row * layer.width + column)];
  }
}

void FusedEngine::begin(const std::vector<float>& numbers) {
  numbers_ = numbers;
  gradient_.assign(layout_.size, 0.0f);
  first_moment_.assign(layout_.size, 0.0f);
  second_moment_.assign(layout_.size, 0.0f);
}

void FusedEngine::bound_log_deviation(float bound) {
  for (std::size_t j = 0; j < kActions; ++j) numbers_[layout_.log_deviation + j] = std::min(numbers_[layout_.log_deviation + j], bound);
}

void FusedEngine::forward(const Rollout& rollout, int t) {
  const std::size_t row = rollout.row(t);
  crew_.run((rollout.robots + kChunk - 1) / kChunk, [&](int part) {
    const int first = part * kChunk, count = std::min(kChunk, rollout.robots - first);
    const std::size_t at = row + static_cast<std::size_t>(first);
    const float* x = rollout.observations + at * kObservationStride;
    Forward actor(kernels_, layout_.actor), critic(kernels_, layout_.critic);
    actor.run(numbers_.data(), x, count, rollout.means + at * kActionStride);
    critic.run(numbers_.data(), x, count, rollout.values + at);
  });
}

void FusedEngine::gather(const std::int32_t* blocks, int count, Part& part) {
  for (int k = 0; k < count; ++k) {
    const auto rows = [&](const float* source, std::vector<float>& target, std::size_t width) {
      const std::size_t numbers = kBlock * width;
      std::memcpy(target.data() + static_cast<std::size_t>(k) * numbers, source + static_cast<std::size_t>(blocks[k]) * numbers,
                  numbers * sizeof(float));
    };
    rows(rollout_.observations, part.observations, kObservationStride);
    rows(rollout_.actions, part.actions, kActionStride);
    rows(rollout_.means, part.means, kActionStride);
    rows(rollout_.log_probability, part.log_probability, 1);
    rows(rollout_.advantages, part.advantages, 1);
    rows(rollout_.returns, part.returns, 1);
    rows(rollout_.values, part.values, 1);
  }
}

// Row `row` of `block`, as gather() will read it.
void FusedEngine::prefetch(std::int32_t block, int row) const {
  const std::size_t at = static_cast<std::size_t>(block) * kBlock + static_cast<std::size_t>(row);
  for (int j = 0; j < kObservationStride; j += 16) __builtin_prefetch(rollout_.observations + at * kObservationStride + j);
  for (const float* wide : {rollout_.actions, rollout_.means}) __builtin_prefetch(wide + at * kActionStride);
  if (row == 0)
    for (const float* narrow : {rollout_.log_probability, rollout_.advantages, rollout_.returns, rollout_.values}) __builtin_prefetch(narrow + at);
}

// `share` of one sample in the means of the loss; `next` are the blocks of the chunk after this one, or null.
void FusedEngine::chunk(const LossWeights& weights, float share, int samples, const std::int32_t* next, Part& part) {
  const float* x = part.observations.data();
  const float* log_deviation = numbers_.data() + layout_.log_deviation;
  float inverse_variance[kActionStride] = {}, kl_constant = 0, probability_constant = 0, kl_scale[kActionStride] = {};
  for (int j = 0; j < kActions; ++j) {
    const float difference = log_deviation[j] - rollout_.log_deviation[j];
    inverse_variance[j] = std::exp(-2 * log_deviation[j]);
    kl_constant += difference + 0.5f * std::exp(-2 * difference) - 0.5f;
    kl_scale[j] = 0.5f * inverse_variance[j];
    probability_constant -= log_deviation[j] + static_cast<float>(kHalfLogTwoPi);
  }
  forward_layers(layout_.actor, x, samples, part.actor);
  const float* means = part.actor.back().data();
  float deviation_gradient[kActionStride] = {};
  for (int i = 0; i < samples; ++i) {
    const std::size_t at = static_cast<std::size_t>(i);
    if (next != nullptr) prefetch(next[i / kBlock], i % kBlock);
    const float *mean = means + i * kActionStride, *action = part.actions.data() + at * kActionStride;
    const float* old_mean = part.means.data() + at * kActionStride;
    float pull[kActionStride], square[kActionStride], moved[kActionStride];
    for (int j = 0; j < kActionStride; ++j) {
      const float off = action[j] - mean[j], change = mean[j] - old_mean[j];
      pull[j] = off * inverse_variance[j];
      square[j] = off * pull[j];
      moved[j] = change * change * kl_scale[j];
    }
    float squares = 0, moves = 0;
    for (int j = 0; j < kActions; ++j) {
      squares += square[j];
      moves += moved[j];
    }
    const float ratio = std::exp(probability_constant - 0.5f * squares - part.log_probability[at]), advantage = part.advantages[at];
    const float plain = -advantage * ratio, clipped = -advantage * std::clamp(ratio, 1 - weights.clip, 1 + weights.clip);
    part.loss.surrogate += std::max(plain, clipped);
    part.loss.kl += kl_constant + moves;
    // The clipped branch is constant; inside the range both are the same.
    const float slope = plain >= clipped ? plain * share : 0.0f;
    float* back = part.back.data() + i * kActionStride;
    for (int j = 0; j < kActionStride; ++j) {
      back[j] = slope * pull[j];
      deviation_gradient[j] += slope * (square[j] - 1.0f);
    }
  }
  for (int j = 0; j < kActions; ++j)
    part.gradient[layout_.log_deviation + static_cast<std::size_t>(j)] +=
        deviation_gradient[j] - weights.entropy * share * static_cast<float>(samples);
  backward_layers(layout_.actor, actor_transposed_, x, samples, part.actor, part);

  forward_layers(layout_.critic, x, samples, part.critic);
  const float* values = part.critic.back().data();
  for (int i = 0; i < samples; ++i) {
    const std::size_t at = static_cast<std::size_t>(i);
    const float value = values[i], old = part.values[at], target = part.returns[at];
    const float change = value - old, held = old + std::clamp(change, -weights.clip, weights.clip);
    const float plain = (value - target) * (value - target), clipped = (held - target) * (held - target);
    part.loss.value += std::max(plain, clipped);
    const bool inside = std::fabs(change) <= weights.clip;
    const float slope = plain >= clipped ? 2 * (value - target) : inside ? 2 * (held - target) : 0.0f;
    part.back[at] = weights.value * share * slope;
  }
  backward_layers(layout_.critic, critic_transposed_, x, samples, part.critic, part);
}

LossParts FusedEngine::gradient(const std::vector<std::int32_t>& blocks, const LossWeights& weights) {
  transposed_.clear();
  transpose(layout_.actor, actor_transposed_);
  transpose(layout_.critic, critic_transposed_);
  const int count = static_cast<int>(blocks.size()), samples = count * kBlock;
  const float share = 1.0f / static_cast<float>(samples);
  crew_.run(kParts, [&](int p) {
    Part& part = parts_[static_cast<std::size_t>(p)];
    std::fill(part.gradient.begin(), part.gradient.end(), 0.0f);
    part.loss = {};
    const int last = count * (p + 1) / kParts;
    for (int at = count * p / kParts; at < last; at += kChunk / kBlock) {
      const int some = std::min(kChunk / kBlock, last - at);
      gather(blocks.data() + at, some, part);
      const bool more = at + some + some <= last;
      chunk(weights, share, some * kBlock, more ? blocks.data() + at + some : nullptr, part);
    }
  });
  LossParts loss;
  gradient_.assign(layout_.size, 0.0f);
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < layout_.size; ++i) gradient_[i] += part.gradient[i];
    loss.surrogate += part.loss.surrogate / samples;
    loss.value += part.loss.value / samples;
    loss.kl += part.loss.kl / samples;
  }
  double square = 0;
  for (float g : gradient_) square += static_cast<double>(g) * g;
  loss.gradient_norm = std::sqrt(square);
  return loss;
}

void FusedEngine::step(const AdamStep& step) {
  constexpr float kFirst = static_cast<float>(kFirstDecay), kFirstNew = static_cast<float>(1 - kFirstDecay);
  constexpr float kSecond = static_cast<float>(kSecondDecay), kSecondNew = static_cast<float>(1 - kSecondDecay);
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    const float g = gradient_[i] * step.scale;
    first_moment_[i] = kFirst * first_moment_[i] + kFirstNew * g;
    second_moment_[i] = kSecond * second_moment_[i] + kSecondNew * g * g;
    numbers_[i] -=
        step.rate * first_moment_[i] / (std::sqrt(second_moment_[i]) / step.second_left + static_cast<float>(kAdamEpsilon));
  }
  for (std::size_t j = 0; j < kActions; ++j) {
    float& log_deviation = numbers_[layout_.log_deviation + j];
    log_deviation = std::clamp(log_deviation, kLeastLogDeviation, kMostLogDeviation);
  }
}

}  // namespace hyperagent::robot
