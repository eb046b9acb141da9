#include "domains/robot_reward/physics/model.h"

namespace hyperagent::robot {
namespace {

constexpr double kHipX = 0.1934, kHipY = 0.0465, kThighY = 0.0955, kThighLength = 0.213;

void rotation(const double q[4], double r[3][3]) {
  const double n = q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3];
  const double w = q[0], x = q[1], y = q[2], z = q[3];
  const double rows[3][3] = {{w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)},
                             {2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)},
                             {2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z}};
  for (int i = 0; i < 3; ++i)
    for (int k = 0; k < 3; ++k) r[i][k] = rows[i][k] / n;
}

// About a point from which the body's frame is `shift` away.
BodyInertia about(const BodyDescription& body, const double shift[3]) {
  double r[3][3], c[3], j[3][3];
  rotation(body.quat, r);
  for (int i = 0; i < 3; ++i) c[i] = body.com[i] + shift[i];
  const double cc = c[0] * c[0] + c[1] * c[1] + c[2] * c[2];
  for (int i = 0; i < 3; ++i)
    for (int k = 0; k < 3; ++k) {
      j[i][k] = body.mass * ((i == k ? cc : 0.0) - c[i] * c[k]);
      for (int p = 0; p < 3; ++p) j[i][k] += r[i][p] * body.inertia[p] * r[k][p];
    }
  BodyInertia out{};
  out.m = static_cast<float>(body.mass);
  for (int i = 0; i < 3; ++i) out.h[i] = static_cast<float>(body.mass * c[i]);
  const double six[6] = {j[0][0], j[1][1], j[2][2], j[0][1], j[0][2], j[1][2]};
  for (int i = 0; i < 6; ++i) out.j[i] = static_cast<float>(six[i]);
  return out;
}

double front(int leg) { return leg < 2 ? 1.0 : -1.0; }
double left(int leg) { return leg % 2 == 1 ? 1.0 : -1.0; }

}  // namespace

Description go2_description() {
  Description d{};
  d.base = {6.921, {0.021112, 0, -0.005366}, {0.107027, 0.0980771, 0.0244531}, {-0.000543471, 0.713435, -0.00173769, 0.700719}};
  const double hip_quat[4][4] = {{0.498237, 0.505462, 0.499245, 0.497014},   // FR
                                 {0.497014, 0.499245, 0.505462, 0.498237},   // FL
                                 {0.499245, 0.497014, 0.498237, 0.505462},   // RR
                                 {0.505462, 0.498237, 0.497014, 0.499245}};  // RL
  const double thigh_quat[2][4] = {{0.551623, -0.0200632, 0.0847635, 0.829533}, {0.829533, 0.0847635, -0.0200632, 0.551623}};  // right, left
  const double calf_quat[2][4] = {{0.703508, -0.00450087, 0.00154099, 0.710672}, {0.710672, 0.00154099, -0.00450087, 0.703508}};
  for (int leg = 0; leg < kLegs; ++leg) {
    const double sx = front(leg), sy = left(leg);
    const int side = leg % 2;
    d.hip[leg] = {0.678, {-0.0054 * sx, 0.00194 * sy, -0.000105}, {0.00088403, 0.000596003, 0.000479967}, {}};
    d.thigh[leg] = {1.152, {-0.00374, -0.0223 * sy, -0.0327}, {0.00594973, 0.00584149, 0.000878787}, {}};
    d.calf[leg] = {0.241352, {0.00629595, -0.000622121 * sy, -0.141417}, {0.0014901, 0.00146356, 5.31397e-05}, {}};
    for (int i = 0; i < 4; ++i) {
      d.hip[leg].quat[i] = hip_quat[leg][i];
      d.thigh[leg].quat[i] = thigh_quat[side][i];
      d.calf[leg].quat[i] = calf_quat[side][i];
    }
  }
  return d;
}

Model go2_model() {
  const Description d = go2_description();
  const double here[3] = {0, 0, 0};
  Model model{};
  model.base = about(d.base, here);
  for (int leg = 0; leg < kLegs; ++leg) {
    const double sx = front(leg), sy = left(leg);
    Leg& out = model.legs[leg];
    out.hip[0] = static_cast<float>(kHipX * sx);
    out.hip[1] = static_cast<float>(kHipY * sy);
    out.thigh_y = static_cast<float>(kThighY * sy);
    const double beside[3] = {0, kThighY * sy, 0};
    out.hip_link = about(d.hip[leg], here);
    out.thigh = about(d.thigh[leg], beside);
    out.calf = about(d.calf[leg], beside);
    const float lower[3] = {-1.0472f, sx > 0 ? -1.5708f : -0.5236f, -2.7227f}, upper[3] = {1.0472f, sx > 0 ? 3.4907f : 4.5379f, -0.83776f};
    for (int i = 0; i < 3; ++i) {
      out.lower[i] = lower[i];
      out.upper[i] = upper[i];
    }
    model.trunk[leg][0] = static_cast<float>(kHipX * sx);
    model.trunk[leg][1] = static_cast<float>(0.0965 * sy);
  }
  model.thigh_length = static_cast<float>(kThighLength);
  model.foot[0] = -0.002f;
  model.foot[2] = -0.213f;
  model.foot_radius = 0.022f;
  model.knee_radius = 0.02f;
  model.trunk_radius = 0.057f;
  model.armature = 0.01f;
  model.torque_limit[0] = model.torque_limit[1] = 23.7f;
  model.torque_limit[2] = 45.43f;
  return model;
}

}  // namespace hyperagent::robot
