// The robot's program for a CUDA device, one robot a thread: the physics and the episode of the CPU, with T = float.
//
// Not a part of the host's build. ha-tool compiles it to bitcode when hyperagent is built (tooling/device_code.h), and joins that with a
// compiled reward to the PTX that a driver loads. Plain C++ for the target nvptx64, without CUDA's headers and libraries; what it includes
// of the standard library is device/include.
#include "domains/robot_reward/device/step.h"

namespace {

int this_thread() { return __nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x() + __nvvm_read_ptx_sreg_tid_x(); }

}  // namespace

extern "C" __attribute__((nvptx_kernel)) void ha_robot_start(const hyperagent::robot::StepArguments a) {
  const int i = this_thread();
  if (i < a.robots.count) hyperagent::robot::begin(a.robots, i, a.scattered != 0);
}

extern "C" __attribute__((nvptx_kernel)) void ha_robot_step(const hyperagent::robot::StepArguments a) {
  const int i = this_thread();
  if (i < a.robots.count) hyperagent::robot::step_robot(a, i, [](const ha::robot::State& state) { return reward(state); });
}
