// Functions of <cmath> for a device, where there is no libm: polynomials in float (coefficients of Cephes), square root and rounding by
// instructions.
//
// How far they are from libm: tests/domains/robot_reward/test_device.cpp. sin, cos and tan take arguments up to a few thousand; pow of an
// exponent that is no small whole number is good to 1e-5. The test compiles this for the host, hence a namespace of its own; <cmath> gives
// the names to std.
#pragma once

namespace ha_device {

inline int bits_of(float x) { return __builtin_bit_cast(int, x); }
inline float float_of(int bits) { return __builtin_bit_cast(float, bits); }
inline constexpr float kPi = 3.14159265358979f, kNan = __builtin_nanf(""), kInfinity = __builtin_inff();

inline bool isnan(float x) { return x != x; }
inline bool isinf(float x) { return (bits_of(x) & 0x7fffffff) == 0x7f800000; }
inline bool isfinite(float x) { return (bits_of(x) & 0x7f800000) != 0x7f800000; }
inline bool signbit(float x) { return bits_of(x) < 0; }

inline float fabs(float x) { return __builtin_fabsf(x); }
inline float copysign(float x, float sign) { return __builtin_copysignf(x, sign); }
inline float sqrt(float x) { return __builtin_sqrtf(x); }
inline float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float floor(float x) { return __builtin_floorf(x); }
inline float ceil(float x) { return __builtin_ceilf(x); }
inline float trunc(float x) { return __builtin_truncf(x); }
inline float rint(float x) { return __builtin_rintf(x); }
inline float round(float x) { return copysign(trunc(fabs(x) + 0.49999997f), x); }
inline float fmin(float a, float b) { return __builtin_fminf(a, b); }
inline float fmax(float a, float b) { return __builtin_fmaxf(a, b); }
inline float fmod(float x, float y) { return x - y * trunc(x / y); }

// e^r 2^k for |r| <= ln 2 / 2; in two factors, so that neither leaves the range before the product does.
inline float scaled_exp(float r, int k) {
  float y = r * 1.9875691500e-4f + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * r * r + r + 1.0f;
  const int half = k / 2;
  return y * float_of((half + 127) << 23) * float_of((k - half + 127) << 23);
}
inline float exp(float x) {
  if (isnan(x)) return x;
  if (x > 88.8f) return kInfinity;
  if (x < -104.0f) return 0.0f;
  const float k = rint(x * 1.44269504f);
  return scaled_exp(x - k * 0.693359375f + k * 2.12194440e-4f, static_cast<int>(k));
}
inline float exp2(float x) {
  if (isnan(x)) return x;
  if (x > 128.0f) return kInfinity;
  if (x < -150.0f) return 0.0f;
  const float k = rint(x);
  return scaled_exp((x - k) * 0.693147181f, static_cast<int>(k));
}
inline float log(float x) {
  if (!(x > 0.0f)) return x == 0.0f ? -kInfinity : kNan;
  if (isinf(x)) return x;
  int extra = 0;
  if (x < 1.17549435e-38f) {
    x = x * 8388608.0f;
    extra = -23;
  }
  int e = ((bits_of(x) >> 23) & 255) - 126 + extra;
  float m = float_of((bits_of(x) & 0x007fffff) | 0x3f000000);  // [0.5, 1)
  if (m < 0.707106781f) {
    e = e - 1;
    m = m + m;
  }
  m = m - 1.0f;
  const float z = m * m, k = static_cast<float>(e);
  float y = 7.0376836292e-2f * m - 1.1514610310e-1f;
  y = y * m + 1.1676998740e-1f;
  y = y * m - 1.2420140846e-1f;
  y = y * m + 1.4249322787e-1f;
  y = y * m - 1.6668057665e-1f;
  y = y * m + 2.0000714765e-1f;
  y = y * m - 2.4999993993e-1f;
  y = y * m + 3.3333331174e-1f;
  y = y * m * z - 2.12194440e-4f * k - 0.5f * z;
  return m + y + 0.693359375f * k;
}
inline float log2(float x) { return log(x) * 1.44269504f; }
inline float log10(float x) { return log(x) * 0.434294482f; }
inline float log1p(float x) {
  const float u = 1.0f + x;
  return u == 1.0f ? x : isinf(u) ? u : log(u) * (x / (u - 1.0f));
}
inline float expm1(float x) {
  const float u = exp(x), one_less = u - 1.0f;
  if (u == 1.0f) return x;
  return one_less == -1.0f || isinf(u) ? one_less : one_less * x / log(u);
}

// Cody-Waite reduction to [-pi/4, pi/4].
inline void sine_and_cosine(float x, float& sine, float& cosine) {
  const float k = rint(x * 0.636619772f);
  const float r = x - k * 1.5703125f - k * 4.837512969970703125e-4f - k * 7.54978995489188216e-8f, z = r * r;
  const float s = r + r * z * ((z * -1.9515295891e-4f + 8.3321608736e-3f) * z - 1.6666654611e-1f);
  const float c = 1.0f - 0.5f * z + z * z * ((z * 2.443315711809948e-5f - 1.388731625493765e-3f) * z + 4.166664568298827e-2f);
  const int quadrant = isfinite(x) ? static_cast<int>(k - 4.0f * floor(k * 0.25f)) : 0;
  const float even = quadrant % 2 == 0 ? s : c, odd = quadrant % 2 == 0 ? c : s;
  sine = quadrant < 2 ? even : -even;
  cosine = quadrant == 1 || quadrant == 2 ? -odd : odd;
}
inline float sin(float x) {
  float s, c;
  sine_and_cosine(x, s, c);
  return s;
}
inline float cos(float x) {
  float s, c;
  sine_and_cosine(x, s, c);
  return c;
}
inline float tan(float x) {
  float s, c;
  sine_and_cosine(x, s, c);
  return s / c;
}
inline float atan(float x) {
  const float a = fabs(x);
  float y = 0.0f, t = a;
  if (a > 2.414213562f) {
    y = 0.5f * kPi;
    t = -1.0f / a;
  } else if (a > 0.4142135624f) {
    y = 0.25f * kPi;
    t = (a - 1.0f) / (a + 1.0f);
  }
  const float z = t * t;
  y = y + ((((8.05374449538e-2f * z - 1.38776856032e-1f) * z + 1.99777106478e-1f) * z - 3.33329491539e-1f) * z * t + t);
  return copysign(y, x);
}
inline float atan2(float y, float x) {
  if (isnan(x) || isnan(y)) return kNan;
  if (isinf(x) && isinf(y)) return copysign(signbit(x) ? 0.75f * kPi : 0.25f * kPi, y);
  if (x == 0.0f && y == 0.0f) return copysign(signbit(x) ? kPi : 0.0f, y);
  const float angle = atan(fabs(y) / fabs(x));
  return copysign(signbit(x) ? kPi - angle : angle, y);
}
inline float asin(float x) {
  const float a = fabs(x);
  if (!(a <= 1.0f)) return kNan;
  const bool far = a > 0.5f;
  const float z = far ? 0.5f * (1.0f - a) : a * a, t = far ? sqrt(z) : a;
  const float y =
      ((((4.2163199048e-2f * z + 2.4181311049e-2f) * z + 4.5470025998e-2f) * z + 7.4953002686e-2f) * z + 1.6666752422e-1f) * z * t + t;
  return copysign(far ? 0.5f * kPi - 2.0f * y : y, x);
}
inline float acos(float x) {
  if (x > 0.5f) return 2.0f * asin(sqrt(0.5f * (1.0f - x)));
  if (x < -0.5f) return kPi - 2.0f * asin(sqrt(0.5f * (1.0f + x)));
  return 0.5f * kPi - asin(x);
}
inline float sinh(float x) {
  const float a = fabs(x), z = x * x;
  if (a < 1.0f) return ((2.03721912945e-4f * z + 8.33028376239e-3f) * z + 1.66667160211e-1f) * z * x + x;
  const float e = exp(0.5f * a);  // halves: e^a may leave the range where the sine does not
  return copysign(0.5f * e * e - 0.5f / e / e, x);
}
inline float cosh(float x) {
  const float e = exp(0.5f * fabs(x));
  return 0.5f * e * e + 0.5f / e / e;
}
inline float tanh(float x) {
  const float a = fabs(x), z = x * x;
  if (a < 0.625f)
    return ((((-5.70498872745e-3f * z + 2.06390887954e-2f) * z - 5.37397155531e-2f) * z + 1.33314422036e-1f) * z - 3.33332819422e-1f) * z *
               x +
           x;
  return copysign(1.0f - 2.0f / (exp(2.0f * a) + 1.0f), x);
}
inline float pow(float x, float y) {
  if (y == 0.0f || x == 1.0f) return 1.0f;
  if (isnan(x) || isnan(y)) return kNan;
  const bool whole = trunc(y) == y;
  if (whole && fabs(y) <= 64.0f) {
    float power = 1.0f, factor = x;
    for (int left = static_cast<int>(fabs(y)); left > 0; left /= 2) {
      if (left % 2 == 1) power = power * factor;
      factor = factor * factor;
    }
    return y < 0.0f ? 1.0f / power : power;
  }
  if (x < 0.0f && !whole && !isinf(x)) return kNan;
  const float power = exp(y * log(fabs(x)));
  const bool odd = whole && fabs(y) < 16777216.0f && static_cast<int>(fabs(y)) % 2 == 1;
  return signbit(x) && odd ? -power : power;
}
inline float cbrt(float x) {
  if (x == 0.0f || !isfinite(x)) return x;
  const float a = fabs(x);
  float y = exp(log(a) * (1.0f / 3.0f));
  y = y - (y * y * y - a) / (3.0f * y * y);
  return copysign(y, x);
}
inline float hypot(float a, float b) {
  const float large = fmax(fabs(a), fabs(b)), small = fmin(fabs(a), fabs(b));
  if (large == 0.0f || isinf(large)) return large;
  const float ratio = small / large;
  return large * sqrt(1.0f + ratio * ratio);
}

}  // namespace ha_device
