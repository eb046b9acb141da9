#include "tests/domains/robot_reward/mujoco_robot.h"

#include <cassert>
#include <cstdarg>
#include <cstdio>

namespace hyperagent::robot {
namespace {

const char* const kNames[kLegs] = {"FR", "FL", "RR", "RL"};

std::string text(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string text(const char* format, ...) {
  char buffer[1024];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  return buffer;
}

std::string inertial(const BodyDescription& b) {
  return text("<inertial mass=\"%.17g\" pos=\"%.17g %.17g %.17g\" quat=\"%.17g %.17g %.17g %.17g\" diaginertia=\"%.17g %.17g %.17g\"/>\n", b.mass, b.com[0],
              b.com[1], b.com[2], b.quat[0], b.quat[1], b.quat[2], b.quat[3], b.inertia[0], b.inertia[1], b.inertia[2]);
}

std::string sphere(const float at[3], double radius, bool ground) {
  const int bits = ground ? 1 : 0;
  return text("<geom type=\"sphere\" size=\"%.9g\" pos=\"%.9g %.9g %.9g\" contype=\"0\" conaffinity=\"%d\" mass=\"0\"/>\n", radius, double(at[0]), double(at[1]),
              double(at[2]), bits);
}

std::string joint(const char* leg, const char* name, const char* axis, const Leg& constants, int i) {
  return text("<joint name=\"%s_%s\" axis=\"%s\" range=\"%.9g %.9g\"/>\n", leg, name, axis, double(constants.lower[i]), double(constants.upper[i]));
}

}  // namespace

std::string mjcf(const MujocoOptions& options) {
  const Description d = go2_description();
  const Model m = go2_model();
  std::string out = text("<mujoco><compiler angle=\"radian\"/><option timestep=\"%.9g\" cone=\"elliptic\" impratio=\"10\" integrator=\"Euler\"/>\n", options.dt);
  out += text("<default><joint damping=\"%.9g\" armature=\"%.9g\" limited=\"true\"/><geom friction=\"%.9g 0.02 0.01\" condim=\"3\"/></default>\n<worldbody>\n",
              options.damping, double(m.armature), options.friction);
  out += "<geom type=\"plane\" size=\"0 0 1\" contype=\"1\" conaffinity=\"0\"/>\n";
  out += "<body name=\"base\" pos=\"0 0 0.4\"><freejoint/>\n" + inertial(d.base);
  for (int l = 0; l < kLegs; ++l) out += sphere(m.trunk[l], m.trunk_radius, options.ground);
  for (int l = 0; l < kLegs; ++l) {
    const Leg& leg = m.legs[l];
    const float origin[3] = {0, 0, 0};
    out += text("<body name=\"%s_hip\" pos=\"%.9g %.9g 0\">\n", kNames[l], double(leg.hip[0]), double(leg.hip[1])) + inertial(d.hip[l]);
    out += joint(kNames[l], "hip", "1 0 0", leg, 0);
    out += text("<body name=\"%s_thigh\" pos=\"0 %.9g 0\">\n", kNames[l], double(leg.thigh_y)) + inertial(d.thigh[l]);
    out += joint(kNames[l], "thigh", "0 1 0", leg, 1);
    out += text("<body name=\"%s_calf\" pos=\"0 0 %.9g\">\n", kNames[l], -double(m.thigh_length)) + inertial(d.calf[l]);
    out += joint(kNames[l], "calf", "0 1 0", leg, 2);
    out += sphere(m.foot, m.foot_radius, options.ground) + sphere(origin, m.knee_radius, options.ground) + "</body></body></body>\n";
  }
  out += "</body>\n</worldbody>\n<actuator>\n";
  for (int l = 0; l < kLegs; ++l)
    for (const char* name : {"hip", "thigh", "calf"}) out += text("<motor joint=\"%s_%s\"/>\n", kNames[l], name);
  return out + "</actuator></mujoco>\n";
}

MujocoRobot::MujocoRobot(const MujocoOptions& options) {
  const std::string xml = mjcf(options);
  mjVFS* files = new mjVFS;
  mj_defaultVFS(files);
  mj_makeEmptyFileVFS(files, "robot.xml", static_cast<int>(xml.size()));
  for (std::size_t i = 0; i < xml.size(); ++i) static_cast<char*>(files->filedata[0])[i] = xml[i];
  char error[500] = "";
  model_ = mj_loadXML("robot.xml", files, error, sizeof error);
  mj_deleteVFS(files);
  delete files;
  if (model_ == nullptr) std::fprintf(stderr, "%s\n%s\n", error, xml.c_str());
  assert(model_ != nullptr && "our own MJCF loads");
  data_ = mj_makeData(model_);
}

MujocoRobot::~MujocoRobot() {
  mj_deleteData(data_);
  mj_deleteModel(model_);
}

void MujocoRobot::set_torque(const double torque[kJoints]) {
  for (int i = 0; i < kJoints; ++i) data_->ctrl[i] = torque[i];
}

}  // namespace hyperagent::robot
