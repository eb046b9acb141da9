#include "domains/robot_reward/environments.h"

#include <algorithm>
#include <exception>
#include <mutex>

#include "domains/robot_reward/timer.h"

namespace hyperagent::robot {
namespace {

constexpr int kPart = 128;

class CpuEnvironments : public Environments {
 public:
  CpuEnvironments(const ArenaOptions& options, RewardFunction reward, const Kernels& kernels, Crew& crew)
      : reward_(reward), crew_(crew), arena_(options, kernels, crew) {}

  int size() const override { return arena_.size(); }
  const float* observations() const override { return arena_.observations(); }
  double simulation_seconds() const override { return simulation_seconds_; }
  double reward_seconds() const override { return reward_seconds_; }
  std::string where() const override { return "cpu"; }

  Result<void> step(const float* actions, std::span<StepResult> results, std::span<ha::robot::State> seen) override {
    {
      const Timer timer(simulation_seconds_);
      arena_.act(actions);
    }
    {
      const Timer timer(reward_seconds_);
      std::string thrown;
      std::mutex throwing;
      crew_.run((size() + kPart - 1) / kPart, [&](int part) {
        try {
          for (int i = part * kPart; i < std::min(size(), (part + 1) * kPart); ++i) results[static_cast<std::size_t>(i)] = result_of(i);
          return;
        } catch (const std::exception& error) {
          const std::scoped_lock lock(throwing);
          thrown = std::string("the reward threw an exception: ") + error.what();
        } catch (...) {
          const std::scoped_lock lock(throwing);
          thrown = "the reward threw something that is no std::exception";
        }
      });
      if (!thrown.empty()) return user_error(thrown);
      for (std::size_t i = 0; i < seen.size(); ++i) arena_.robot(static_cast<int>(i), seen[i]);
    }
    const Timer timer(simulation_seconds_);
    arena_.settle();
    return {};
  }

 private:
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
  double simulation_seconds_ = 0, reward_seconds_ = 0;
};

}  // namespace

std::unique_ptr<Environments> make_cpu_environments(const ArenaOptions& options, RewardFunction reward, const Kernels& kernels,
                                                    Crew& crew) {
  return std::make_unique<CpuEnvironments>(options, reward, kernels, crew);
}

}  // namespace hyperagent::robot
