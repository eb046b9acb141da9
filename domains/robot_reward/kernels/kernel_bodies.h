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

// C (rows x V vectors) from sums over k of a(row, k) * b(k, column): held in registers over the whole sum.
template <int R, int V>
HA_INLINE void tile(int count, const float* a, long a_row, long a_k, const float* b, long b_k, const float* bias, bool add, float* c, long c_row) {
  Wide sum[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) sum[r][v] = add ? load(c + r * c_row + v * kWidth) : (bias != nullptr ? load(bias + v * kWidth) : Wide{});
  for (int k = 0; k < count; ++k) {
    Wide column[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) column[v] = load(b + k * b_k + v * kWidth);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const Wide scalar = lane<Wide>(a[r * a_row + k * a_k]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sum[r][v] = sum[r][v] + scalar * column[v];
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(c + r * c_row + v * kWidth, sum[r][v]);
}

constexpr int kRows = 4;  // divides every layer: no slower remainder

template <int V>
HA_OUTLINE void columns(int rows, int count, const float* a, long a_row, long a_k, const float* b, long b_k, const float* bias, bool add, float* c, long c_row) {
  int row = 0;
  for (; row + kRows <= rows; row += kRows) tile<kRows, V>(count, a + row * a_row, a_row, a_k, b, b_k, bias, add, c + row * c_row, c_row);
  for (; row < rows; ++row) tile<1, V>(count, a + row * a_row, a_row, a_k, b, b_k, bias, add, c + row * c_row, c_row);
}

// C (rows x width floats) by groups of columns as wide as the registers allow.
void product(int rows, int width, int count, const float* a, long a_row, long a_k, const float* b, long b_k, const float* bias, bool add, float* c, long c_row) {
  int at = 0;
  for (; at + kColumnVectors * kWidth <= width; at += kColumnVectors * kWidth)
    columns<kColumnVectors>(rows, count, a, a_row, a_k, b + at, b_k, bias == nullptr ? nullptr : bias + at, add, c + at, c_row);
  for (; at + kWidth <= width; at += kWidth)
    columns<1>(rows, count, a, a_row, a_k, b + at, b_k, bias == nullptr ? nullptr : bias + at, add, c + at, c_row);
}

void dense(const DenseShape& s, const float* x, const float* w, const float* bias, float* y) {
  product(s.samples, s.outputs, s.inputs, x, s.x_stride, 1, w, s.outputs, bias, false, y, s.y_stride);
}

void dense_gradient(const DenseShape& s, const float* x, const float* y_gradient, float* w_gradient, float* bias_gradient) {
  product(s.inputs, s.outputs, s.samples, x, 1, s.x_stride, y_gradient, s.y_stride, nullptr, true, w_gradient, s.outputs);
  for (int at = 0; at < s.outputs; at += kWidth) {
    Wide sum = load(bias_gradient + at);
    for (int i = 0; i < s.samples; ++i) sum = sum + load(y_gradient + static_cast<long>(i) * s.y_stride + at);
    store(bias_gradient + at, sum);
  }
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
