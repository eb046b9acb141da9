#include "tests/bench/bench_device.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "domains/robot_reward/device/cuda_device.h"
#include "domains/robot_reward/device/device_environments.h"
#include "domains/robot_reward/judge.h"
#include "domains/robot_reward/noise.h"
#include "domains/robot_reward/ppo.h"
#include "domains/robot_reward/timer.h"
#include "domains/robot_reward/torch_engine.h"
#include "tests/bench/rewards.h"

using namespace hyperagent::robot;

namespace hyperagent::bench {
namespace {

// Where this program is; the others of the build lie beside it, however the folder came here.
std::string own_folder() {
  char path[4096] = {};
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  const std::string file(path, length > 0 ? static_cast<std::size_t>(length) : 0);
  return file.substr(0, file.rfind('/'));
}

std::string ptx_from(const std::string& file) {
  std::string ptx;
  if (!file.empty()) {
    std::ifstream in(file);
    ptx.assign(std::istreambuf_iterator<char>(in), {});
    return ptx;
  }
  const std::string share = own_folder() + "/../share/hyperagent";
  const std::string command = "'" + own_folder() + "/ha-tool' --ptx '" + share + "' '" + share + "/agents/task/reward_walk.cpp'";
  FILE* out = popen(command.c_str(), "r");
  char part[65536];
  for (std::size_t got; out != nullptr && (got = std::fread(part, 1, sizeof part, out)) > 0;) ptx.append(part, got);
  if (out == nullptr || pclose(out) != 0) ptx.clear();
  return ptx;
}

}  // namespace

int device(const std::string& file) {
  const auto name = find_cuda_device();
  if (!name) return std::fprintf(stderr, "SKIPPED, nothing measured: %s\n", name.error().message.c_str()), 2;
  const int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::printf("%s, %d CPU threads\n", name->c_str(), threads);
  const std::string ptx = ptx_from(file);
  if (ptx.empty())
    return std::fprintf(
               stderr, "no program for the device: run `ha-tool --ptx SHARE task/reward_walk.cpp` where it runs, and name the file here\n"),
           1;
  Crew crew(threads);
  const auto fail = [](const Error& error) { return std::fprintf(stderr, "%s\n", error.message.c_str()), 1; };

  // First that it simulates what the CPU does; then how fast.
  {
    const ArenaOptions options{.robots = 1024, .seed = 3, .scattered_start = true, .physics = {}};
    auto there = make_device_environments(options, ptx);
    if (!there) return fail(there.error());
    const auto here = make_cpu_environments(options, bench::kRewards[2].reward, runnable_kernels().back(), crew);
    const std::size_t n = static_cast<std::size_t>(here->size());
    std::vector<float> actions(n * kJoints);
    std::vector<StepResult> a(n), b(n);
    for (int step = 0; step < 100; ++step) {
      for (std::size_t i = 0; i < actions.size(); ++i) actions[i] = uniform_of(hashed(5, i, static_cast<std::uint64_t>(step))) - 0.5f;
      auto left = here->step(actions.data(), a, {}), right = (*there)->step(actions.data(), b, {});
      if (!left || !right) return fail(left ? right.error() : left.error());
      if (step != 0 && step != 9 && step != 99) continue;
      // Contacts are chaotic: the last bits, which differ by fused multiply-adds, grow. Hence medians, and the share of robots that went
      // another way.
      std::vector<double> apart(n);
      double rewards = 0;
      int falls = 0;
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < kObservations; ++k)
          apart[i] = std::max(apart[i], std::fabs(static_cast<double>(here->observations()[i * kObservationStride + k]) -
                                                  static_cast<double>((*there)->observations()[i * kObservationStride + k])));
        rewards += (static_cast<double>(a[i].reward) - static_cast<double>(b[i].reward)) / static_cast<double>(n);
        falls += a[i].fell != b[i].fell;
      }
      std::sort(apart.begin(), apart.end());
      std::printf(
          "against the CPU after %3d steps: observations apart %.1e in the median, %.1e at 99%%; mean reward %.1e; %d of %zu falls "
          "differ\n",
          step + 1, apart[n / 2], apart[n * 99 / 100], rewards, falls, n);
    }
  }
  for (int robots : {4096, 65536}) {
    double load = 0;
    Result<std::unique_ptr<Environments>> made = environment_error("");
    {
      const Timer timer(load);
      made = make_device_environments({.robots = robots, .scattered_start = true, .physics = {}}, ptx);
    }
    if (!made) return fail(made.error());
    std::vector<float> actions(static_cast<std::size_t>(robots) * kJoints);
    std::vector<StepResult> results(static_cast<std::size_t>(robots));
    for (std::size_t i = 0; i < actions.size(); ++i) actions[i] = uniform_of(hashed(5, i, 0)) - 0.5f;
    constexpr int kSteps = 100;
    double seconds = 0;
    for (int step = -10; step < kSteps; ++step) {
      double unused = 0;
      const Timer timer(step < 0 ? unused : seconds);
      if (auto done = (*made)->step(actions.data(), results, {}); !done) return fail(done.error());
    }
    std::printf(
        "%6d robots: simulation alone, copies included, %.2f million environment steps a second (4 physics steps each); loading the "
        "program %.1f s\n",
        robots, 1e-6 * robots * kSteps / seconds, load);
    std::fflush(stdout);
  }
  for (auto [robots, iterations] : {std::pair{65536, 5}, {4096, 101}}) {
    PpoOptions options = *preset("gpu");
    options.robots = robots;
    options.iterations = iterations;
    double seconds = 0;
    auto engine = load_torch_engine(own_folder() + "/ha-robot-torch.so", options.shape, threads);
    if (!engine) return std::fprintf(stderr, "SKIPPED, no training measured: %s\n", engine.error().message.c_str()), 2;
    TrainingOutcome outcome;
    TrainingTimes t;
    {
      const Timer timer(seconds);
      auto environments = make_device_environments(arena_options(options, Task::Walk), ptx);
      if (!environments) return fail(environments.error());
      Training training(options, std::move(*environments), nullptr, crew, **engine);
      outcome = training.run();
      t = training.times();
    }
    if (!outcome.policy) return std::fprintf(stderr, "the training failed: %s\n", outcome.failure.c_str()), 1;
    const double steps = static_cast<double>(outcome.environment_steps);
    std::printf(
        "%6d robots: a training of %d iterations, %.0f steps, in %.1f s: %.0f a second; inference %.1f s, simulation %.1f s, update %.1f s "
        "(LibTorch on %s)\n",
        robots, iterations, steps, seconds, steps / seconds, t.inference, t.simulation, t.update, (*engine)->where().c_str());
    std::fflush(stdout);
    if (robots == 4096)
      std::printf("its policy on walk, judged on the CPU: %.3f\n", judge(*outcome.policy, {}, best_kernels(), crew).score);
  }
  return 0;
}

}  // namespace hyperagent::bench
