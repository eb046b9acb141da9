// The hot loops, compiled once per instruction set and chosen at run time: physics of a block of 16 robots, and dense layers.
//
// A block's fields are arrays of 16 floats, one after the other, whatever the width of a vector: results of two processors of one kind are
// the same bytes, and a device kernel sees the same order.
#pragma once

#include <vector>

#include "domains/robot_reward/physics/control_step_fields.h"

namespace hyperagent::robot {

// y = x W + b, or with bias null y = x W. Row-major; W is `inputs` x `outputs` with rows `outputs` long. Outputs beyond a multiple of 16 are
// computed one by one.
struct DenseShape {
  int samples, inputs, outputs;
  int x_stride, y_stride;
};

struct Kernels {
  const char* name;
  // A control step (physics.substeps substeps) of blocks [first, last) of `state`.
  void (*control_step)(const Model&, const Physics&, float* state, int first, int last);
  void (*dense)(const DenseShape&, const float* x, const float* w, const float* bias, float* y);
  // w_gradient += x^T y_gradient; bias_gradient += column sums of y_gradient. Shapes as of the layer.
  void (*dense_gradient)(const DenseShape&, const float* x, const float* y_gradient, float* w_gradient, float* bias_gradient);
  void (*elu)(float* values, int count);                                   // in place; count is a multiple of 16
  void (*elu_gradient)(const float* values, float* gradient, int count);   // gradient *= f'(x), from the values f(x)
};

// Those this processor can run, the fastest first; the last one runs everywhere.
const std::vector<Kernels>& runnable_kernels();
inline const Kernels& best_kernels() { return runnable_kernels().front(); }

}  // namespace hyperagent::robot
