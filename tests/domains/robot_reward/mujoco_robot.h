// The same robot in MuJoCo, for the tests and the sim-to-sim check: an MJCF text without meshes, made from the model's description.
#pragma once

#include <memory>
#include <string>

#include <mujoco/mujoco.h>

#include "domains/robot_reward/physics/model.h"

namespace hyperagent::robot {

struct MujocoOptions {
  double dt = 0.005;
  double damping = 0;         // of the joints
  bool ground = true;         // feet, knees and trunk collide with the plane
  double friction = 0.8;
};

std::string mjcf(const MujocoOptions& options);

// One robot. Joint order is ours; velocities as MuJoCo has them: linear in world axes, angular in base axes.
class MujocoRobot {
 public:
  explicit MujocoRobot(const MujocoOptions& options);
  ~MujocoRobot();
  MujocoRobot(const MujocoRobot&) = delete;
  MujocoRobot& operator=(const MujocoRobot&) = delete;

  mjModel* model() { return model_; }
  mjData* data() { return data_; }
  void set_torque(const double torque[kJoints]);

 private:
  mjModel* model_ = nullptr;
  mjData* data_ = nullptr;
};

}  // namespace hyperagent::robot
