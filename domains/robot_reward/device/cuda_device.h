// One CUDA device through the driver's own interface, libcuda.so.1, which is looked for at run time: building needs no CUDA, and where
// there is no driver the message says so.
//
//   auto device = CudaDevice::open(ptx);          // the driver assembles the program: seconds
//   auto numbers = (*device)->allocate(bytes);
//   (*device)->upload(*numbers, host, bytes);
//   (*device)->launch("kernel", threads, &arguments);   // one struct by value; waits until all threads are done
//
// The context is the device's primary one, which LibTorch uses too, and stays. A process must not fork once a device is open. One thread at a time.
// Every failure says which call failed and what the driver said; the second kind says that the program did it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "hyperagent/core/result.h"

namespace hyperagent::robot {

using DeviceAddress = unsigned long long;

struct Driver;  // the functions of libcuda that are used

class CudaDevice {
 public:
  // `library` is another one in tests. User error where the device does not take the program, environment error where there is no driver or
  // device, or it has no room.
  static Result<std::unique_ptr<CudaDevice>> open(const std::string& ptx, const std::string& library = "libcuda.so.1");
  ~CudaDevice();
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  const std::string& name() const { return name_; }  // "NVIDIA H100 80GB HBM3"

  // Lives as long as the device. All zero.
  Result<DeviceAddress> allocate(std::size_t bytes);
  Result<void> upload(DeviceAddress to, const void* from, std::size_t bytes);
  Result<void> download(void* to, DeviceAddress from, std::size_t bytes);
  Result<void> copy(DeviceAddress to, DeviceAddress from, std::size_t bytes);
  // A user error when the kernel itself went wrong (it read where there is nothing, or ran out of stack): its author's failure. The device
  // is of no use to this process after that.
  Result<void> launch(const char* kernel, int threads, void* argument);

 private:
  CudaDevice() = default;
  Result<void> start(const std::string& ptx, const std::string& library);
  // `status` of the call named `call`.
  Error failed(int status, const std::string& call) const;

  std::unique_ptr<Driver> driver_;
  void *context_ = nullptr, *module_ = nullptr;
  std::vector<DeviceAddress> memory_;
  std::string name_;
};

// The name of the device that open() would take, without a program: whether there is one.
Result<std::string> find_cuda_device(const std::string& library = "libcuda.so.1");

}  // namespace hyperagent::robot
