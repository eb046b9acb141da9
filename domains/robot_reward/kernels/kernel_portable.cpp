#define HA_ISA portable
#define HA_ISA_NAME "portable"
#include "domains/robot_reward/physics/lane.h"

namespace hyperagent::robot {
inline namespace HA_ISA {
using Wide = F4;
constexpr int kColumnVectors = 2;
}  // namespace HA_ISA
}  // namespace hyperagent::robot

#include "domains/robot_reward/kernels/kernel_bodies.h"
