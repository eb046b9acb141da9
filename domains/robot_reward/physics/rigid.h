// Vectors, inertias and their rotations over a lane type.
#pragma once

#include "domains/robot_reward/physics/lane.h"
#include "domains/robot_reward/physics/model.h"

namespace hyperagent::robot {
inline namespace HA_ISA {

template <class T>
struct V3 {
  T x, y, z;
};
template <class T>
HA_INLINE V3<T> operator+(const V3<T>& a, const V3<T>& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
template <class T>
HA_INLINE V3<T> operator-(const V3<T>& a, const V3<T>& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
template <class T>
HA_INLINE V3<T> operator*(T s, const V3<T>& a) { return {s * a.x, s * a.y, s * a.z}; }
template <class T>
HA_INLINE T dot(const V3<T>& a, const V3<T>& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
template <class T>
HA_INLINE V3<T> cross(const V3<T>& a, const V3<T>& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
template <class T>
HA_INLINE V3<T> constant(const float v[3]) { return {lane<T>(v[0]), lane<T>(v[1]), lane<T>(v[2])}; }

template <class T>
HA_INLINE V3<T> rotate_x(T c, T s, const V3<T>& v) { return {v.x, c * v.y - s * v.z, s * v.y + c * v.z}; }
template <class T>
HA_INLINE V3<T> rotate_y(T c, T s, const V3<T>& v) { return {c * v.x + s * v.z, v.y, c * v.z - s * v.x}; }

// A rotation from base to world axes, by rows: row i is world axis i in base axes.
template <class T>
struct Rotation {
  V3<T> row[3];
};
template <class T>
HA_INLINE Rotation<T> rotation_of(const T q[4]) {  // w x y z, of length 1
  const T w = q[0], x = q[1], y = q[2], z = q[3];
  Rotation<T> r;
  r.row[0] = {1.0f - 2.0f * (y * y + z * z), 2.0f * (x * y - w * z), 2.0f * (x * z + w * y)};
  r.row[1] = {2.0f * (x * y + w * z), 1.0f - 2.0f * (x * x + z * z), 2.0f * (y * z - w * x)};
  r.row[2] = {2.0f * (x * z - w * y), 2.0f * (y * z + w * x), 1.0f - 2.0f * (x * x + y * y)};
  return r;
}
template <class T>
HA_INLINE V3<T> to_world(const Rotation<T>& r, const V3<T>& v) { return {dot(r.row[0], v), dot(r.row[1], v), dot(r.row[2], v)}; }
template <class T>
HA_INLINE V3<T> to_base(const Rotation<T>& r, const V3<T>& v) { return v.x * r.row[0] + v.y * r.row[1] + v.z * r.row[2]; }

// Mass, mass times centre, rotational inertia about the origin of the axes it is written in.
template <class T>
struct Inertia {
  T m;
  V3<T> h;
  T xx, yy, zz, xy, xz, yz;
};
template <class T>
HA_INLINE Inertia<T> constant(const BodyInertia& b) {
  return {lane<T>(b.m), constant<T>(b.h), lane<T>(b.j[0]), lane<T>(b.j[1]), lane<T>(b.j[2]), lane<T>(b.j[3]), lane<T>(b.j[4]), lane<T>(b.j[5])};
}
template <class T>
HA_INLINE Inertia<T> operator+(const Inertia<T>& a, const Inertia<T>& b) {
  return {a.m + b.m, a.h + b.h, a.xx + b.xx, a.yy + b.yy, a.zz + b.zz, a.xy + b.xy, a.xz + b.xz, a.yz + b.yz};
}
template <class T>
HA_INLINE V3<T> turn(const Inertia<T>& i, const V3<T>& w) {  // rotational inertia times w
  return {i.xx * w.x + i.xy * w.y + i.xz * w.z, i.xy * w.x + i.yy * w.y + i.yz * w.z, i.xz * w.x + i.yz * w.y + i.zz * w.z};
}
template <class T>
HA_INLINE Inertia<T> rotate_y(T c, T s, const Inertia<T>& i) {
  const T cc = c * c, ss = s * s, cs = c * s;
  Inertia<T> out;
  out.m = i.m;
  out.h = rotate_y(c, s, i.h);
  out.xx = cc * i.xx + 2.0f * cs * i.xz + ss * i.zz;
  out.zz = ss * i.xx - 2.0f * cs * i.xz + cc * i.zz;
  out.xz = cs * (i.zz - i.xx) + (cc - ss) * i.xz;
  out.xy = c * i.xy + s * i.yz;
  out.yz = c * i.yz - s * i.xy;
  out.yy = i.yy;
  return out;
}
template <class T>
HA_INLINE Inertia<T> rotate_x(T c, T s, const Inertia<T>& i) {
  const T cc = c * c, ss = s * s, cs = c * s;
  Inertia<T> out;
  out.m = i.m;
  out.h = rotate_x(c, s, i.h);
  out.yy = cc * i.yy - 2.0f * cs * i.yz + ss * i.zz;
  out.zz = ss * i.yy + 2.0f * cs * i.yz + cc * i.zz;
  out.yz = cs * (i.yy - i.zz) + (cc - ss) * i.yz;
  out.xy = c * i.xy - s * i.xz;
  out.xz = s * i.xy + c * i.xz;
  out.xx = i.xx;
  return out;
}
// About a point from which the old one is `o` away.
template <class T>
HA_INLINE Inertia<T> shift(const Inertia<T>& i, const V3<T>& o) {
  const T both = 2.0f * dot(i.h, o) + i.m * dot(o, o);
  Inertia<T> out;
  out.m = i.m;
  out.h = i.h + i.m * o;
  out.xx = i.xx + both - 2.0f * i.h.x * o.x - i.m * o.x * o.x;
  out.yy = i.yy + both - 2.0f * i.h.y * o.y - i.m * o.y * o.y;
  out.zz = i.zz + both - 2.0f * i.h.z * o.z - i.m * o.z * o.z;
  out.xy = i.xy - i.h.x * o.y - i.h.y * o.x - i.m * o.x * o.y;
  out.xz = i.xz - i.h.x * o.z - i.h.z * o.x - i.m * o.x * o.z;
  out.yz = i.yz - i.h.y * o.z - i.h.z * o.y - i.m * o.y * o.z;
  return out;
}

// Spatial motion (angular, linear at the origin) and force (moment about the origin, force).
template <class T>
struct Motion {
  V3<T> w, v;
};
template <class T>
struct Force {
  V3<T> n, f;
};
template <class T>
HA_INLINE Force<T> operator+(const Force<T>& a, const Force<T>& b) { return {a.n + b.n, a.f + b.f}; }
template <class T>
HA_INLINE Force<T> operator*(const Inertia<T>& i, const Motion<T>& m) {
  return {turn(i, m.w) + cross(i.h, m.v), i.m * m.v + cross(m.w, i.h)};
}
// The force of a body that moves at `v` and accelerates at `a` (Newton-Euler, Featherstone's v x* I v).
template <class T>
HA_INLINE Force<T> inertial_force(const Inertia<T>& i, const Motion<T>& a, const Motion<T>& v) {
  const Force<T> momentum = i * v;
  return i * a + Force<T>{cross(v.w, momentum.n) + cross(v.v, momentum.f), cross(v.w, momentum.f)};
}

}  // namespace HA_ISA
}  // namespace hyperagent::robot
