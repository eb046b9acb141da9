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

int fail(const Error& error) { return std::fprintf(stderr, "%s\n", error.message.c_str()), 1; }

ActionNoise noise_of(int place) {
  const float log_deviation[kActionStride] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  return action_noise(5, static_cast<std::uint64_t>(place), log_deviation);
}

// The same robots with the same actions there and here: means of 0, and the noise.
int compare(const std::string& ptx, Crew& crew) {
  const ArenaOptions options{.robots = 1024, .seed = 3, .scattered_start = true, .physics = {}};
  constexpr int kSteps = 100;
  auto there = make_device_environments(options, kSteps, ptx);
  if (!there) return fail(there.error());
  const auto here = make_cpu_environments(options, kSteps, bench::kRewards[2].reward, runnable_kernels().back(), crew);
  const std::size_t n = static_cast<std::size_t>(here->size());
  std::vector<ha::robot::State> a(kMostSeen), b(kMostSeen);
  for (Environments* each : {here.get(), there->get()})
    if (auto begun = each->begin(); !begun) return fail(begun.error());
  for (int step = 0; step < kSteps; ++step) {
    const ActionNoise noise = noise_of(step);
    auto left = here->step(step, noise, a), right = (*there)->step(step, noise, b);
    if (!left || !right) return fail(left ? right.error() : left.error());
    if (step != 0 && step != 9 && step != 99) continue;
    // Contacts are chaotic: the last bits, which differ by fused multiply-adds, grow. Hence medians.
    std::vector<double> apart(kMostSeen);
    for (std::size_t i = 0; i < kMostSeen; ++i)
      for (int j = 0; j < kJoints; ++j)
        apart[i] = std::max(apart[i], std::fabs(static_cast<double>(a[i].joint[j]) - static_cast<double>(b[i].joint[j])));
    std::sort(apart.begin(), apart.end());
    std::printf("against the CPU after %3d steps: joints apart %.1e rad in the median, %.1e at 99%%\n", step + 1, apart[kMostSeen / 2],
                apart[kMostSeen * 99 / 100]);
  }
  const auto view = here->host_view(), other = (*there)->host_view();
  if (!view || !other) return fail(view ? other.error() : view.error());
  double rewards[2] = {}, falls[2] = {};
  for (std::size_t at = 0; at < n * kSteps; ++at) {
    rewards[0] += static_cast<double>(view->results[at].reward);
    rewards[1] += static_cast<double>(other->results[at].reward);
    falls[0] += view->results[at].fell;
    falls[1] += other->results[at].fell;
  }
  std::printf("mean reward %.4f here, %.4f there; %.0f falls here, %.0f there\n", rewards[0] / static_cast<double>(n * kSteps),
              rewards[1] / static_cast<double>(n * kSteps), falls[0], falls[1]);
  return 0;
}

int simulate(const std::string& ptx, int robots) {
  constexpr int kSteps = 24, kIterations = 8;
  double load = 0, steps = 0, transfers = 0;
  Result<std::unique_ptr<Environments>> made = environment_error("");
  {
    const Timer timer(load);
    made = make_device_environments({.robots = robots, .scattered_start = true, .physics = {}}, kSteps, ptx);
  }
  if (!made) return fail(made.error());
  for (int iteration = -1; iteration < kIterations; ++iteration) {  // the first one warms up
    if (iteration == 0) steps = transfers = 0;
    {
      const Timer timer(steps);
      if (auto begun = (*made)->begin(); !begun) return fail(begun.error());
      for (int t = 0; t < kSteps; ++t)
        if (auto done = (*made)->step(t, noise_of(iteration * kSteps + t), {}); !done) return fail(done.error());
    }
    const Timer timer(transfers);
    if (auto view = (*made)->host_view(); !view) return fail(view.error());
    if (auto back = (*made)->hand_back(); !back) return fail(back.error());
  }
  const double all = 1e-6 * robots * kSteps * kIterations;
  std::printf(
      "%6d robots: simulation alone %.2f million control steps a second, %.1f million physics steps; %.2f million with what an iteration "
      "copies; loading the program %.1f s\n",
      robots, all / steps, 4 * all / steps, all / (steps + transfers), load);
  std::fflush(stdout);
  return 0;
}

// A training on walk: its score. `say`: with its figures.
Result<double> train(const std::string& ptx, const PpoOptions& options, Crew& crew, Engine& engine, bool say) {
  double seconds = 0;
  TrainingOutcome outcome;
  TrainingTimes t;
  {
    const Timer timer(seconds);
    auto environments = make_device_environments(arena_options(options, Task::Walk), options.steps, ptx);
    if (!environments) return environments.error();
    Training training(options, std::move(*environments), nullptr, crew, engine);
    outcome = training.run();
    t = training.times();
  }
  if (!outcome.policy) return user_error("the training failed: " + outcome.failure);
  const double steps = static_cast<double>(outcome.environment_steps);
  if (say)
    std::printf(
        "%6d robots: a training of %d iterations, %.0f control steps, in %.1f s: %.0f a second; inference %.1f s, simulation %.1f s, "
        "update %.1f s\n",
        options.robots, options.iterations, steps, seconds, steps / seconds, t.inference, t.simulation, t.update);
  std::fflush(stdout);
  return judge(*outcome.policy, {}, best_kernels(), crew).score;
}

}  // namespace

int device(const std::vector<std::string>& files) {
  const auto name = find_cuda_device();
  if (!name) return std::fprintf(stderr, "SKIPPED, nothing measured: %s\n", name.error().message.c_str()), 2;
  const int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::printf("%s, %d CPU threads\n", name->c_str(), threads);
  const std::string ptx = ptx_from(files.empty() ? "" : files.front());
  if (ptx.empty())
    return std::fprintf(
               stderr, "no program for the device: run `ha-tool --ptx SHARE task/reward_walk.cpp` where it runs, and name the file here\n"),
           1;
  Crew crew(threads);
  if (const int failed = compare(ptx, crew)) return failed;
  for (int robots : {4096, 65536})
    if (const int failed = simulate(ptx, robots)) return failed;

  PpoOptions options = *preset("gpu");
  auto engine = load_torch_engine(own_folder() + "/ha-robot-torch.so", options.shape, threads);
  if (!engine || (*engine)->where() != "cuda")
    return std::fprintf(stderr, "SKIPPED, no training measured: %s\n",
                        engine ? "this LibTorch computes on the CPU" : engine.error().message.c_str()),
           2;
  for (auto [robots, iterations] : {std::pair{4096, 2}, {65536, 10}, {4096, 101}}) {  // the first one warms up
    options.robots = robots;
    options.iterations = iterations;
    const auto score = train(ptx, options, crew, **engine, iterations > 2);
    if (!score) return fail(score.error());
    if (iterations == 101) std::printf("its policy on walk, judged on the CPU: %.3f\n", *score);
  }
  for (const std::string& file : files) {
    std::vector<double> scores;
    for (options.seed = 1; options.seed <= 3; ++options.seed) {
      const auto score = train(ptx_from(file), options, crew, **engine, false);
      if (!score) return fail(score.error());
      scores.push_back(*score);
    }
    std::printf("%s on walk, seeds 1 to 3: %.3f %.3f %.3f\n", file.substr(file.rfind('/') + 1).c_str(), scores[0], scores[1], scores[2]);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace hyperagent::bench
