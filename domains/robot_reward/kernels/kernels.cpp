#include "domains/robot_reward/kernels/kernels.h"

namespace hyperagent::robot {

namespace portable { Kernels kernels(); }
#ifdef HA_ROBOT_X86
namespace v3 { Kernels kernels(); }
namespace v4 { Kernels kernels(); }
#endif

namespace {

std::vector<Kernels> detect() {
  std::vector<Kernels> all;
#ifdef HA_ROBOT_X86
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    all.push_back(v4::kernels());
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) all.push_back(v3::kernels());
#endif
  all.push_back(portable::kernels());
  return all;
}

}  // namespace

const std::vector<Kernels>& runnable_kernels() {
  static const std::vector<Kernels> all = detect();
  return all;
}

}  // namespace hyperagent::robot
