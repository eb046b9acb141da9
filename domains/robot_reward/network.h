// A policy's networks as numbers: dense layers with ELU between them. Nothing here knows how they were trained.
//
// A layer's matrix is stored inputs x outputs, outputs padded to a multiple of 16 with zeros that stay zero (a single one is not), followed by
// its bias. All layers of the actor, then all of the critic, then 12 logarithms of the action noise's standard deviation (padded to 16) make one
// vector.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domains/robot_reward/kernels/kernels.h"
#include "domains/robot_reward/rollout.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent::robot {

struct Layer {
  int inputs, outputs;      // as they mean
  int width;                // outputs, padded
  std::size_t weights, bias;  // where they are in the vector
};

struct NetworkShape {
  std::vector<int> hidden = {64, 64};  // each a multiple of 16, at most 1024; one to four of them
  bool operator==(const NetworkShape&) const = default;
};

// Where everything is in the vector of numbers.
struct NetworkLayout {
  explicit NetworkLayout(const NetworkShape& shape);
  std::vector<Layer> actor, critic;
  std::size_t log_deviation, size;
};

std::vector<float> random_network(const NetworkLayout& layout, std::uint64_t seed);  // uniform in +-1/sqrt(inputs), noise 1

// Runs the actor (or critic): `in` is samples x kObservationStride, `out` samples x the last layer's width. Scratch space is the object's own;
// one thread each.
class Forward {
 public:
  Forward(const Kernels& kernels, const std::vector<Layer>& layers) : kernels_(kernels), layers_(layers) {}
  void run(const float* numbers, const float* in, int samples, float* out);

 private:
  const Kernels& kernels_;
  const std::vector<Layer>& layers_;
  std::vector<float> first_, second_;
};

// A trained policy as it leaves the trainer and reaches the judge: the actor only.
struct Policy {
  NetworkShape shape;
  std::vector<float> numbers;  // the actor's part of the layout
};

Json to_json(const Policy& policy);  // {"hidden": [...], "numbers": base64 of little-endian float32}
// A policy may come from anyone: every field is checked, numbers must be finite. The message says what is wrong.
Result<Policy> policy_from(const Json& json);

}  // namespace hyperagent::robot
