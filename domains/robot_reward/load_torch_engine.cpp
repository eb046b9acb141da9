#include <dlfcn.h>

#include <cstdlib>

#include "domains/robot_reward/torch_engine.h"

namespace hyperagent::robot {

Result<std::unique_ptr<Engine>> load_torch_engine(const std::string& module, const NetworkShape& shape, int threads) {
  // Not at::set_num_threads: it wants /proc/cpuinfo, which a box does not show, and after that throws at every operation.
  setenv("OMP_NUM_THREADS", std::to_string(threads).c_str(), 1);
  void* library = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    return environment_error("cannot load LibTorch through " + module + ": " + (why != nullptr ? why : "no reason given") +
                             "; install libtorch-dev or another LibTorch, and build again");
  }
  using Make = Engine*(const NetworkShape*);
  auto* make = reinterpret_cast<Make*>(dlsym(library, "ha_make_torch_engine"));
  if (make == nullptr) return environment_error(module + " is of another version: it has no ha_make_torch_engine; build again");
  Engine* engine = make(&shape);
  if (engine == nullptr) return environment_error("LibTorch could not be set up");
  return std::unique_ptr<Engine>(engine);
}

}  // namespace hyperagent::robot
