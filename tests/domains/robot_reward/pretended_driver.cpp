#include "tests/domains/robot_reward/pretended_driver.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "domains/robot_reward/device/step.h"

using namespace hyperagent::robot;

namespace {

using Address = unsigned long long;
constexpr int kInvalidValue = 1, kInvalidPtx = 218, kNotFound = 500;
constexpr int kErrorLog = 5;

struct State {
  float (*reward)(const ha::robot::State&) = [](const ha::robot::State&) { return 0.0f; };
  std::string failing;
  int status = 0;
  std::string program;
  std::map<Address, std::size_t> blocks;
  std::string kernels[2] = {kStartKernel, kStepKernel};
};
State& state() {
  static State only;
  return only;
}

int result(const char* call) { return state().failing == call ? state().status : 0; }

// Whether a whole copy lies within one block that was asked for.
bool within(Address at, std::size_t bytes) {
  auto block = state().blocks.upper_bound(at);
  if (block == state().blocks.begin()) return false;
  --block;
  return at + bytes <= block->first + block->second;
}

}  // namespace

extern "C" {

void pretended_reward(float (*reward)(const ha::robot::State&)) { state().reward = reward; }
void pretended_failure(const char* call, int status) {
  state().failing = call != nullptr ? call : "";
  state().status = status;
}
unsigned long long pretended_bytes() {
  unsigned long long sum = 0;
  for (const auto& [at, bytes] : state().blocks) sum += bytes;
  return sum;
}

int cuInit(unsigned) { return result("cuInit"); }
int cuDeviceGetCount(int* count) {
  *count = result("no device") != 0 ? 0 : 1;
  return result("cuDeviceGetCount");
}
int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return result("cuDeviceGet");
}
int cuDeviceGetName(char* name, int size, int) {
  std::snprintf(name, static_cast<std::size_t>(size), "pretended device");
  return result("cuDeviceGetName");
}
int cuDevicePrimaryCtxRetain(void** context, int) {
  *context = &state();
  return result("cuDevicePrimaryCtxRetain");
}
int cuCtxSetCurrent(void*) { return result("cuCtxSetCurrent"); }
int cuCtxSynchronize() { return result("cuCtxSynchronize"); }

int cuModuleLoadDataEx(void** module, const void* image, unsigned count, int* options, void** values) {
  state().program = static_cast<const char*>(image);
  *module = &state().program;
  if (state().program.find(".entry") != std::string::npos) return result("cuModuleLoadDataEx");
  for (unsigned i = 0; i < count; ++i)
    if (options[i] == kErrorLog) std::snprintf(static_cast<char*>(values[i]), 64, "ptxas fatal: there is no entry in it");
  return kInvalidPtx;
}
int cuModuleUnload(void*) { return 0; }
int cuModuleGetFunction(void** function, void*, const char* name) {
  for (std::string& kernel : state().kernels)
    if (kernel == name) {
      *function = &kernel;
      return result("cuModuleGetFunction");
    }
  return kNotFound;
}

int cuMemAlloc_v2(Address* address, std::size_t bytes) {
  if (const int status = result("cuMemAlloc_v2")) return status;
  void* block = std::malloc(bytes);
  std::memset(block, 0x7f, bytes);  // a device's memory holds whatever was there
  *address = reinterpret_cast<Address>(block);
  state().blocks[*address] = bytes;
  return 0;
}
int cuMemFree_v2(Address address) {
  if (state().blocks.erase(address) == 0) return kInvalidValue;
  std::free(reinterpret_cast<void*>(address));
  return 0;
}
int cuMemsetD8_v2(Address to, unsigned char value, std::size_t bytes) {
  if (!within(to, bytes)) return kInvalidValue;
  std::memset(reinterpret_cast<void*>(to), value, bytes);
  return result("cuMemsetD8_v2");
}
int cuMemcpyDtoD_v2(Address to, Address from, std::size_t bytes) {
  if (!within(to, bytes) || !within(from, bytes)) return kInvalidValue;
  std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
  return result("cuMemcpyDtoD_v2");
}
int cuMemcpyHtoD_v2(Address to, const void* from, std::size_t bytes) {
  if (!within(to, bytes)) return kInvalidValue;
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return result("cuMemcpyHtoD_v2");
}
int cuMemcpyDtoH_v2(void* to, Address from, std::size_t bytes) {
  if (!within(from, bytes)) return kInvalidValue;
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  return result("cuMemcpyDtoH_v2");
}

int cuLaunchKernel(void* function, unsigned grid_x, unsigned, unsigned, unsigned block_x, unsigned, unsigned, unsigned, void*,
                   void** arguments, void**) {
  if (const int status = result("cuLaunchKernel")) return status;
  StepArguments a;
  std::memcpy(&a, arguments[0], sizeof a);
  const bool start = *static_cast<std::string*>(function) == kStartKernel;
  for (int i = static_cast<int>(grid_x * block_x) - 1; i >= 0; --i) {
    if (i >= a.robots.count) continue;
    if (start)
      begin(a.robots, i, a.scattered != 0);
    else
      step_robot(a, i, state().reward);
  }
  return 0;
}

int cuGetErrorName(int status, const char** name) {
  *name = status == 700           ? "CUDA_ERROR_ILLEGAL_ADDRESS"
          : status == kInvalidPtx ? "CUDA_ERROR_INVALID_PTX"
          : status == 2           ? "CUDA_ERROR_OUT_OF_MEMORY"
                                  : nullptr;
  return 0;
}
int cuGetErrorString(int status, const char** text) {
  *text = status == 700 ? "an illegal memory access was encountered" : nullptr;
  return 0;
}
}
