// The robot: a Unitree-Go2-like quadruped, 12 joints, 15.2 kg. Parameters after mujoco_menagerie's unitree_go2 (BSD-3, Unitree Robotics).
//
// Frames: base x forward, y left, z up, origin between the hips. A leg's joints turn about x (hip), y (thigh), y (calf).
// Leg and joint order is the reference's: FR, FL, RR, RL, each hip, thigh, calf. Units: kg, m, s, rad, N.
// Plain data without constructors, so that a device kernel can take it by value.
#pragma once

namespace hyperagent::robot {

inline constexpr int kLegs = 4, kJoints = 12;
inline constexpr int kContacts = 12;  // feet 0..3, knees 4..7 (both in leg order), trunk 8..11 (at the hips)

// Ten numbers of a rigid body about a point: mass, mass times centre, and rotational inertia about that point (xx yy zz xy xz yz).
struct BodyInertia {
  float m, h[3], j[6];
};

struct Leg {
  float hip[3];     // hip joint in the base
  float thigh_y;    // thigh joint in the hip link: (0, thigh_y, 0)
  BodyInertia hip_link;             // about the hip joint
  BodyInertia thigh, calf;          // about its own joint, shifted by (0, thigh_y, 0), which commutes with rotation about y
  float lower[3], upper[3];         // joint limits
};

struct Model {
  BodyInertia base;  // about the base's origin
  Leg legs[kLegs];
  float thigh_length;               // thigh joint to calf joint, along -z
  float foot[3];                    // foot centre in the calf
  float foot_radius, knee_radius, trunk_radius;
  float trunk[4][3];                // trunk spheres in the base, leg order
  float armature, torque_limit[3];
};

// What a run may choose. The defaults are those of all results in the README.
struct Physics {
  float dt = 0.005f;             // s, one substep
  int substeps = 4;              // a control step is 0.02 s
  int sweeps = 3;                // of the contact solver
  float kp = 35.0f, kd = 0.5f;   // Nm/rad, Nms/rad (README, Decisions: the reference's 20 and 0.5 sag)
  float joint_damping = 0.5f;    // Nms/rad, implicit
  float gravity = 9.81f;
  float friction = 0.8f;
  float contact_stiffness = 2e4f, contact_damping = 200.0f;  // N/m, Ns/m
  float limit_stiffness = 1000.0f, limit_damping = 2.0f;     // Nm/rad, Nms/rad of a joint at its end
};

// The same body as mass, centre, principal inertia and their orientation, as robot descriptions write it. For the tests' other simulator.
struct BodyDescription {
  double mass, com[3], inertia[3], quat[4];  // quat w x y z
};
struct Description {
  BodyDescription base, hip[kLegs], thigh[kLegs], calf[kLegs];
};

Description go2_description();
Model go2_model();

}  // namespace hyperagent::robot
