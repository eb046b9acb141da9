// Contact of feet, knees and trunk with the plane z = 0, solved on velocities together with the free motion of the substep.
//
// Theory of operation. A contact is a sphere's lowest point. Its velocity depends on an impulse at any contact through the base only, save
// for contacts of the same leg: with B = J_base - J_leg K (3x6) and W = S^-1 B^T, an impulse changes the base's velocity by W lambda, and
// a leg's by M_l^-1 J_leg^T lambda - K (change of the base). So block Gauss-Seidel keeps these changes (6 + 4 x 3 numbers) and never
// forms the Delassus matrix. Normal: a spring and damper integrated implicitly, lambda = dt f with f = -k phi+ - c v+ and phi+ = phi + dt v+:
//     lambda_n = max(0, lambda_n - (v_n + b + gamma lambda_n) / (A_nn + gamma)),  gamma = 1 / (dt^2 k + dt c),  b = phi / (dt + c / k),
// and b = phi / dt above the ground (it may just reach it). Tangent: the exact 2x2 solution, cut back to the disc mu lambda_n.
// A contact away from the ground in all lanes is left out; in a single lane its impulse is 0 either way, so neighbours never matter.
#pragma once

#include "domains/robot_reward/physics/dynamics.h"

namespace hyperagent::robot {
inline namespace HA_ISA {

inline constexpr float kNearGround = 0.02f;  // m: lower contacts take part
inline constexpr float kWarmBelow = 0.005f;  // m: lower contacts start from the last impulse

template <class T>
struct Contact {
  int index, leg;   // leg -1: trunk
  T b[3][6], w[6][3];
  T jm[3][3];       // M_l^-1 J_leg^T, rows: joint, columns: world axis
  T j[3][3];        // J_leg, rows: world axis
  T a_normal, a_xx, a_xy, a_yy, inverse;  // diagonal block, 1 / determinant of the tangent's part
  T free[3];        // velocity before any impulse of this substep
  T bias, gamma;
  T lambda[3];
  T on;             // 1 where the contact takes part, else 0
};

template <class T>
struct Impulses {
  T base[6];
  T leg[kLegs][3];
};

// A sphere's centre `at` (base axes) on leg `l` below joint `joints - 1`. False: away from the ground in all lanes.
template <class T>
HA_OUTLINE bool make_contact(const Model& model, const Physics& physics, const Body<T>& body, const Rotation<T>& r, const Equations<T>& eq,
                            const T base_velocity[6], const T rate[kJoints], int index, int l, int joints, const V3<T>& at, float radius, Contact<T>& out) {
  const T zero = lane<T>(0);
  const T phi = body.p[2] + dot(r.row[2], at) - radius;
  const auto near = phi < lane<T>(kNearGround);
  if (!any(near)) return false;
  out.index = index;
  out.leg = l;
  out.on = sel(near, lane<T>(1), zero);
  const V3<T> point = at - lane<T>(radius) * r.row[2];
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    const V3<T> moment = cross(point, r.row[i]);
    const T six[6] = {moment.x, moment.y, moment.z, r.row[i].x, r.row[i].y, r.row[i].z};
#pragma GCC unroll 6
    for (int k = 0; k < 6; ++k) out.b[i][k] = six[k];
  }
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    T sum = zero;
#pragma GCC unroll 6
    for (int k = 0; k < 6; ++k) sum = sum + out.b[i][k] * base_velocity[k];
    out.free[i] = sum;
  }
  if (l >= 0) {
    const LegTerms<T>& leg = eq.leg[l];
    const V3<T> column[3] = {cross(V3<T>{lane<T>(1), zero, zero}, point - constant<T>(model.legs[l].hip)), cross(leg.axis2, point - leg.thigh_at),
                             joints > 2 ? cross(leg.axis2, point - leg.calf_at) : V3<T>{zero, zero, zero}};
#pragma GCC unroll 3
    for (int i = 0; i < 3; ++i)
#pragma GCC unroll 3
      for (int k = 0; k < 3; ++k) out.j[i][k] = dot(r.row[i], column[k]);
#pragma GCC unroll 3
    for (int i = 0; i < 3; ++i) {
      T jm[3];
      times_minv(leg.minv, out.j[i], jm);
#pragma GCC unroll 3
      for (int k = 0; k < 3; ++k) {
        out.jm[k][i] = jm[k];
        out.free[i] = out.free[i] + out.j[i][k] * rate[3 * l + k];
#pragma GCC unroll 6
        for (int m = 0; m < 6; ++m) out.b[i][m] = out.b[i][m] - out.j[i][k] * leg.k[k][m];
      }
    }
  }
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    T x[6];
#pragma GCC unroll 6
    for (int k = 0; k < 6; ++k) x[k] = out.b[i][k];
    solve6(eq.factor, x);
#pragma GCC unroll 6
    for (int k = 0; k < 6; ++k) out.w[k][i] = x[k];
  }
  T a[3][3];
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i)
#pragma GCC unroll 3
    for (int k = 0; k <= i; ++k) {
      T sum = zero;
#pragma GCC unroll 6
      for (int m = 0; m < 6; ++m) sum = sum + out.b[i][m] * out.w[m][k];
      if (l >= 0)
#pragma GCC unroll 3
        for (int m = 0; m < 3; ++m) sum = sum + out.j[i][m] * out.jm[m][k];
      a[i][k] = sum;
    }
  const float dt = physics.dt, stiffness = physics.contact_stiffness, damping = physics.contact_damping;
  out.gamma = lane<T>(1.0f / (dt * dt * stiffness + dt * damping));
  out.bias = sel(phi < zero, phi * (1.0f / (dt + damping / stiffness)), phi * (1.0f / dt));
  out.a_normal = 1.0f / (a[2][2] + out.gamma);
  out.a_xx = a[0][0];
  out.a_xy = a[1][0];
  out.a_yy = a[1][1];
  out.inverse = 1.0f / (a[0][0] * a[1][1] - a[1][0] * a[1][0]);
  const T keep = sel(phi < lane<T>(kWarmBelow), lane<T>(1), zero);
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) out.lambda[i] = keep * body.impulse[index][i];
  return true;
}

template <class T>
HA_INLINE void apply(const Contact<T>& c, int axis, T amount, Impulses<T>& sum) {
#pragma GCC unroll 6
  for (int k = 0; k < 6; ++k) sum.base[k] = sum.base[k] + c.w[k][axis] * amount;
  if (c.leg >= 0)
#pragma GCC unroll 3
    for (int k = 0; k < 3; ++k) sum.leg[c.leg][k] = sum.leg[c.leg][k] + c.jm[k][axis] * amount;
}

template <class T>
HA_INLINE T velocity(const Contact<T>& c, int axis, const Impulses<T>& sum) {
  T v = c.free[axis];
#pragma GCC unroll 6
  for (int k = 0; k < 6; ++k) v = v + c.b[axis][k] * sum.base[k];
  if (c.leg >= 0)
#pragma GCC unroll 3
    for (int k = 0; k < 3; ++k) v = v + c.j[axis][k] * sum.leg[c.leg][k];
  return v;
}

template <class T>
HA_OUTLINE void sweep(Contact<T>& c, float friction, Impulses<T>& sum) {
  const T zero = lane<T>(0);
  const T normal = c.on * most(zero, c.lambda[2] - (velocity(c, 2, sum) + c.bias + c.gamma * c.lambda[2]) * c.a_normal);
  apply(c, 2, normal - c.lambda[2], sum);
  c.lambda[2] = normal;
  const T vx = velocity(c, 0, sum), vy = velocity(c, 1, sum);
  T x = c.lambda[0] - (c.a_yy * vx - c.a_xy * vy) * c.inverse;
  T y = c.lambda[1] - (c.a_xx * vy - c.a_xy * vx) * c.inverse;
  const T limit = friction * normal, square = x * x + y * y;
  const T scale = sel(square > limit * limit, limit / root(square + 1e-20f), lane<T>(1));
  x = x * scale;
  y = y * scale;
  apply(c, 0, x - c.lambda[0], sum);
  apply(c, 1, y - c.lambda[1], sum);
  c.lambda[0] = x;
  c.lambda[1] = y;
}

}  // namespace HA_ISA
}  // namespace hyperagent::robot
