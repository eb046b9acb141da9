// Lane types: the physics is written once over T, which is a SIMD vector (x86), a double (tests) or a float (one CUDA thread).
//
// A vector is a GCC/Clang vector extension, so + - * / and comparisons work as they are; a comparison gives a mask of integers (or a bool)
// and sel(mask, a, b) chooses by lane. No intrinsics and no library calls: the same text compiles for the CPU and for a device.
// Never compile this with -ffast-math: it would reassociate the rounding tricks below.
#pragma once

#define HA_INLINE inline __attribute__((always_inline))
#ifdef __NVPTX__
#define HA_OUTLINE HA_INLINE  // there a call costs more than code: it moves what it is given from registers to memory
#else
#define HA_OUTLINE inline __attribute__((noinline))  // large: one copy keeps compile times and the instruction cache small
#endif

// Every instruction set compiles the same headers in a namespace of its own: the linker must never merge two of them.
#ifndef HA_ISA
#define HA_ISA portable
#endif

namespace hyperagent::robot {
inline namespace HA_ISA {

typedef float F4 __attribute__((vector_size(16)));
typedef float F8 __attribute__((vector_size(32)));
typedef float F16 __attribute__((vector_size(64)));

template <class T>
struct Lanes {
  static constexpr int kCount = sizeof(T) / sizeof(float);
  using Scalar = float;
};
template <>
struct Lanes<double> {
  static constexpr int kCount = 1;
  using Scalar = double;
};

template <class T>
HA_INLINE T lane(float value) {
  return value - T{};  // not a sum: 0 + -0 is 0, so adding would stay an instruction of its own
}

template <class M, class T>
HA_INLINE T sel(M mask, T a, T b) {
  return mask ? a : b;
}
template <class T>
HA_INLINE T least(T a, T b) {
  return sel(a < b, a, b);
}
template <class T>
HA_INLINE T most(T a, T b) {
  return sel(a > b, a, b);
}
template <class T>
HA_INLINE T clamp(T x, T low, T high) {
  return least(most(x, low), high);
}

// Whether the mask holds in any lane.
HA_INLINE bool any(bool mask) { return mask; }
template <class M>
HA_INLINE bool any(M mask) {
  int all = 0;
  for (unsigned i = 0; i < sizeof(M) / sizeof(int); ++i) all |= mask[i];
  return all != 0;
}

HA_INLINE float root(float x) { return __builtin_sqrtf(x); }
HA_INLINE double root(double x) { return __builtin_sqrt(x); }
template <class T>
HA_INLINE T root(T x) {
  T y;
  for (int i = 0; i < Lanes<T>::kCount; ++i) y[i] = __builtin_sqrtf(x[i]);
  return y;
}

// Sine and cosine by Cody-Waite reduction to [-pi/4, pi/4] and minimax polynomials (Cephes coefficients); |x| up to a few thousand.
// The largest error measured against libm is in tests/domains/robot_reward.
template <class T>
HA_INLINE void sine_cosine(T x, T& s, T& c) {
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding and taking it off rounds to a whole number
  const T shifted = x * 0.636619772f + magic;
  const T k = shifted - magic;
  T r = x - k * 1.5703125f;
  r = r - k * 4.837512969970703125e-4f;
  r = r - k * 7.54978995489188216e-8f;
  const T z = r * r;
  const T sp = r + r * z * (((z * -1.9515295891e-4f) + 8.3321608736e-3f) * z - 1.6666654611e-1f);
  const T cp = 1.0f - 0.5f * z + z * z * (((z * 2.443315711809948e-5f) - 1.388731625493765e-3f) * z + 4.166664568298827e-2f);
  // The quadrant k mod 4, by arithmetic on whole floats: k - 4 * floor(k / 4).
  const T quarter = k * 0.25f - 0.375f;
  const T rounded = (quarter + magic) - magic;  // floor(k / 4): k is whole, so k / 4 - 3/8 is never half-way
  const T m = k - 4.0f * rounded;
  const T zero = lane<T>(0), one = lane<T>(1), two = lane<T>(2), three = lane<T>(3);
  const T ss = sel((m == one) | (m == three), cp, sp);
  const T cc = sel((m == one) | (m == three), sp, cp);
  s = sel((m == two) | (m == three), zero - ss, ss);
  c = sel((m == one) | (m == two), zero - cc, cc);
}
HA_INLINE void sine_cosine(double x, double& s, double& c) {
  s = __builtin_sin(x);
  c = __builtin_cos(x);
}

// e^x by range reduction and a polynomial (Cephes); x below -87 gives about 0, above 88 anything.
template <class T>
HA_INLINE T exponential(T x) {
  x = most(x, lane<T>(-87.0f));
  const float magic = 12582912.0f;
  const T k = (x * 1.44269504f + magic) - magic;
  T r = x - k * 0.693359375f;
  r = r + k * 2.12194440e-4f;
  T y = r * 1.9875691500e-4f + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * r * r + r + 1.0f;
  // 2^k through the exponent bits.
  union Bits {
    T real;
    decltype(x < x) whole;
  };
  Bits bits;
  if constexpr (sizeof(bits.whole) == sizeof(T)) {
    bits.real = k + magic;
    bits.whole = (bits.whole << 23) + 0x3f800000;
    return y * bits.real;
  } else {
    return y * T(__builtin_exp2f(static_cast<float>(k)));
  }
}

}  // namespace HA_ISA
}  // namespace hyperagent::robot
