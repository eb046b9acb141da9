// The control step for a CUDA device, one robot a thread: the physics of the CPU with T = float. Compiles with nvcc and with Clang; a test
// compiles it to PTX with the embedded Clang, which needs no CUDA at all. Nothing launches it yet (README).
#if defined(__clang__) && !defined(__device__)
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __forceinline__ inline __attribute__((always_inline))
#define HA_THREAD (__nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x() + __nvvm_read_ptx_sreg_tid_x())
#else
#define HA_THREAD (blockIdx.x * blockDim.x + threadIdx.x)
#endif

#include "domains/robot_reward/physics/control_step.h"

extern "C" __global__ void ha_control_step(const hyperagent::robot::Model model, const hyperagent::robot::Physics physics, float* state, int robots) {
  using namespace hyperagent::robot;
  const int robot = static_cast<int>(HA_THREAD);
  if (robot >= robots) return;
  control_step_at<float>(model, physics, state + static_cast<long>(robot / kBlock) * kFields * kBlock + robot % kBlock);
}
