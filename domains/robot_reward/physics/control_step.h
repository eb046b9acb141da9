// A control step of as many robots as T has lanes: the substeps, and what observations, rewards and scores read of them.
#pragma once

#include "domains/robot_reward/physics/control_step_fields.h"
#include "domains/robot_reward/physics/substep.h"

namespace hyperagent::robot {
inline namespace HA_ISA {

template <class T>
HA_INLINE T load(const float* from) {
  T value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
template <class T>
HA_INLINE void store(float* to, const T& value) {
  __builtin_memcpy(to, &value, sizeof value);
}

// `at`: the robots' place in the first field of their block.
template <class T>
HA_OUTLINE void control_step_at(const Model& model, const Physics& physics, float* at) {
  static_assert(sizeof(Body<T>) == kBodyFields * sizeof(T), "a body is its fields, in their order");
  Body<T> body;
  T* fields = reinterpret_cast<T*>(&body);
  for (int f = 0; f < kBodyFields; ++f) fields[f] = load<T>(at + f * kBlock);
  T target[kJoints], force[kLegs] = {};
  for (int i = 0; i < kJoints; ++i) target[i] = load<T>(at + (kTarget + i) * kBlock);
  for (int step = 0; step < physics.substeps; ++step) {
    substep(model, physics, body, target);
    for (int l = 0; l < kLegs; ++l) force[l] = force[l] + body.impulse[l][2];
  }
  for (int f = 0; f < kBodyFields; ++f) store(at + f * kBlock, fields[f]);

  const Rotation<T> r = rotation_of(body.q);
  const V3<T> v = to_base(r, V3<T>{body.v[0], body.v[1], body.v[2]});
  store(at + (kBaseVelocity + 0) * kBlock, v.x);
  store(at + (kBaseVelocity + 1) * kBlock, v.y);
  store(at + (kBaseVelocity + 2) * kBlock, v.z);
  T torque[kJoints];
  motor_torque(model, physics, body, target, torque);
  for (int i = 0; i < kJoints; ++i) store(at + (kTorque + i) * kBlock, torque[i]);
  for (int l = 0; l < kLegs; ++l) {
    const V3<T> foot = foot_centre(model, model.legs[l], body.joint + 3 * l);
    const T height = body.p[2] + dot(r.row[2], foot) - model.foot_radius;
    store(at + (kFootHeight + l) * kBlock, height);
    const T mean = force[l] * (1.0f / (physics.dt * static_cast<float>(physics.substeps)));
    store(at + (kFootForce + l) * kBlock, mean);
  }
}

}  // namespace HA_ISA
}  // namespace hyperagent::robot
