#include "domains/robot_reward/judge.h"

#include <algorithm>
#include <cmath>

namespace hyperagent::robot {
namespace {

constexpr int kSettling = 50;  // steps before a hop counts
constexpr int kPart = 128;     // robots of one forward pass

void decide(Crew& crew, const Kernels& kernels, const NetworkLayout& layout, const Policy& policy, const Arena& arena, std::vector<float>& actions) {
  crew.run((arena.size() + kPart - 1) / kPart, [&](int part) {
    Forward actor(kernels, layout.actor);
    const int first = part * kPart, count = std::min(kPart, arena.size() - first);
    std::vector<float> means(static_cast<std::size_t>(count * kActionStride));
    actor.run(policy.numbers.data(), arena.observations() + static_cast<std::size_t>(first) * kObservationStride, count, means.data());
    for (int i = 0; i < count; ++i)
      for (int j = 0; j < kActions; ++j) actions[static_cast<std::size_t>((first + i) * kActions + j)] = means[static_cast<std::size_t>(i * kActionStride + j)];
  });
}

// The reference's aggregate: a running sum of f * 0.02 per robot, handed in divided by 4 s whenever its command is drawn anew or it starts
// again; each step with any of these is one event (the mean over the robots in it), and all events weigh the same.
class ReferenceEvents {
 public:
  explicit ReferenceEvents(int robots) : sums_(static_cast<std::size_t>(robots)) {}
  void add(int i, double value) { sums_[static_cast<std::size_t>(i)] += value * kStepSeconds; }
  void hand_in(int i) {
    event_ += sums_[static_cast<std::size_t>(i)] / 4.0;
    ++in_event_;
    sums_[static_cast<std::size_t>(i)] = 0;
  }
  void end_step() {
    if (in_event_ == 0) return;
    total_ += event_ / in_event_;
    ++events_;
    event_ = 0;
    in_event_ = 0;
  }
  double mean() const { return events_ > 0 ? total_ / events_ : 0; }

 private:
  std::vector<double> sums_;
  double event_ = 0, total_ = 0;
  int in_event_ = 0, events_ = 0;
};

double tracking(const Arena& arena, int i) {
  const double error = arena.forward_command(i) - arena.forward_speed(i);
  return std::isfinite(error) ? std::exp(-4 * error * error) : 0;
}

// The reference's figure comes from an arena of its own, in which robots that fell start again.
double reference_aggregate(const Policy& policy, const JudgeOptions& options, const Kernels& kernels, Crew& crew) {
  Arena arena({.task = options.task, .robots = options.robots, .seed = options.seed, .physics = {}}, kernels, crew);
  const NetworkLayout layout(policy.shape);
  std::vector<float> actions(static_cast<std::size_t>(arena.size() * kActions)), highest(static_cast<std::size_t>(arena.size()));
  ReferenceEvents events(arena.size());
  for (int step = 1; step <= kEpisodeSteps + 1; ++step) {
    decide(crew, kernels, layout, policy, arena, actions);
    arena.act(actions.data());
    for (int i = 0; i < arena.size(); ++i) {
      float& high = highest[static_cast<std::size_t>(i)];
      const bool again = arena.fell(i) || arena.timed_out(i);
      if (again) high = 0;
      const float z = arena.height(i);
      if (std::isfinite(z)) high = std::max(high, z);
      events.add(i, options.task == Task::Hop ? high : tracking(arena, i));
      if (again || arena.episode_step(i) % kCommandSteps == 0) events.hand_in(i);
    }
    events.end_step();
    arena.settle();
  }
  return events.mean();
}

}  // namespace

Judgement judge(const Policy& policy, const JudgeOptions& options, const Kernels& kernels, Crew& crew) {
  Arena arena({.task = options.task, .robots = options.robots, .seed = options.seed, .restart = false, .physics = {}}, kernels, crew);
  const NetworkLayout layout(policy.shape);
  const std::size_t n = static_cast<std::size_t>(arena.size());
  std::vector<float> actions(n * kActions);
  std::vector<double> sum(n), window(n), highest(n);
  double error = 0, steps = 0, fell = 0;
  int windows = 0;
  for (int step = 1; step <= kEpisodeSteps; ++step) {
    decide(crew, kernels, layout, policy, arena, actions);
    arena.act(actions.data());
    const bool window_ends = step % kCommandSteps == 0;
    windows += window_ends;
    for (int i = 0; i < arena.size(); ++i) {
      const std::size_t at = static_cast<std::size_t>(i);
      if (arena.out(i)) continue;
      if (arena.fell(i)) {
        fell += 1;
        continue;
      }
      error += std::fabs(arena.forward_command(i) - arena.forward_speed(i));
      steps += 1;
      if (step > kSettling) {
        window[at] = std::max<double>(window[at], arena.height(i));
        highest[at] = std::max<double>(highest[at], arena.height(i));
      }
      if (options.task != Task::Hop) {
        sum[at] += tracking(arena, i);
      } else if (window_ends) {
        sum[at] += std::clamp((window[at] - kStartHeight) / kHopUnit, 0.0, 1.0);
        window[at] = 0;
      }
    }
    arena.settle();
  }
  Judgement result;
  double square = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double own = sum[i] / (options.task == Task::Hop ? windows : kEpisodeSteps);
    result.score += own / static_cast<double>(n);
    square += own * own / static_cast<double>(n);
    result.highest += highest[i] / static_cast<double>(n);
  }
  result.standard_error = std::sqrt(std::max(0.0, square - result.score * result.score) / static_cast<double>(n - 1));
  result.fell = fell / static_cast<double>(n);
  result.speed_error = steps > 0 ? error / steps : 0;
  result.reference = reference_aggregate(policy, options, kernels, crew);
  return result;
}

Json to_json(const Judgement& j) {
  return {{"score", j.score}, {"stderr", j.standard_error}, {"reference_aggregate", j.reference}, {"fell", j.fell}, {"speed_error", j.speed_error}, {"highest", j.highest}};
}

}  // namespace hyperagent::robot
