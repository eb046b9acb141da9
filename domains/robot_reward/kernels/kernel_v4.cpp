#define HA_ISA v4
#define HA_ISA_NAME "v4"
#include "domains/robot_reward/physics/lane.h"

namespace hyperagent::robot {
inline namespace HA_ISA {
using Wide = F16;
constexpr int kColumnVectors = 4;
}  // namespace HA_ISA
}  // namespace hyperagent::robot

#include "domains/robot_reward/kernels/kernel_bodies.h"
