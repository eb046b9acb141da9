#include "domains/robot_reward/device/device_environments.h"

#include <algorithm>
#include <vector>

#include "domains/robot_reward/device/cuda_device.h"
#include "domains/robot_reward/device/step.h"
#include "domains/robot_reward/timer.h"

namespace hyperagent::robot {
namespace {

class DeviceEnvironments : public Environments {
 public:
  DeviceEnvironments(std::unique_ptr<CudaDevice> device, const ArenaOptions& options, int steps) : device_(std::move(device)) {
    arguments_.model = go2_model();
    arguments_.physics = options.physics;
    arguments_.robots = robots_of(options);
    arguments_.scattered = options.scattered_start ? 1 : 0;
    rollout_.robots = arguments_.robots.count;
    rollout_.steps = steps;
    rollout_.on_device = true;
    results_.resize(rollout_.row(steps));
    values_.resize(rollout_.row(steps + 1));
    for (auto* host : {&advantages_, &returns_}) host->resize(rollout_.row(steps));
  }

  // Memory, and the first episode.
  Result<void> start() {
    Robots& r = arguments_.robots;
    const std::size_t n = rollout_.row(1);
    Result<void> all = {};
    const auto take = [&]<class Item>(Item*& array, std::size_t count) {
      if (!all) return;
      const auto address = device_->allocate(count * sizeof(Item));
      if (!address)
        all = address.error();
      else
        array = reinterpret_cast<Item*>(*address);
    };
    take(r.state, n * kFields);
    for (float** each : {&r.action, &r.last_action, &r.last_rate}) take(*each, n * kJoints);
    for (float** each : {&r.command, &r.highest}) take(*each, n);
    take(r.episode, n);
    for (unsigned char** each : {&r.fell, &r.out}) take(*each, n);
    take(r.draws, n);
    take(arguments_.seen, std::min<std::size_t>(n, kMostSeen));
    rollout_.take_arrays(take);
    float* levels = nullptr;
    take(levels, NormalLevels::kCount);
    if (!all) return all;
    arguments_.levels = levels;
    if (auto sent = device_->upload(address_of(levels), NormalLevels().data(), NormalLevels::kCount * sizeof(float)); !sent) return sent;
    r.observations = rollout_.observations_of(rollout_.steps);
    return device_->launch(kStartKernel, r.count, &arguments_);
  }

  Rollout& rollout() override { return rollout_; }
  double simulation_seconds() const override { return seconds_; }
  double reward_seconds() const override { return 0; }
  std::string where() const override { return device_->name(); }

  Result<void> begin() override {
    return device_->copy(address_of(rollout_.observations_of(0)), address_of(rollout_.observations_of(rollout_.steps)),
                         rollout_.row(1) * kObservationStride * sizeof(float));
  }

  Result<void> step(int t, const ActionNoise& noise, std::span<ha::robot::State> seen) override {
    const Timer timer(seconds_);
    const std::size_t row = rollout_.row(t);
    arguments_.noise = noise;
    arguments_.means = rollout_.means + row * kActionStride;
    arguments_.actions = rollout_.actions + row * kActionStride;
    arguments_.log_probability = rollout_.log_probability + row;
    arguments_.results = rollout_.results + row;
    arguments_.robots.observations = rollout_.observations_of(t + 1);
    arguments_.seen_count = static_cast<int>(std::min({seen.size(), rollout_.row(1), std::size_t{kMostSeen}}));
    if (auto done = device_->launch(kStepKernel, rollout_.robots, &arguments_); !done || arguments_.seen_count == 0) return done;
    return device_->download(seen.data(), address_of(arguments_.seen),
                             static_cast<std::size_t>(arguments_.seen_count) * sizeof(ha::robot::State));
  }

  Result<HostView> host_view() override {
    const Timer timer(seconds_);
    if (auto back = device_->download(results_.data(), address_of(rollout_.results), results_.size() * sizeof(StepResult)); !back)
      return back.error();
    if (auto back = device_->download(values_.data(), address_of(rollout_.values), values_.size() * sizeof(float)); !back)
      return back.error();
    return HostView{results_.data(), values_.data(), advantages_.data(), returns_.data()};
  }

  Result<void> hand_back() override {
    const Timer timer(seconds_);
    const std::size_t bytes = advantages_.size() * sizeof(float);
    if (auto sent = device_->upload(address_of(rollout_.advantages), advantages_.data(), bytes); !sent) return sent;
    return device_->upload(address_of(rollout_.returns), returns_.data(), bytes);
  }

 private:
  static DeviceAddress address_of(const void* pointer) { return reinterpret_cast<DeviceAddress>(pointer); }

  std::unique_ptr<CudaDevice> device_;
  StepArguments arguments_{};  // its pointers are the device's
  Rollout rollout_{};          // likewise
  std::vector<StepResult> results_;
  std::vector<float> values_, advantages_, returns_;
  double seconds_ = 0;
};

}  // namespace

Result<std::unique_ptr<Environments>> make_device_environments(const ArenaOptions& options, int steps, const std::string& ptx,
                                                               const std::string& library) {
  auto device = CudaDevice::open(ptx, library);
  if (!device) return device.error();
  auto environments = std::make_unique<DeviceEnvironments>(std::move(*device), options, steps);
  if (auto started = environments->start(); !started) return started.error();
  return std::unique_ptr<Environments>(std::move(environments));
}

}  // namespace hyperagent::robot
