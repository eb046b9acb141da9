// One substep of the physics: PD control and joint ends, free motion, contact, semi-implicit integration.
//
//   Body<F16> body = ...;                      // 16 robots
//   substep(model, physics, body, target);     // target: joint angles the PD controller holds
#pragma once

#include "domains/robot_reward/physics/contact.h"

namespace hyperagent::robot {
inline namespace HA_ISA {

// The motors' torques, clipped.
template <class T>
HA_INLINE void motor_torque(const Model& model, const Physics& physics, const Body<T>& body, const T target[kJoints], T torque[kJoints]) {
#pragma GCC unroll 12
  for (int i = 0; i < kJoints; ++i) {
    const T limit = lane<T>(model.torque_limit[i % 3]);
    torque[i] = clamp(physics.kp * (target[i] - body.joint[i]) - physics.kd * body.rate[i], lane<T>(0) - limit, limit);
  }
}

// Where a foot's centre is, base axes from the base's origin.
template <class T>
HA_INLINE V3<T> foot_centre(const Model& model, const Leg& leg, const T q[3]) {
  T c1, s1, c2, s2, c3, s3;
  sine_cosine(q[0], s1, c1);
  sine_cosine(q[1], s2, c2);
  sine_cosine(q[1] + q[2], s3, c3);
  const V3<T> below = {lane<T>(0), lane<T>(leg.thigh_y), lane<T>(0)}, thigh = {lane<T>(0), lane<T>(0), lane<T>(-model.thigh_length)};
  return constant<T>(leg.hip) + rotate_x(c1, s1, below + rotate_y(c2, s2, thigh) + rotate_y(c3, s3, constant<T>(model.foot)));
}

template <class T>
HA_OUTLINE void substep(const Model& model, const Physics& physics, Body<T>& body, const T target[kJoints]) {
  const T zero = lane<T>(0);
  const float dt = physics.dt;
  T torque[kJoints], extra[kJoints];
  motor_torque(model, physics, body, target, torque);
  // Joint damping and the joints' ends act on the new velocity (implicit): dt d and dt^2 k go to the diagonal.
#pragma GCC unroll 12
  for (int i = 0; i < kJoints; ++i) {
    const Leg& leg = model.legs[i / 3];
    const T below = most(lane<T>(leg.lower[i % 3]) - body.joint[i], zero), above = most(body.joint[i] - leg.upper[i % 3], zero);
    const auto beyond = (below + above) > zero;
    torque[i] = torque[i] - physics.joint_damping * body.rate[i] + physics.limit_stiffness * (below - above) -
                sel(beyond, (physics.limit_damping + dt * physics.limit_stiffness) * body.rate[i], zero);
    extra[i] = dt * physics.joint_damping + sel(beyond, lane<T>(dt * physics.limit_damping + dt * dt * physics.limit_stiffness), zero);
  }
  const Rotation<T> r = rotation_of(body.q);
  Equations<T> eq;
  equations_of(model, physics, body, r, extra, eq);
  T base[6], joint[kJoints];
  accelerate(eq, torque, base, joint);

  const V3<T> v0 = to_base(r, V3<T>{body.v[0], body.v[1], body.v[2]});
  const T before[6] = {body.w[0], body.w[1], body.w[2], v0.x, v0.y, v0.z};
#pragma GCC unroll 6
  for (int i = 0; i < 6; ++i) base[i] = before[i] + dt * base[i];
#pragma GCC unroll 12
  for (int i = 0; i < kJoints; ++i) joint[i] = body.rate[i] + dt * joint[i];

  Contact<T> contacts[kContacts];
  int count = 0;
  for (int l = 0; l < kLegs; ++l) {
    const LegTerms<T>& leg = eq.leg[l];
    count += make_contact(model, physics, body, r, eq, base, joint, l, l, 3, leg.foot, model.foot_radius, contacts[count]);
  }
  for (int l = 0; l < kLegs; ++l)
    count += make_contact(model, physics, body, r, eq, base, joint, 4 + l, l, 2, eq.leg[l].calf_at, model.knee_radius, contacts[count]);
  for (int l = 0; l < kLegs; ++l)
    count += make_contact(model, physics, body, r, eq, base, joint, 8 + l, -1, 0, constant<T>(model.trunk[l]), model.trunk_radius, contacts[count]);
  for (int c = 0; c < kContacts; ++c)
    for (int i = 0; i < 3; ++i) body.impulse[c][i] = zero;
  if (count > 0) {
    Impulses<T> sum = {};
    for (int c = 0; c < count; ++c)
      for (int i = 0; i < 3; ++i) apply(contacts[c], i, contacts[c].lambda[i], sum);
    for (int pass = 0; pass < physics.sweeps; ++pass)
      for (int c = 0; c < count; ++c) sweep(contacts[c], physics.friction, sum);
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) base[i] = base[i] + sum.base[i];
    for (int l = 0; l < kLegs; ++l)
#pragma GCC unroll 3
      for (int k = 0; k < 3; ++k) {
        T change = sum.leg[l][k];
#pragma GCC unroll 6
        for (int i = 0; i < 6; ++i) change = change - eq.leg[l].k[k][i] * sum.base[i];
        joint[3 * l + k] = joint[3 * l + k] + change;
      }
    for (int c = 0; c < count; ++c)
      for (int i = 0; i < 3; ++i) body.impulse[contacts[c].index][i] = contacts[c].lambda[i];
  }

  const V3<T> v1 = to_world(r, V3<T>{base[3], base[4], base[5]});
  body.v[0] = v1.x;
  body.v[1] = v1.y;
  body.v[2] = v1.z;
  const T w[3] = {base[0], base[1], base[2]};
  for (int i = 0; i < 3; ++i) {
    body.w[i] = w[i];
    body.p[i] = body.p[i] + dt * body.v[i];
  }
  const T half = lane<T>(0.5f * dt), *q = body.q;
  const T turned[4] = {q[0] - half * (w[0] * q[1] + w[1] * q[2] + w[2] * q[3]), q[1] + half * (w[0] * q[0] + w[2] * q[2] - w[1] * q[3]),
                       q[2] + half * (w[1] * q[0] + w[0] * q[3] - w[2] * q[1]), q[3] + half * (w[2] * q[0] + w[1] * q[1] - w[0] * q[2])};
  const T inverse = 1.0f / root(turned[0] * turned[0] + turned[1] * turned[1] + turned[2] * turned[2] + turned[3] * turned[3]);
  for (int i = 0; i < 4; ++i) body.q[i] = turned[i] * inverse;
#pragma GCC unroll 12
  for (int i = 0; i < kJoints; ++i) {
    body.rate[i] = joint[i];
    body.joint[i] = body.joint[i] + dt * joint[i];
  }
}

}  // namespace HA_ISA
}  // namespace hyperagent::robot
