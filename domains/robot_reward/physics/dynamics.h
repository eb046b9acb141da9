// Equations of motion of the quadruped: composite rigid bodies for the mass matrix, Newton-Euler for the bias.
//
// Theory of operation. Unknowns are x = (angular acceleration in base axes, classical linear acceleration of the base's origin in base
// axes, 12 joint accelerations): M x + bias = generalised force. Only a leg and the base are coupled, so M is an arrow
//     [ Mbb  F_0 .. F_3 ]         K_l = M_l^-1 F_l^T (3x6),   S = Mbb - sum_l F_l K_l   (6x6, factored L D L^T)
//     [ F_l^T   M_l     ]         x_b = S^-1 (r_b - sum_l K_l^T r_l),   x_l = M_l^-1 r_l - K_l x_b
// Each leg is computed in the axes of its hip link H (origin: the hip joint, turned with q1 about x). Thigh and calf joints both turn
// about y of H, so the calf's orientation is Ry(q2 + q3): three sines per leg. Motion subspaces in H, about its origin:
//     S1 = [ex; 0]   S2 = [ey; 0]   S3 = [ey; u], u = p3 x ey, p3 = (-L sin q2, thigh_y, -L cos q2).
#pragma once

#include "domains/robot_reward/physics/rigid.h"

namespace hyperagent::robot {
inline namespace HA_ISA {

// What the physics carries from one substep to the next. All of it is real numbers of one lane type, so that it can be kept as plain arrays.
template <class T>
struct Body {
  T p[3];            // base origin, world
  T q[4];            // base orientation, w x y z
  T v[3];            // velocity of the base's origin, world axes
  T w[3];            // angular velocity, base axes
  T joint[kJoints];  // rad
  T rate[kJoints];   // rad/s
  T impulse[kContacts][3];  // of the last substep, world axes (x, y, normal), N s: the solver's warm start
};

template <class T>
struct LegTerms {
  T c1, s1;
  V3<T> axis2;              // of thigh and calf joints, base axes; the hip's is x
  V3<T> thigh_at, calf_at;  // joints, base axes from the base's origin
  V3<T> foot;               // foot centre
  T minv[6];                // inverse of the leg's mass matrix: 11 22 33 12 13 23
  T k[3][6];                // M_l^-1 F_l^T
  T bias[3];
};

template <class T>
struct Equations {
  LegTerms<T> leg[kLegs];
  T factor[6][6];   // L below the diagonal, 1 / D on it, of S
  T base_bias[6];   // moment, force
};

template <class T>
HA_INLINE void factor6(T a[6][6]) {
  T d[6];
#pragma GCC unroll 6
  for (int j = 0; j < 6; ++j) {
    T scaled[6];  // L_jk D_k
    T pivot = a[j][j];
#pragma GCC unroll 6
    for (int k = 0; k < j; ++k) {
      scaled[k] = a[j][k] * d[k];
      pivot = pivot - a[j][k] * scaled[k];
    }
    d[j] = pivot;
    const T inverse = 1.0f / pivot;
#pragma GCC unroll 6
    for (int i = j + 1; i < 6; ++i) {
      T sum = a[i][j];
#pragma GCC unroll 6
      for (int k = 0; k < j; ++k) sum = sum - a[i][k] * scaled[k];
      a[i][j] = sum * inverse;
    }
    a[j][j] = inverse;
  }
}

template <class T>
HA_INLINE void solve6(const T a[6][6], T x[6]) {
#pragma GCC unroll 6
  for (int i = 1; i < 6; ++i)
#pragma GCC unroll 6
    for (int k = 0; k < i; ++k) x[i] = x[i] - a[i][k] * x[k];
#pragma GCC unroll 6
  for (int i = 0; i < 6; ++i) x[i] = x[i] * a[i][i];
#pragma GCC unroll 6
  for (int i = 4; i >= 0; --i)
#pragma GCC unroll 6
    for (int k = i + 1; k < 6; ++k) x[i] = x[i] - a[k][i] * x[k];
}

template <class T>
HA_INLINE void times_minv(const T minv[6], const T r[3], T out[3]) {
  out[0] = minv[0] * r[0] + minv[3] * r[1] + minv[4] * r[2];
  out[1] = minv[3] * r[0] + minv[1] * r[1] + minv[5] * r[2];
  out[2] = minv[4] * r[0] + minv[5] * r[1] + minv[2] * r[2];
}

// One leg: its terms, its inertia added to the base's and its force to the base's bias; F_l K_l is taken off `schur`.
template <class T>
HA_OUTLINE void add_leg(const Model& model, const Leg& constants, const T q[3], const T qd[3], const T extra[3], const Motion<T>& base_v,
                       const V3<T>& base_a, LegTerms<T>& leg, Inertia<T>& whole, Force<T>& base_force, T schur[6][6]) {
  T c2, s2, c3, s3;
  sine_cosine(q[0], leg.s1, leg.c1);
  sine_cosine(q[1], s2, c2);
  sine_cosine(q[1] + q[2], s3, c3);
  const T c1 = leg.c1, s1 = leg.s1, zero = lane<T>(0);
  const V3<T> o = constant<T>(constants.hip);
  const T length = lane<T>(model.thigh_length), side = lane<T>(constants.thigh_y);
  const V3<T> p3 = {zero - length * s2, side, zero - length * c2};
  const V3<T> u = {zero - p3.z, zero, p3.x};

  const Inertia<T> i1 = constant<T>(constants.hip_link);
  const Inertia<T> i2 = rotate_y(c2, s2, constant<T>(constants.thigh));
  const Inertia<T> i3 = shift(rotate_y(c3, s3, constant<T>(constants.calf)), V3<T>{p3.x, zero, p3.z});
  const Inertia<T> i23 = i2 + i3, i123 = i1 + i23;

  // Columns of the mass matrix: the forces of unit joint accelerations.
  const V3<T> n3 = V3<T>{i3.xy, i3.yy, i3.yz} + cross(i3.h, u), f3 = i3.m * u + V3<T>{i3.h.z, zero, zero - i3.h.x};
  const V3<T> n2 = {i23.xy, i23.yy, i23.yz}, f2 = {i23.h.z, zero, zero - i23.h.x};
  const V3<T> n1 = {i123.xx, i123.xy, i123.xz}, f1 = {zero, zero - i123.h.z, i123.h.y};
  const T m11 = n1.x + model.armature + extra[0], m22 = n2.y + model.armature + extra[1], m33 = n3.y + dot(u, f3) + model.armature + extra[2];
  const T m12 = n2.x, m13 = n3.x, m23 = n3.y;
  const T a11 = m22 * m33 - m23 * m23, a12 = m13 * m23 - m12 * m33, a13 = m12 * m23 - m13 * m22;
  const T inverse = 1.0f / (m11 * a11 + m12 * a12 + m13 * a13);
  leg.minv[0] = a11 * inverse;
  leg.minv[1] = (m11 * m33 - m13 * m13) * inverse;
  leg.minv[2] = (m11 * m22 - m12 * m12) * inverse;
  leg.minv[3] = a12 * inverse;
  leg.minv[4] = a13 * inverse;
  leg.minv[5] = (m12 * m13 - m11 * m23) * inverse;

  // The columns about the base's origin, base axes.
  const V3<T> ns[3] = {n1, n2, n3}, fs[3] = {f1, f2, f3};
  T column[3][6];
#pragma GCC unroll 3
  for (int k = 0; k < 3; ++k) {
    const V3<T> f = rotate_x(c1, s1, fs[k]), n = rotate_x(c1, s1, ns[k]) + cross(o, f);
    const T six[6] = {n.x, n.y, n.z, f.x, f.y, f.z};
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) column[k][i] = six[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < 6; ++i) {
    const T r[3] = {column[0][i], column[1][i], column[2][i]};
    T out[3];
    times_minv(leg.minv, r, out);
    leg.k[0][i] = out[0];
    leg.k[1][i] = out[1];
    leg.k[2][i] = out[2];
  }
#pragma GCC unroll 6
  for (int i = 0; i < 6; ++i)
#pragma GCC unroll 6
    for (int j = 0; j <= i; ++j)
      schur[i][j] = schur[i][j] - (column[0][i] * leg.k[0][j] + column[1][i] * leg.k[1][j] + column[2][i] * leg.k[2][j]);
  whole = whole + shift(rotate_x(c1, s1, i123), o);

  // Newton-Euler, all in H. Turning back is a rotation by -q1.
  const T minus = zero - s1;
  const Motion<T> v0 = {rotate_x(c1, minus, base_v.w), rotate_x(c1, minus, base_v.v + cross(base_v.w, o))};
  Motion<T> v = v0, a = {{zero, zero, zero}, rotate_x(c1, minus, base_a)};
  v.w.x = v.w.x + qd[0];
  // v x [ex; 0] qd and v x [ey; s] qd, written out.
  a.w = a.w + qd[0] * V3<T>{zero, v.w.z, zero - v.w.y};
  a.v = a.v + qd[0] * V3<T>{zero, v.v.z, zero - v.v.y};
  Force<T> force = inertial_force(i1, a, v);
  v.w.y = v.w.y + qd[1];
  a.w = a.w + qd[1] * V3<T>{zero - v.w.z, zero, v.w.x};
  a.v = a.v + qd[1] * V3<T>{zero - v.v.z, zero, v.v.x};
  const Force<T> force2 = inertial_force(i2, a, v);
  v.w.y = v.w.y + qd[2];
  v.v = v.v + qd[2] * u;
  a.w = a.w + qd[2] * V3<T>{zero - v.w.z, zero, v.w.x};
  a.v = a.v + qd[2] * (V3<T>{zero - v.v.z, zero, v.v.x} + cross(v.w, u));
  const Force<T> force3 = inertial_force(i3, a, v);
  leg.bias[2] = force3.n.y + dot(u, force3.f);
  leg.bias[1] = force2.n.y + force3.n.y;
  force = force + force2 + force3;
  leg.bias[0] = force.n.x;
  const V3<T> f = rotate_x(c1, s1, force.f);
  base_force = base_force + Force<T>{rotate_x(c1, s1, force.n) + cross(o, f), f};

  leg.axis2 = {zero, c1, s1};
  leg.thigh_at = o + V3<T>{zero, c1 * side, s1 * side};
  leg.calf_at = o + rotate_x(c1, s1, p3);
  leg.foot = leg.calf_at + rotate_x(c1, s1, rotate_y(c3, s3, constant<T>(model.foot)));
}

// `extra`: added to the diagonal of the legs' mass matrices (implicit damping and stiffness).
template <class T>
HA_OUTLINE void equations_of(const Model& model, const Physics& physics, const Body<T>& body, const Rotation<T>& r, const T extra[kJoints],
                            Equations<T>& eq) {
  const Motion<T> v = {{body.w[0], body.w[1], body.w[2]}, to_base(r, V3<T>{body.v[0], body.v[1], body.v[2]})};
  // The bias is the force at zero unknowns: spatial acceleration of the base (0, -w x v), and gravity as an upward acceleration.
  const V3<T> a = lane<T>(physics.gravity) * r.row[2] - cross(v.w, v.v);
  const Inertia<T> base = constant<T>(model.base);
  Inertia<T> whole = base;
  Force<T> force = inertial_force(base, Motion<T>{{lane<T>(0), lane<T>(0), lane<T>(0)}, a}, v);
#pragma GCC unroll 6
  for (int i = 0; i < 6; ++i)
#pragma GCC unroll 6
    for (int j = 0; j <= i; ++j) eq.factor[i][j] = lane<T>(0);
#pragma GCC unroll 1
  for (int l = 0; l < kLegs; ++l)
    add_leg(model, model.legs[l], body.joint + 3 * l, body.rate + 3 * l, extra + 3 * l, v, a, eq.leg[l], whole, force, eq.factor);
  const T six[6] = {force.n.x, force.n.y, force.n.z, force.f.x, force.f.y, force.f.z};
  for (int i = 0; i < 6; ++i) eq.base_bias[i] = six[i];
  T(&s)[6][6] = eq.factor;
  s[0][0] = s[0][0] + whole.xx;
  s[1][0] = s[1][0] + whole.xy;
  s[1][1] = s[1][1] + whole.yy;
  s[2][0] = s[2][0] + whole.xz;
  s[2][1] = s[2][1] + whole.yz;
  s[2][2] = s[2][2] + whole.zz;
  // Force rows of moment columns: f = w x h.
  s[3][1] = s[3][1] + whole.h.z;
  s[3][2] = s[3][2] - whole.h.y;
  s[4][0] = s[4][0] - whole.h.z;
  s[4][2] = s[4][2] + whole.h.x;
  s[5][0] = s[5][0] + whole.h.y;
  s[5][1] = s[5][1] - whole.h.x;
  for (int i = 3; i < 6; ++i) s[i][i] = s[i][i] + whole.m;
  factor6(s);
}

// Accelerations under generalised forces on the joints: `base` (angular, linear) and `joint`.
template <class T>
HA_OUTLINE void accelerate(const Equations<T>& eq, const T torque[kJoints], T base[6], T joint[kJoints]) {
  for (int i = 0; i < 6; ++i) base[i] = lane<T>(0) - eq.base_bias[i];
#pragma GCC unroll 4
  for (int l = 0; l < kLegs; ++l) {
    const LegTerms<T>& leg = eq.leg[l];
    const T r[3] = {torque[3 * l] - leg.bias[0], torque[3 * l + 1] - leg.bias[1], torque[3 * l + 2] - leg.bias[2]};
    times_minv(leg.minv, r, joint + 3 * l);
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) base[i] = base[i] - (leg.k[0][i] * r[0] + leg.k[1][i] * r[1] + leg.k[2][i] * r[2]);
  }
  solve6(eq.factor, base);
#pragma GCC unroll 4
  for (int l = 0; l < kLegs; ++l)
#pragma GCC unroll 3
    for (int k = 0; k < 3; ++k)
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) joint[3 * l + k] = joint[3 * l + k] - eq.leg[l].k[k][i] * base[i];
}

}  // namespace HA_ISA
}  // namespace hyperagent::robot
