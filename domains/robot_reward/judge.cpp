#include "domains/robot_reward/judge.h"

#include <algorithm>
#include <cmath>

#include "domains/robot_reward/fitness_events.h"

namespace hyperagent::robot {
namespace {

constexpr int kPart = 128;  // robots of one forward pass

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

double tracking(const Arena& arena, int i) {
  const double error = arena.forward_command(i) - arena.forward_speed(i);
  return std::isfinite(error) ? std::exp(-4 * error * error) : 0;
}

// The reference's figure comes from an arena of its own, in which robots that fell start again.
double average_fitness(const Policy& policy, const JudgeOptions& options, const Kernels& kernels, Crew& crew) {
  Arena arena({.task = options.task, .robots = options.robots, .seed = options.seed, .physics = {}}, kernels, crew);
  const NetworkLayout layout(policy.shape);
  std::vector<float> actions(static_cast<std::size_t>(arena.size() * kActions)), highest(static_cast<std::size_t>(arena.size()));
  FitnessEvents events(arena.size());
  for (int step = 1; step <= kEpisodeSteps + 1; ++step) {
    decide(crew, kernels, layout, policy, arena, actions);
    arena.act(actions.data());
    for (int i = 0; i < arena.size(); ++i) {
      const bool again = arena.fell(i) || arena.timed_out(i);
      if (again) highest[static_cast<std::size_t>(i)] = 0;
      if (again || arena.episode_step(i) % kCommandSteps == 0) events.hand_in(i);
    }
    events.end_step();
    arena.settle();
    for (int i = 0; i < arena.size(); ++i) {  // of the robots that start again now on their new state, as the reference has it
      float& high = highest[static_cast<std::size_t>(i)];
      const float z = arena.height(i);
      if (std::isfinite(z)) high = std::max(high, z);
      events.add(i, options.task == Task::Hop ? high : tracking(arena, i));
    }
  }
  return events.mean();
}

}  // namespace

Judgement judge(const Policy& policy, const JudgeOptions& options, const Kernels& kernels, Crew& crew) {
  Arena arena({.task = options.task, .robots = options.robots, .seed = options.seed, .restart = false, .physics = {}}, kernels, crew);
  arena.move_joints(kStartMove);
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
      if (step > kSettlingSteps) {
        window[at] = std::max<double>(window[at], arena.height(i));
        highest[at] = std::max<double>(highest[at], arena.height(i));
      }
      if (options.task != Task::Hop) {
        sum[at] += tracking(arena, i);
      } else if (window_ends) {
        sum[at] += hop_score(window[at]);
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
  result.average_fitness = average_fitness(policy, options, kernels, crew);
  return result;
}

Json to_json(const Judgement& j) {
  return {{"score", j.score}, {"stderr", j.standard_error}, {"average_fitness", j.average_fitness}, {"fell", j.fell}, {"speed_error", j.speed_error}, {"highest", j.highest}};
}

}  // namespace hyperagent::robot
