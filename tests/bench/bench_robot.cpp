// Figures of the robot_reward domain; each is a command. CPU time of one thread unless said otherwise.
//
//   bench_robot physics             physics steps a second, ours by instruction set and MuJoCo's on the same model, in one run
//   bench_robot training [PRESET]   a training: environment steps a second and where the time goes; and LibTorch's share on one minibatch
//   bench_robot scores [PRESET] [SEEDS] [TASK] [FILE]   the blank, the weak and the hand-written walking reward, or the one in FILE.cpp,
//                                   trained for each task (or TASK): score, standard error over trainings, and what is lost in MuJoCo
//   bench_robot ranks               ten rewards under cpu-quick and cpu: scores and Spearman's rank correlation (some twelve minutes)
//   bench_robot device   the figures of a CUDA device (bench_device.h)
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "domains/robot_reward/fused_engine.h"
#include "domains/robot_reward/judge.h"
#include "domains/robot_reward/noise.h"
#include "domains/robot_reward/ppo.h"
#include "domains/robot_reward/torch_engine.h"
#include "tests/bench/bench_device.h"
#include "tests/bench/rewards.h"
#include "tests/domains/robot_reward/mujoco_robot.h"
#include "tests/domains/robot_reward/sim_to_sim.h"

using namespace hyperagent;
using namespace hyperagent::robot;

namespace {

double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// A joint angle to hold: the default pose and noise that changes every 0.1 s.
float noisy_target(int robot, int joint, int step) {
  return default_joint(joint) + 0.3f * (2 * uniform_of(hashed(1, static_cast<std::uint64_t>(robot * kJoints + joint), static_cast<std::uint64_t>(step / 5))) - 1);
}

double mujoco_steps_per_second(bool ground) {
  const Physics physics;
  const Model constants = go2_model();
  MujocoRobot robot({.dt = 0.005, .damping = static_cast<double>(physics.joint_damping), .ground = ground});
  mjData* d = robot.data();
  d->qpos[2] = 0.34;
  for (int j = 0; j < kJoints; ++j) d->qpos[7 + j] = static_cast<double>(default_joint(j));
  constexpr int kSteps = 20000;
  const double start = cpu_seconds();
  for (int step = 0; step < kSteps; ++step) {
    double torque[kJoints];
    for (int j = 0; j < kJoints; ++j) {
      const double limit = static_cast<double>(constants.torque_limit[j % 3]);
      torque[j] = std::clamp(static_cast<double>(physics.kp) * (static_cast<double>(noisy_target(0, j, step / 4)) - d->qpos[7 + j]) - static_cast<double>(physics.kd) * d->qvel[6 + j], -limit, limit);
    }
    robot.set_torque(torque);
    mj_step(robot.model(), d);
  }
  return kSteps / (cpu_seconds() - start);
}

double our_steps_per_second(const Kernels& kernels) {
  constexpr int kBlocks = 256, kControlSteps = 50;  // 4096 robots
  const Model model = go2_model();
  const Physics physics;
  std::vector<float> state(static_cast<std::size_t>(kBlocks) * kFields * kBlock);
  const auto field = [&](int block, int f, int i) -> float& { return state[static_cast<std::size_t>((block * kFields + f) * kBlock + i)]; };
  for (int b = 0; b < kBlocks; ++b)
    for (int i = 0; i < kBlock; ++i) {
      field(b, kPosition + 2, i) = 0.34f;
      field(b, kOrientation, i) = 1;
      for (int j = 0; j < kJoints; ++j) field(b, kJoint + j, i) = default_joint(j);
    }
  double best = 0;
  for (int step = 0; step < kControlSteps; ++step) {
    for (int b = 0; b < kBlocks; ++b)
      for (int i = 0; i < kBlock; ++i)
        for (int j = 0; j < kJoints; ++j) field(b, kTarget + j, i) = noisy_target(b * kBlock + i, j, step);
    const double start = cpu_seconds();
    kernels.control_step(model, physics, state.data(), 0, kBlocks);
    if (step >= 10) best = std::max(best, kBlocks * kBlock * physics.substeps / (cpu_seconds() - start));
  }
  return best;
}

int physics() {
  const double moving = std::max(mujoco_steps_per_second(true), mujoco_steps_per_second(true));
  std::printf("MuJoCo, moving with contact   %10.0f steps/s\n", moving);
  for (const Kernels& kernels : runnable_kernels()) {
    const double ours = our_steps_per_second(kernels);
    std::printf("ours, %-10s              %10.0f steps/s  %6.1f times\n", kernels.name, ours, ours / moving);
  }
  return 0;
}

// A training here is one core's: on a device, and with LibTorch, it is `device`.
Result<PpoOptions> cpu_preset(const std::string& name) {
  if (name == "gpu")
    return user_error("the preset gpu is not measured on the CPU; `bench_robot device` trains with it where there is a GPU");
  return preset(name);
}

TrainingOutcome trained(const PpoOptions& options, Task task, RewardFunction reward, TrainingTimes* times = nullptr) {
  Crew crew(1);
  FusedEngine engine(options.shape, best_kernels(), crew);
  Training training(options, task, {reward, nullptr}, best_kernels(), crew, engine);
  TrainingOutcome outcome = training.run();
  if (times != nullptr) *times = training.times();
  return outcome;
}

int training(const std::string& name) {
  auto options = cpu_preset(name);
  if (!options) return std::fprintf(stderr, "%s\n", options.error().message.c_str()), 1;
  TrainingTimes t;
  const double start = cpu_seconds();
  const TrainingOutcome outcome = trained(*options, Task::Walk, bench::kRewards[2].reward, &t);
  const double seconds = cpu_seconds() - start, steps = static_cast<double>(outcome.environment_steps);
  std::printf("%s: %.0f environment steps in %.1f s of one core: %.0f a second, %.1f s for ten million\n", name.c_str(), steps, seconds, steps / seconds, 1e7 / steps * seconds);
  std::printf("wall: inference %.1f s, simulation %.1f s, reward %.1f s, update %.1f s\n", t.inference, t.simulation, t.reward, t.update);
  const NetworkLayout layout(options->shape);
  const int samples = options->robots * options->steps / options->minibatches / 16 * 16;
  std::vector<float> observations(static_cast<std::size_t>(samples) * kObservationStride, 0.1f),
      wide(static_cast<std::size_t>(samples) * kActionStride), narrow(static_cast<std::size_t>(samples), 0.1f);
  const Rollout rollout{samples, 1, false, observations.data(), wide.data(), narrow.data(), wide.data(), narrow.data(), nullptr, narrow.data(), narrow.data(), {}};
  std::vector<std::int32_t> blocks(static_cast<std::size_t>(samples / 16));
  std::iota(blocks.begin(), blocks.end(), 0);
  Crew crew(1);
  FusedEngine fused(options->shape, best_kernels(), crew);
  auto torch = load_torch_engine(HA_ROBOT_TORCH, options->shape, 1);
  const auto time_of = [&](Engine& engine) {
    engine.begin(random_network(layout, 1));
    engine.take(rollout);
    double best = 1e9;
    for (int i = 0; i < 10; ++i) {
      const double before = cpu_seconds();
      engine.gradient(blocks, {});
      best = std::min(best, cpu_seconds() - before);
    }
    return best * 1e3;
  };
  const double ours = time_of(fused), theirs = torch ? time_of(**torch) : 0;
  std::printf("gradient of a minibatch of %d: fused %.2f ms, LibTorch %.2f ms, %.1f times\n", samples, ours, theirs, theirs / ours);
  return 0;
}

// The reward in a file of an agent's task half, by the machine's compiler; stays loaded. Null, with a message, when it does not compile.
RewardFunction reward_from(const std::string& file) {
  const std::string library = "/tmp/bench-reward-" + std::to_string(getpid()) + ".so";
  const std::string command = "c++ -std=c++20 -O2 -w -fPIC -shared -I'" HA_SOURCE_DIR "/hyperagent/api/include' -o " + library + " '" + file + "'";
  void* loaded = std::system(command.c_str()) == 0 ? dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  unlink(library.c_str());
  void* reward = loaded != nullptr ? dlsym(loaded, "_Z6rewardRKN2ha5robot5StateE") : nullptr;
  if (reward == nullptr) std::fprintf(stderr, "there is no reward in %s that can be loaded\n", file.c_str());
  return reinterpret_cast<RewardFunction>(reward);
}

// Of one number a training.
struct Spread {
  double sum = 0, square = 0;
  int count = 0;
  void add(double x) {
    sum += x;
    square += x * x;
    ++count;
  }
  double mean() const { return sum / std::max(1, count); }
  double standard_error() const { return count > 1 ? std::sqrt(std::max(0.0, square / count - mean() * mean()) / (count - 1)) : 0; }
};

int scores(const std::string& name, int seeds, const std::vector<std::string>& more) {
  auto options = cpu_preset(name);
  if (!options) return std::fprintf(stderr, "%s\n", options.error().message.c_str()), 1;
  std::vector<bench::NamedReward> rewards(std::begin(bench::kRewards), std::begin(bench::kRewards) + 3);
  std::vector<Task> tasks = {Task::Walk, Task::WalkBack, Task::Hop};
  for (const std::string& word : more) {
    if (const auto task = task_from(word)) {
      tasks = {*task};
    } else {
      rewards = {{word.c_str(), reward_from(word)}};
      if (rewards.front().reward == nullptr) return 1;
    }
  }
  std::printf("%s, %d trainings each; the drop is what the score loses in MuJoCo\n", name.c_str(), seeds);
  for (const bench::NamedReward& r : rewards)
    for (const Task task : tasks) {
      Spread score, mujoco, drop, fitness, fell, highest;
      for (int seed = 1; seed <= seeds; ++seed) {
        options->seed = static_cast<std::uint64_t>(seed);
        const TrainingOutcome outcome = trained(*options, task, r.reward);
        Judgement ours, theirs;
        if (!outcome.policy) {
          std::printf("%s, %s, seed %d scores 0: %s\n", r.name, to_string(task), seed, outcome.failure.c_str());
        } else {
          Crew crew(1);
          ours = judge(*outcome.policy, {task, 256, 90000u + static_cast<unsigned>(seed)}, best_kernels(), crew);
          theirs = judge_in_mujoco(*outcome.policy, task, 16, 5, best_kernels());
        }
        score.add(ours.score);
        mujoco.add(theirs.score);
        drop.add(ours.score - theirs.score);
        fitness.add(ours.average_fitness);
        fell.add(ours.fell);
        highest.add(ours.highest);
      }
      std::printf(
          "%-36s %-8s score %.3f +- %.3f, in MuJoCo %.3f +- %.3f, drop %.3f +- %.3f; average_fitness %.3f, fell %.3f, highest %.2f m\n",
          r.name, to_string(task), score.mean(), score.standard_error(), mujoco.mean(), mujoco.standard_error(), drop.mean(),
          drop.standard_error(), fitness.mean(), fell.mean(), highest.mean());
      std::fflush(stdout);
    }
  return 0;
}

int ranks() {
  std::vector<double> quick, full;
  for (const bench::NamedReward& r : bench::kRewards) {
    for (auto [name, list] : {std::pair{"cpu-quick", &quick}, {"cpu", &full}}) {
      const TrainingOutcome outcome = trained(*preset(name), Task::Walk, r.reward);
      if (!outcome.policy) std::printf("%s: %s\n", r.name, outcome.failure.c_str());
      Crew crew(1);
      list->push_back(outcome.policy ? judge(*outcome.policy, {}, best_kernels(), crew).score : 0);
    }
    std::printf("%-36s cpu-quick %.3f   cpu %.3f\n", r.name, quick.back(), full.back());
    std::fflush(stdout);
  }
  const auto rank = [](const std::vector<double>& v, std::size_t i) {
    double at = 0;
    for (double other : v) at += other < v[i] ? 1 : other == v[i] ? 0.5 : 0;
    return at;
  };
  const double n = static_cast<double>(quick.size()), middle = n / 2;
  double both = 0, a = 0, b = 0;
  for (std::size_t i = 0; i < quick.size(); ++i) {
    const double x = rank(quick, i) - middle, y = rank(full, i) - middle;
    both += x * y;
    a += x * x;
    b += y * y;
  }
  std::printf("Spearman's rank correlation of cpu-quick with cpu over %zu rewards, one seed: %.3f\n", quick.size(), both / std::sqrt(a * b));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "physics") return physics();
  if (what == "training") return training(argc > 2 ? argv[2] : "cpu-quick");
  if (what == "scores")
    return scores(argc > 2 ? argv[2] : "cpu-quick", argc > 3 ? std::max(1, std::atoi(argv[3])) : 3,
                  std::vector<std::string>(argv + std::min(argc, 4), argv + argc));
  if (what == "ranks") return ranks();
  if (what == "device") return bench::device({argv + 2, argv + argc});
  std::fprintf(stderr, "usage: bench_robot physics | training [PRESET] | scores [PRESET] [SEEDS] [TASK] [FILE] | ranks | device\n");
  return 1;
}
