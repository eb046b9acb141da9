#include "domains/robot_reward/device/device_environments.h"

#include <algorithm>

#include "domains/robot_reward/device/cuda_device.h"
#include "domains/robot_reward/device/step.h"
#include "domains/robot_reward/timer.h"

namespace hyperagent::robot {
namespace {

constexpr std::size_t kMostSeen = 256;

class DeviceEnvironments : public Environments {
 public:
  DeviceEnvironments(std::unique_ptr<CudaDevice> device, const ArenaOptions& options) : device_(std::move(device)) {
    arguments_.model = go2_model();
    arguments_.physics = options.physics;
    arguments_.robots = robots_of(options);
    arguments_.scattered = options.scattered_start ? 1 : 0;
    observations_.resize(count() * kObservationStride);
  }

  // Memory, zeroed as the arena's, and the first episode.
  Result<void> start() {
    Robots& r = arguments_.robots;
    const std::size_t n = count();
    const std::vector<char> zeros(n * kFields * sizeof(float));
    Result<void> all = {};
    const auto take = [&](auto*& pointer, std::size_t numbers) {
      if (!all) return;
      const std::size_t bytes = numbers * sizeof *pointer;
      const auto address = device_->allocate(bytes);
      if (!address)
        all = address.error();
      else
        all = device_->upload(*address, zeros.data(), bytes);
      if (all) pointer = reinterpret_cast<std::remove_reference_t<decltype(pointer)>>(*address);
    };
    take(r.state, n * kFields);
    for (float** each : {&r.action, &r.last_action, &r.last_rate}) take(*each, n * kJoints);
    for (float** each : {&r.command, &r.highest}) take(*each, n);
    take(r.observations, n * kObservationStride);
    take(r.episode, n);
    for (unsigned char** each : {&r.fell, &r.out}) take(*each, n);
    take(r.draws, n);
    take(actions_, n * kJoints);
    take(arguments_.results, n);
    take(arguments_.seen, std::min(n, kMostSeen));
    arguments_.actions = actions_;
    if (!all) return all;
    if (auto begun = device_->launch(kStartKernel, r.count, &arguments_); !begun) return begun;
    return device_->download(observations_.data(), address_of(r.observations), observations_.size() * sizeof(float));
  }

  int size() const override { return arguments_.robots.count; }
  const float* observations() const override { return observations_.data(); }
  double simulation_seconds() const override { return seconds_; }
  double reward_seconds() const override { return 0; }
  std::string where() const override { return device_->name(); }

  Result<void> step(const float* actions, std::span<StepResult> results, std::span<ha::robot::State> seen) override {
    const Timer timer(seconds_);
    arguments_.seen_count = static_cast<int>(std::min({seen.size(), count(), kMostSeen}));
    if (auto sent = device_->upload(address_of(actions_), actions, count() * kJoints * sizeof(float)); !sent) return sent;
    if (auto done = device_->launch(kStepKernel, size(), &arguments_); !done) return done;
    if (auto back = device_->download(results.data(), address_of(arguments_.results), count() * sizeof(StepResult)); !back) return back;
    if (auto back =
            device_->download(observations_.data(), address_of(arguments_.robots.observations), observations_.size() * sizeof(float));
        !back)
      return back;
    if (arguments_.seen_count == 0) return {};
    return device_->download(seen.data(), address_of(arguments_.seen),
                             static_cast<std::size_t>(arguments_.seen_count) * sizeof(ha::robot::State));
  }

 private:
  std::size_t count() const { return static_cast<std::size_t>(arguments_.robots.count); }
  static DeviceAddress address_of(const void* pointer) { return reinterpret_cast<DeviceAddress>(pointer); }

  std::unique_ptr<CudaDevice> device_;
  StepArguments arguments_{};  // its pointers are the device's
  float* actions_ = nullptr;   // likewise
  std::vector<float> observations_;
  double seconds_ = 0;
};

}  // namespace

Result<std::unique_ptr<Environments>> make_device_environments(const ArenaOptions& options, const std::string& ptx,
                                                               const std::string& library) {
  auto device = CudaDevice::open(ptx, library);
  if (!device) return device.error();
  auto environments = std::make_unique<DeviceEnvironments>(std::move(*device), options);
  if (auto started = environments->start(); !started) return started.error();
  return std::unique_ptr<Environments>(std::move(environments));
}

}  // namespace hyperagent::robot
