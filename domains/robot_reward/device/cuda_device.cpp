#include "domains/robot_reward/device/cuda_device.h"

#include <dlfcn.h>

namespace hyperagent::robot {

// As cuda.h declares them, of which no more than this is needed. Names with _v2 are what its macros choose.
struct Driver {
  int (*cuInit)(unsigned flags);
  int (*cuDeviceGetCount)(int* count);
  int (*cuDeviceGet)(int* device, int ordinal);
  int (*cuDeviceGetName)(char* name, int size, int device);
  int (*cuDevicePrimaryCtxRetain)(void** context, int device);
  int (*cuCtxSetCurrent)(void* context);
  int (*cuCtxSynchronize)();
  int (*cuModuleLoadDataEx)(void** module, const void* image, unsigned count, int* options, void** values);
  int (*cuModuleUnload)(void* module);
  int (*cuModuleGetFunction)(void** function, void* module, const char* name);
  int (*cuMemAlloc)(DeviceAddress* address, std::size_t bytes);
  int (*cuMemFree)(DeviceAddress address);
  int (*cuMemsetD8)(DeviceAddress to, unsigned char value, std::size_t bytes);
  int (*cuMemcpyHtoD)(DeviceAddress to, const void* from, std::size_t bytes);
  int (*cuMemcpyDtoH)(void* to, DeviceAddress from, std::size_t bytes);
  int (*cuMemcpyDtoD)(DeviceAddress to, DeviceAddress from, std::size_t bytes);
  int (*cuLaunchKernel)(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                        unsigned block_z, unsigned shared, void* stream, void** arguments, void** extra);
  int (*cuGetErrorName)(int status, const char** name);
  int (*cuGetErrorString)(int status, const char** text);
};

namespace {

// Threads of a block. Small: 4096 robots are to reach every multiprocessor of a large device.
constexpr unsigned kBlockThreads = 32;
constexpr int kErrorLog = 5, kErrorLogBytes = 6;  // CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES

// CUresult values that a kernel's own doing leads to: illegal address, launch out of resources or time, assertion, stack, instruction,
// alignment, address space, program counter, launch failed.
bool by_the_kernel(int status) {
  return status == 700 || status == 701 || status == 702 || status == 710 || (status >= 714 && status <= 719);
}

Result<void*> load(const std::string& library, Driver& driver) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = dlerror();
    return environment_error("no CUDA driver here: " + std::string(why != nullptr ? why : library + " cannot be loaded"));
  }
  const char* missing = nullptr;
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
    if (function == nullptr) missing = name;
  };
  find(driver.cuInit, "cuInit");
  find(driver.cuDeviceGetCount, "cuDeviceGetCount");
  find(driver.cuDeviceGet, "cuDeviceGet");
  find(driver.cuDeviceGetName, "cuDeviceGetName");
  find(driver.cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain");
  find(driver.cuCtxSetCurrent, "cuCtxSetCurrent");
  find(driver.cuCtxSynchronize, "cuCtxSynchronize");
  find(driver.cuModuleLoadDataEx, "cuModuleLoadDataEx");
  find(driver.cuModuleUnload, "cuModuleUnload");
  find(driver.cuModuleGetFunction, "cuModuleGetFunction");
  find(driver.cuMemAlloc, "cuMemAlloc_v2");
  find(driver.cuMemFree, "cuMemFree_v2");
  find(driver.cuMemsetD8, "cuMemsetD8_v2");
  find(driver.cuMemcpyHtoD, "cuMemcpyHtoD_v2");
  find(driver.cuMemcpyDtoH, "cuMemcpyDtoH_v2");
  find(driver.cuMemcpyDtoD, "cuMemcpyDtoD_v2");
  find(driver.cuLaunchKernel, "cuLaunchKernel");
  find(driver.cuGetErrorName, "cuGetErrorName");
  find(driver.cuGetErrorString, "cuGetErrorString");
  if (missing == nullptr) return handle;
  dlclose(handle);
  return environment_error("the CUDA driver " + library + " has no " + missing + ": install one of version 11 or newer");
}

std::string status_text(const Driver& driver, int status) {
  const char *name = nullptr, *text = nullptr;
  driver.cuGetErrorName(status, &name);
  driver.cuGetErrorString(status, &text);
  return std::string(name != nullptr ? name : "status " + std::to_string(status)) + (text != nullptr ? std::string(" (") + text + ")" : "");
}

// The first device, as LibTorch takes it; CUDA_VISIBLE_DEVICES chooses which that is.
Result<int> first_device(const Driver& driver, std::string& name) {
  int count = 0, device = 0;
  char text[128] = {};
  const auto failed = [&](int status, const char* call) {
    return environment_error("the CUDA driver finds no device: " + std::string(call) + " says " + status_text(driver, status) +
                             "; does nvidia-smi list one?");
  };
  if (const int status = driver.cuInit(0)) return failed(status, "cuInit");
  if (const int status = driver.cuDeviceGetCount(&count)) return failed(status, "cuDeviceGetCount");
  if (count == 0)
    return environment_error("the CUDA driver finds no device; does nvidia-smi list one, and does CUDA_VISIBLE_DEVICES name it?");
  if (const int status = driver.cuDeviceGet(&device, 0)) return failed(status, "cuDeviceGet");
  if (const int status = driver.cuDeviceGetName(text, sizeof text - 1, device)) return failed(status, "cuDeviceGetName");
  name = text;
  return device;
}

}  // namespace

Result<std::string> find_cuda_device(const std::string& library) {
  Driver driver{};
  const auto handle = load(library, driver);
  if (!handle) return handle.error();
  std::string name;
  const auto device = first_device(driver, name);
  if (!device) return device.error();
  return name;  // the library stays: its threads may be running
}

Result<std::unique_ptr<CudaDevice>> CudaDevice::open(const std::string& ptx, const std::string& library) {
  std::unique_ptr<CudaDevice> device(new CudaDevice);
  if (auto started = device->start(ptx, library); !started) return started.error();
  return device;
}

Result<void> CudaDevice::start(const std::string& ptx, const std::string& library) {
  driver_ = std::make_unique<Driver>();
  if (const auto handle = load(library, *driver_); !handle) return handle.error();
  const auto device = first_device(*driver_, name_);
  if (!device) return device.error();
  if (const int status = driver_->cuDevicePrimaryCtxRetain(&context_, *device)) return failed(status, "cuDevicePrimaryCtxRetain");
  if (const int status = driver_->cuCtxSetCurrent(context_)) return failed(status, "cuCtxSetCurrent");
  std::string log(8192, '\0');
  int options[] = {kErrorLog, kErrorLogBytes};
  void* values[] = {log.data(), reinterpret_cast<void*>(log.size() - 1)};
  if (const int status = driver_->cuModuleLoadDataEx(&module_, ptx.c_str(), 2, options, values)) {
    module_ = nullptr;
    log.resize(log.find('\0'));
    Error error = user_error(name_ + " does not take the program: cuModuleLoadDataEx says " + status_text(*driver_, status));
    error.message += log.empty() ? "" : "; its assembler says: " + log;
    return error;
  }
  return {};
}

CudaDevice::~CudaDevice() {
  // Library and context stay: the library's threads may be running, and LibTorch works in the context.
  for (const DeviceAddress address : memory_) driver_->cuMemFree(address);
  if (module_ != nullptr) driver_->cuModuleUnload(module_);
}

Error CudaDevice::failed(int status, const std::string& call) const {
  const std::string why = call + " says " + status_text(*driver_, status);
  if (by_the_kernel(status)) return user_error("the reward broke the device's program: " + why);
  return environment_error("the device " + name_ + " does not do what it is asked: " + why +
                           "; look at nvidia-smi, or train with the preset cpu");
}

Result<DeviceAddress> CudaDevice::allocate(std::size_t bytes) {
  DeviceAddress address = 0;
  if (const int status = driver_->cuMemAlloc(&address, bytes)) return failed(status, "cuMemAlloc of " + std::to_string(bytes) + " bytes");
  memory_.push_back(address);
  if (const int status = driver_->cuMemsetD8(address, 0, bytes)) return failed(status, "cuMemsetD8");
  return address;
}

Result<void> CudaDevice::upload(DeviceAddress to, const void* from, std::size_t bytes) {
  if (const int status = driver_->cuMemcpyHtoD(to, from, bytes)) return failed(status, "cuMemcpyHtoD");
  return {};
}

Result<void> CudaDevice::download(void* to, DeviceAddress from, std::size_t bytes) {
  if (const int status = driver_->cuMemcpyDtoH(to, from, bytes)) return failed(status, "cuMemcpyDtoH");
  return {};
}

Result<void> CudaDevice::copy(DeviceAddress to, DeviceAddress from, std::size_t bytes) {
  if (const int status = driver_->cuMemcpyDtoD(to, from, bytes)) return failed(status, "cuMemcpyDtoD");
  return {};
}

Result<void> CudaDevice::launch(const char* kernel, int threads, void* argument) {
  void* function = nullptr;
  if (const int status = driver_->cuCtxSetCurrent(context_)) return failed(status, "cuCtxSetCurrent");  // LibTorch works in this thread too
  if (const int status = driver_->cuModuleGetFunction(&function, module_, kernel))
    return failed(status, std::string("cuModuleGetFunction of ") + kernel);
  const unsigned blocks = (static_cast<unsigned>(threads) + kBlockThreads - 1) / kBlockThreads;
  void* arguments[] = {argument};
  if (const int status = driver_->cuLaunchKernel(function, blocks, 1, 1, kBlockThreads, 1, 1, 0, nullptr, arguments, nullptr))
    return failed(status, "cuLaunchKernel");
  if (const int status = driver_->cuCtxSynchronize()) return failed(status, std::string(kernel));
  return {};
}

}  // namespace hyperagent::robot
