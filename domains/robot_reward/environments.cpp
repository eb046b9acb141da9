#include "domains/robot_reward/environments.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <mutex>
#include <vector>

#include "domains/robot_reward/noise.h"
#include "domains/robot_reward/timer.h"

namespace hyperagent::robot {
namespace {

constexpr int kPart = 128;

class CpuEnvironments : public Environments {
 public:
  CpuEnvironments(const ArenaOptions& options, int steps, RewardFunction reward, const Kernels& kernels, Crew& crew)
      : reward_(reward), crew_(crew), arena_(options, kernels, crew) {
    rollout_.robots = arena_.size();
    rollout_.steps = steps;
    rollout_.take_arrays([this]<class Item>(Item*& array, std::size_t count) {
      array = reinterpret_cast<Item*>(memory_.emplace_back(count * sizeof(Item)).data());
    });
    std::memcpy(rollout_.observations_of(steps), arena_.observations(), observation_bytes());
  }

  Rollout& rollout() override { return rollout_; }
  double simulation_seconds() const override { return simulation_seconds_; }
  double reward_seconds() const override { return reward_seconds_; }
  std::string where() const override { return "cpu"; }

  Result<void> begin() override {
    std::memcpy(rollout_.observations_of(0), rollout_.observations_of(rollout_.steps), observation_bytes());
    return {};
  }

  Result<void> step(int t, const ActionNoise& noise, std::span<ha::robot::State> seen) override {
    const std::size_t row = rollout_.row(t);
    StepResult* results = rollout_.results + row;
    {
      const Timer timer(simulation_seconds_);
      const float* means = rollout_.means + row * kActionStride;
      float *actions = rollout_.actions + row * kActionStride, *log_probability = rollout_.log_probability + row;
      each_robot([&](int i) {
        const std::size_t at = static_cast<std::size_t>(i);
        draw_action(noise, levels_.data(), i, means + at * kActionStride, actions + at * kActionStride, log_probability[at]);
      });
      arena_.act(actions, kActionStride);
    }
    {
      const Timer timer(reward_seconds_);
      if (auto done = reward_into(results); !done) return done;
      for (std::size_t i = 0; i < seen.size(); ++i) arena_.robot(static_cast<int>(i), seen[i]);
    }
    const Timer timer(simulation_seconds_);
    arena_.observe_into(rollout_.observations_of(t + 1));
    arena_.settle();
    return {};
  }

  Result<HostView> host_view() override { return HostView{rollout_.results, rollout_.values, rollout_.advantages, rollout_.returns}; }
  Result<void> hand_back() override { return {}; }

 private:
  std::size_t observation_bytes() const { return rollout_.row(1) * kObservationStride * sizeof(float); }

  template <class F>
  void each_robot(const F& work) {
    const int n = rollout_.robots;
    crew_.run((n + kPart - 1) / kPart, [&](int part) {
      for (int i = part * kPart; i < std::min(n, (part + 1) * kPart); ++i) work(i);
    });
  }

  Result<void> reward_into(StepResult* results) {
    std::string thrown;
    std::mutex throwing;
    const auto failed = [&](const std::string& why) {
      const std::scoped_lock lock(throwing);
      thrown = why;
    };
    each_robot([&](int i) {
      try {
        results[i] = result_of(i);
      } catch (const std::exception& error) {
        failed(std::string("the reward threw an exception: ") + error.what());
      } catch (...) {
        failed("the reward threw something that is no std::exception");
      }
    });
    if (!thrown.empty()) return user_error(thrown);
    return {};
  }

  StepResult result_of(int i) const {
    ha::robot::State state;
    arena_.robot(i, state);
    StepResult result{0, state.command[0] - state.velocity[0], state.position[2], arena_.fell(i), !arena_.fell(i) && arena_.timed_out(i)};
    result.reward = reward_(state);  // last: it may write over the state that it is given
    return result;
  }

  RewardFunction reward_;
  Crew& crew_;
  Arena arena_;
  const NormalLevels levels_;
  Rollout rollout_{};  // in the memory below
  std::vector<std::vector<std::byte>> memory_;
  double simulation_seconds_ = 0, reward_seconds_ = 0;
};

}  // namespace

std::unique_ptr<Environments> make_cpu_environments(const ArenaOptions& options, int steps, RewardFunction reward, const Kernels& kernels,
                                                    Crew& crew) {
  return std::make_unique<CpuEnvironments>(options, steps, reward, kernels, crew);
}

}  // namespace hyperagent::robot
