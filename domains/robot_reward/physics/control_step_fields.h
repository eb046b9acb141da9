// A block of robots in memory: its fields are arrays of 16 floats, one after the other, on every processor and device.
#pragma once

#include "domains/robot_reward/physics/model.h"

namespace hyperagent::robot {

inline constexpr int kBlock = 16;  // robots

// Fields of a block. The first kBodyFields are Body<T> (physics/dynamics.h) in its order.
enum Field : int {
  kPosition = 0,       // 3
  kOrientation = 3,    // 4
  kVelocity = 7,       // 3, world axes
  kTurnRate = 10,      // 3, base axes
  kJoint = 13,         // 12
  kJointRate = 25,     // 12
  kImpulse = 37,       // 12 contacts x 3
  kBodyFields = 73,
  kTarget = 73,        // 12, set by the caller: the angles that the PD controller holds
  kBaseVelocity = 85,  // 3, base axes            -- from here on set by the kernel
  kFootHeight = 88,    // 4, of the foot's lowest point
  kFootForce = 92,     // 4, N, normal, mean over the substeps
  kTorque = 96,        // 12, of the motors in the last substep
  kFields = 108,
};

}  // namespace hyperagent::robot
