// The bodies of the kernels, included once by each of kernel_portable.cpp, kernel_v3.cpp and kernel_v4.cpp with HA_ISA, Wide (a vector type)
// and kColumnVectors set for its instruction set. Nothing here may call an inline function of the standard library: the linker could merge it
// with another file's that was compiled for another processor.
#include "domains/robot_reward/kernels/kernels.h"
#include "domains/robot_reward/physics/control_step.h"

namespace hyperagent::robot {
inline namespace HA_ISA {
namespace {

constexpr int kWidth = Lanes<Wide>::kCount;

void control_step(const Model& model, const Physics& physics, float* state, int first, int last) {
  for (int block = first; block < last; ++block)
    for (int part = 0; part < kBlock / kWidth; ++part) control_step_at<Wide>(model, physics, state + static_cast<long>(block) * kFields * kBlock + part * kWidth);
}

HA_INLINE Wide load(const float* from) { return robot::load<Wide>(from); }

// C (rows x V vectors of type T) from sums over k of a(row, k) * b(k, column): held in registers over the whole sum.
template <class T, int R, int V>
HA_INLINE void tile(int count, const float* a, long a_row, long a_k, const float* b, long b_k, const float* bias, bool add, float* c, long c_row) {
  constexpr int kLanes = Lanes<T>::kCount;
  T sum[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) sum[r][v] = add ? robot::load<T>(c + r * c_row + v * kLanes) : (bias != nullptr ? robot::load<T>(bias + v * kLanes) : T{});
  for (int k = 0; k < count; ++k) {
    T column[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) column[v] = robot::load<T>(b + k * b_k + v * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const T scalar = lane<T>(a[r * a_row + k * a_k]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sum[r][v] = sum[r][v] + scalar * column[v];
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(c + r * c_row + v * kLanes, sum[r][v]);
}

template <class T, int R, int V>
HA_OUTLINE void columns(int rows, int count, const float* a, long a_row, long a_k, const float* b, long b_k, const float* bias, bool add, float* c, long c_row) {
  int row = 0;
  for (; row + R <= rows; row += R) tile<T, R, V>(count, a + row * a_row, a_row, a_k, b, b_k, bias, add, c + row * c_row, c_row);
  for (; row < rows; ++row) tile<T, 1, V>(count, a + row * a_row, a_row, a_k, b, b_k, bias, add, c + row * c_row, c_row);
}

// C (rows x width floats) by groups of columns as wide as the registers allow, the last ones one by one. So many rows at a time that
// their sums hide how long an addition takes; a few rows that are left over are slower.
void product(int rows, int width, int count, const float* a, long a_row, long a_k, const float* b, long b_k, const float* bias, bool add, float* c, long c_row) {
  int at = 0;
  for (; at + kColumnVectors * kWidth <= width; at += kColumnVectors * kWidth)
    columns<Wide, 4, kColumnVectors>(rows, count, a, a_row, a_k, b + at, b_k, bias == nullptr ? nullptr : bias + at, add, c + at, c_row);
  for (; at + kWidth <= width; at += kWidth)
    columns<Wide, 4, 1>(rows, count, a, a_row, a_k, b + at, b_k, bias == nullptr ? nullptr : bias + at, add, c + at, c_row);
  for (; at < width; ++at)
    columns<float, 8, 1>(rows, count, a, a_row, a_k, b + at, b_k, bias == nullptr ? nullptr : bias + at, add, c + at, c_row);
}

void dense(const DenseShape& s, const float* x, const float* w, const float* bias, float* y) {
  product(s.samples, s.outputs, s.inputs, x, s.x_stride, 1, w, s.outputs, bias, false, y, s.y_stride);
}

void dense_gradient(const DenseShape& s, const float* x, const float* y_gradient, float* w_gradient, float* bias_gradient) {
  if (s.outputs == 1)  // then inputs fill vectors
    product(1, s.inputs, s.samples, y_gradient, 1, s.y_stride, x, s.x_stride, nullptr, true, w_gradient, 0);
  else
    product(s.inputs, s.outputs, s.samples, x, 1, s.x_stride, y_gradient, s.y_stride, nullptr, true, w_gradient, s.outputs);
  constexpr float kOne = 1;
  product(1, s.outputs, s.samples, &kOne, 0, 0, y_gradient, s.y_stride, nullptr, true, bias_gradient, 0);
}

void elu(float* values, int count) {
  for (int i = 0; i < count; i += kWidth) {
    const Wide x = load(values + i);
    store(values + i, sel(x > Wide{}, x, exponential(x) - 1.0f));
  }
}

void elu_gradient(const float* values, float* gradient, int count) {
  for (int i = 0; i < count; i += kWidth) {
    const Wide y = load(values + i);
    store(gradient + i, load(gradient + i) * sel(y > Wide{}, lane<Wide>(1), y + 1.0f));
  }
}

}  // namespace
}  // namespace HA_ISA

inline namespace HA_ISA {
Kernels kernels();
Kernels kernels() { return {HA_ISA_NAME, control_step, dense, dense_gradient, elu, elu_gradient}; }
}  // namespace HA_ISA
}  // namespace hyperagent::robot
