#include "domains/robot_reward/network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "domains/robot_reward/arena.h"
#include "domains/robot_reward/noise.h"

namespace hyperagent::robot {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encode(const std::vector<float>& numbers) {
  std::vector<unsigned char> bytes(numbers.size() * 4);
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

bool decode(const std::string& text, std::vector<float>& numbers) {
  std::array<int, 256> value;
  value.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) value[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int>(i);
  std::vector<unsigned char> bytes;
  if (text.size() % 4 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    unsigned group = 0;
    int padding = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const char c = text[i + k];
      const int six = c == '=' ? 0 : value[static_cast<unsigned char>(c)];
      if (six < 0 || (c != '=' && padding > 0)) return false;
      padding += c == '=';
      group = group << 6 | static_cast<unsigned>(six);
    }
    if (padding > 2 || (padding > 0 && i + 4 < text.size())) return false;
    for (int k = 0; k < 3 - padding; ++k) bytes.push_back(static_cast<unsigned char>(group >> (16 - 8 * k)));
  }
  if (bytes.size() % 4 != 0) return false;
  numbers.resize(bytes.size() / 4);
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return true;
}

std::size_t add_layers(const std::vector<int>& hidden, int outputs, std::size_t at, std::vector<Layer>& layers) {
  int inputs = kObservations;
  std::vector<int> widths = hidden;
  widths.push_back(outputs);
  for (int wanted : widths) {
    const int width = wanted == 1 ? 1 : (wanted + 15) / 16 * 16;
    layers.push_back({inputs, wanted, width, at, at + static_cast<std::size_t>(inputs * width)});
    at += static_cast<std::size_t>((inputs + 1) * width);
    inputs = wanted;
  }
  return at;
}

}  // namespace

NetworkLayout::NetworkLayout(const NetworkShape& shape) {
  std::size_t at = add_layers(shape.hidden, kActions, 0, actor);
  at = add_layers(shape.hidden, 1, at, critic);
  log_deviation = at;
  size = at + kActionStride;
}

std::vector<float> random_network(const NetworkLayout& layout, std::uint64_t seed) {
  std::vector<float> numbers(layout.size, 0.0f);
  std::uint64_t place = 0;
  for (const auto* layers : {&layout.actor, &layout.critic})
    for (const Layer& layer : *layers) {
      const float bound = 1.0f / std::sqrt(static_cast<float>(layer.inputs));
      for (int row = 0; row <= layer.inputs; ++row)  // the last row is the bias
        for (int column = 0; column < layer.outputs; ++column)
          numbers[layer.weights + static_cast<std::size_t>(row * layer.width + column)] = bound * (2 * uniform_of(hashed(seed, 0x17, place++)) - 1);
    }
  return numbers;
}

void Forward::run(const float* numbers, const float* in, int samples, float* out) {
  const float* x = in;
  int stride = kObservationStride;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const bool last = i + 1 == layers_.size();
    std::vector<float>& scratch = i % 2 == 0 ? first_ : second_;
    if (!last) scratch.resize(static_cast<std::size_t>(samples * layer.width));
    float* y = last ? out : scratch.data();
    kernels_.dense({samples, layer.inputs, layer.width, stride, layer.width}, x, numbers + layer.weights, numbers + layer.bias, y);
    if (!last) kernels_.elu(y, samples * layer.width);
    x = y;
    stride = layer.width;
  }
}

Json to_json(const Policy& policy) { return {{"hidden", policy.shape.hidden}, {"numbers", encode(policy.numbers)}}; }

Result<Policy> policy_from(const Json& json) {
  if (!json.is_object() || !json.contains("hidden") || !json["hidden"].is_array() || !json.contains("numbers") || !json["numbers"].is_string())
    return user_error("a policy is {\"hidden\": [width...], \"numbers\": base64}");
  Policy policy;
  policy.shape.hidden.clear();
  for (const Json& width : json["hidden"]) {
    if (!width.is_number_integer()) return user_error("a policy's layer widths are whole numbers");
    const auto value = width.get<std::int64_t>();
    if (value < 16 || value > 1024 || value % 16 != 0) return user_error("a policy's layers are 16 to 1024 wide, multiples of 16");
    policy.shape.hidden.push_back(static_cast<int>(value));
  }
  if (policy.shape.hidden.empty() || policy.shape.hidden.size() > 4) return user_error("a policy has one to four hidden layers");
  const NetworkLayout layout(policy.shape);
  const std::string& text = json["numbers"].get_ref<const std::string&>();
  if (!decode(text, policy.numbers)) return user_error("a policy's numbers are not base64 of 32-bit numbers");
  const std::size_t wanted = layout.critic.front().weights;
  if (policy.numbers.size() != wanted)
    return user_error("a policy of this shape has " + std::to_string(wanted) + " numbers, not " + std::to_string(policy.numbers.size()));
  for (float number : policy.numbers)
    if (!std::isfinite(number)) return user_error("a policy's numbers must be finite");
  return policy;
}

}  // namespace hyperagent::robot
