// The robots on a device against those on the CPU, over a driver that pretends (pretended_driver.h); and what is said when the driver does
// not do.
#include <dlfcn.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "domains/robot_reward/device/cuda_device.h"
#include "domains/robot_reward/device/device_environments.h"
#include "domains/robot_reward/device/include/device_math.h"
#include "domains/robot_reward/fused_engine.h"
#include "domains/robot_reward/noise.h"
#include "domains/robot_reward/ppo.h"
#include "domains/robot_reward/torch_engine.h"
#include "tests/domains/robot_reward/pretended_driver.h"

using namespace hyperagent;
using namespace hyperagent::robot;

namespace {

constexpr const char* kProgram = ".visible .entry";  // all that the pretended driver looks for in PTX

template <class F>
F* knob(const char* name) {
  void* library = dlopen(HA_PRETENDED_DRIVER, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library != nullptr);
  return reinterpret_cast<F*>(dlsym(library, name));
}
void device_rewards(RewardFunction reward) { knob<decltype(pretended_reward)>("pretended_reward")(reward); }

// Within its life a call of the driver fails.
class Failure {
 public:
  Failure(const char* call, int status) { set(call, status); }
  ~Failure() { set(nullptr, 0); }

 private:
  static void set(const char* call, int status) { knob<decltype(pretended_failure)>("pretended_failure")(call, status); }
};

float walking_reward(const ha::robot::State& s) {
  return ha::small(ha::forward_error(s), 0.5f) + ha::small(ha::tilt(s), 0.2f) + ha::minus(ha::action_change(s), 0.01f) + 0.1f * s.roll +
         0.01f * s.time;
}
void parts_of_reward(const ha::robot::State& s, ha::robot::Components& parts) {
  parts.add("tracking", ha::small(ha::forward_error(s), 0.5f));
}

std::unique_ptr<Environments> on_device(const ArenaOptions& options, int steps, RewardFunction reward = walking_reward) {
  device_rewards(reward);
  auto made = make_device_environments(options, steps, kProgram, HA_PRETENDED_DRIVER);
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  return std::move(*made);
}

double apart(double a, double b) { return std::fabs(a - b); }

}  // namespace

TEST_CASE("robots on a device do what the same robots do on the CPU: observations, rewards, falls, commands and episodes") {
  for (Task task : {Task::Walk, Task::WalkBack, Task::Hop}) {
    const ArenaOptions options{.task = task, .robots = 100, .seed = 7, .scattered_start = true, .physics = {}};
    Crew crew(1);
    constexpr int kSteps = 10;  // of an iteration
    const auto cpu = make_cpu_environments(options, kSteps, walking_reward, runnable_kernels().back(), crew);
    const auto device = on_device(options, kSteps);
    REQUIRE(device->size() == 112);
    REQUIRE(device->size() == cpu->size());
    const std::size_t n = 112;
    // The pretended device's memory is the host's.
    const Rollout &here = cpu->rollout(), &there = device->rollout();
    std::vector<ha::robot::State> seen_here(20), seen_there(20);
    double worst = 0, worst_reward = 0;
    int fell = 0, timed_out = 0;
    const auto compare = [&](const float* a, const float* b, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) worst = std::max(worst, apart(a[i], b[i]));
    };
    for (int step = 0; step < 300; ++step) {
      const int t = step % kSteps;
      const std::size_t row = static_cast<std::size_t>(t) * n;
      if (t == 0) {
        REQUIRE(cpu->begin());
        REQUIRE(device->begin());
      }
      compare(here.observations + row * kObservationStride, there.observations + row * kObservationStride, n * kObservationStride);
      // Half of the robots hardly move and see their episodes end by time; the others fall.
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < kActions; ++j) {
          const float by_chance = uniform_of(hashed(3, i * kActions + j, static_cast<std::uint64_t>(step))) - 0.5f;
          for (const Rollout* rollout : {&here, &there})
            rollout->means[(row + i) * kActionStride + j] = step == 100 && i == 0 && j == 5 ? NAN : (i % 2 == 0 ? 0.2f : 6.0f) * by_chance;
        }
      const float log_deviation[kActionStride] = {-2, -3, -2, -3, -2, -3, -2, -3, -2, -3, -2, -3};
      const ActionNoise noise = action_noise(9, static_cast<std::uint64_t>(step), log_deviation);
      REQUIRE(cpu->step(t, noise, seen_here));
      REQUIRE(device->step(t, noise, seen_there));
      if (step != 100) compare(here.actions + row * kActionStride, there.actions + row * kActionStride, n * kActionStride);
      compare(here.log_probability + row, there.log_probability + row, n);
      for (std::size_t i = 0; i < seen_here.size(); ++i) {
        CHECK(apart(seen_here[i].yaw, seen_there[i].yaw) < 1e-4);
        CHECK(apart(seen_here[i].foot_force[2], seen_there[i].foot_force[2]) < 1e-2);
        CHECK(seen_here[i].time == seen_there[i].time);
      }
      if (t + 1 < kSteps) continue;
      const auto view = cpu->host_view(), other = device->host_view();
      REQUIRE(view);
      REQUIRE(other);
      for (std::size_t at = 0; at < n * kSteps; ++at) {
        const StepResult &a = view->results[at], &b = other->results[at];
        worst_reward = std::max(worst_reward, apart(a.reward, b.reward));
        REQUIRE(a.fell == b.fell);
        REQUIRE(a.timed_out == b.timed_out);
        CHECK(apart(a.error, b.error) < 1e-4);
        CHECK(apart(a.height, b.height) < 1e-4);
        fell += a.fell;
        timed_out += a.timed_out;
      }
      other->advantages[n] = 4;
      other->returns[n] = 5;
      REQUIRE(device->hand_back());
      CHECK(there.advantages[n] == 4);
      CHECK(there.returns[n] == 5);
    }
    WARN(to_string(task) << ": " << fell << " falls, " << timed_out << " time-outs; observations " << worst << " apart at most, rewards "
                         << worst_reward);
    CHECK(fell > (task == Task::Hop ? 0 : 50));
    CHECK(timed_out > 5);
    CHECK(worst < 1e-4);
    CHECK(worst_reward < 1e-4);
  }
}

TEST_CASE("a training on a device learns what it learns on the CPU") {
  PpoOptions options = *preset("cpu-quick");
  options.robots = 128;
  options.iterations = 12;
  Crew crew(1);
  FusedEngine engine(options.shape, runnable_kernels().back(), crew);
  const TrainingOutcome cpu =
      Training(options, Task::Walk, {walking_reward, parts_of_reward}, runnable_kernels().back(), crew, engine).run();
  Training training(options, on_device(arena_options(options, Task::Walk), options.steps), parts_of_reward, crew, engine);
  const TrainingOutcome device = training.run();
  REQUIRE(cpu.policy);
  REQUIRE(device.policy);
  CHECK(device.environment_steps == cpu.environment_steps);
  REQUIRE(device.curve.size() == cpu.curve.size());
  for (std::size_t i = 0; i < cpu.curve.size(); ++i) {
    CHECK(device.curve[i].reward == Approx(cpu.curve[i].reward).epsilon(1e-3));
    CHECK(device.curve[i].fall_rate == Approx(cpu.curve[i].fall_rate).epsilon(1e-2));
  }
  REQUIRE(device.components.size() == 1);
  CHECK(device.components[0].mean.back() == Approx(cpu.components[0].mean.back()).epsilon(1e-3));
  CHECK(training.times().simulation > 0);
}

TEST_CASE("LibTorch's networks learn from a rollout on a device what they learn from one in the host's memory") {
  PpoOptions options = *preset("cpu-quick");
  options.robots = 64;
  options.iterations = 3;
  Crew crew(1);
  auto engine = load_torch_engine(HA_ROBOT_TORCH, options.shape, 1);
  INFO((engine ? "" : engine.error().message));
  REQUIRE(engine);
  if ((*engine)->where() == "cuda") {
    WARN("SKIPPED: LibTorch would take the pretended device's memory for a real one's");
    return;
  }
  const TrainingOutcome cpu = Training(options, Task::Walk, {walking_reward, nullptr}, runnable_kernels().back(), crew, **engine).run();
  const TrainingOutcome device =
      Training(options, on_device(arena_options(options, Task::Walk), options.steps), nullptr, crew, **engine).run();
  REQUIRE(cpu.policy);
  REQUIRE(device.policy);
  CHECK(device.policy->numbers == cpu.policy->numbers);
}

TEST_CASE("what a reward does to the states it is given on a device reaches nothing else") {
  const ArenaOptions options{.robots = 16, .physics = {}};
  const auto writer = [](const ha::robot::State& s) {
    const_cast<ha::robot::State&>(s).position[2] = 100;
    const_cast<ha::robot::State&>(s).velocity[0] = s.command[0];
    return 1.0f;
  };
  const auto device = on_device(options, 1, writer);
  std::vector<ha::robot::State> seen(1);
  REQUIRE(device->begin());
  REQUIRE(device->step(0, ActionNoise{}, seen));
  const auto view = device->host_view();
  REQUIRE(view);
  CHECK(view->results[3].reward == 1.0f);
  CHECK(view->results[3].height < 1);
  CHECK(view->results[3].error > 0.1f);
  CHECK(seen[0].position[2] < 1);
}

namespace {

PpoOptions two_iterations() {
  PpoOptions options = *preset("cpu-quick");
  options.robots = 64;
  options.iterations = 2;
  return options;
}

}  // namespace

TEST_CASE("a reward that is not a number on a device is its author's failure") {
  const PpoOptions options = two_iterations();
  Crew crew(1);
  FusedEngine engine(options.shape, best_kernels(), crew);
  const TrainingOutcome outcome =
      Training(options, on_device(arena_options(options, Task::Walk), options.steps, [](const ha::robot::State&) { return std::nanf(""); }),
               nullptr, crew, engine)
          .run();
  CHECK_FALSE(outcome.policy);
  CHECK_FALSE(outcome.fault);
  CHECK_THAT(outcome.failure, Catch::Matchers::Contains("not a number") && Catch::Matchers::Contains("in iteration 1 of 2"));
}

TEST_CASE("a kernel that goes wrong is the reward's failure, a device that fails otherwise is ours") {
  const PpoOptions options = two_iterations();
  Crew crew(1);
  FusedEngine engine(options.shape, best_kernels(), crew);
  const auto outcome_of = [&](const char* call, int status) {
    auto environments = on_device(arena_options(options, Task::Walk), options.steps);
    const Failure failure(call, status);
    return Training(options, std::move(environments), nullptr, crew, engine).run();
  };
  const TrainingOutcome crashed = outcome_of("cuCtxSynchronize", 700);
  CHECK_FALSE(crashed.fault);
  CHECK_THAT(crashed.failure, Catch::Matchers::Contains("illegal memory access"));
  const TrainingOutcome lost = outcome_of("cuMemcpyHtoD_v2", 999);
  REQUIRE(lost.fault);
  CHECK(lost.fault->kind == ErrorKind::Environment);
  CHECK_FALSE(lost.policy);
}

TEST_CASE("a machine without driver, device or memory says which it lacks") {
  const auto none = find_cuda_device("libcuda-that-nobody-has.so.1");
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::Environment);
  CHECK_THAT(none.error().message, Catch::Matchers::StartsWith("no CUDA driver here"));
  const auto found = find_cuda_device(HA_PRETENDED_DRIVER);
  REQUIRE(found);
  CHECK(*found == "pretended device");
  const auto why = [](const std::string& ptx) {
    return make_device_environments({.robots = 16, .physics = {}}, 1, ptx, HA_PRETENDED_DRIVER).error().message;
  };
  {
    const Failure failure("no device", 1);
    CHECK_THAT(find_cuda_device(HA_PRETENDED_DRIVER).error().message, Catch::Matchers::Contains("nvidia-smi"));
  }
  {
    const Failure failure("cuInit", 100);
    CHECK_THAT(why(kProgram), Catch::Matchers::Contains("cuInit says status 100"));
  }
  {
    const Failure failure("cuMemAlloc_v2", 2);
    CHECK_THAT(why(kProgram), Catch::Matchers::Contains("CUDA_ERROR_OUT_OF_MEMORY") && Catch::Matchers::Contains("bytes"));
  }
  CHECK_THAT(why("nonsense"), Catch::Matchers::Contains("CUDA_ERROR_INVALID_PTX") && Catch::Matchers::Contains("there is no entry in it"));
}

TEST_CASE("memory of a device goes when its robots go") {
  const auto bytes = knob<decltype(pretended_bytes)>("pretended_bytes");
  {
    const auto device = on_device({.robots = 16, .physics = {}}, 1);
    CHECK(bytes() > 16 * kFields * sizeof(float));
  }
  CHECK(bytes() == 0);
}

TEST_CASE("the functions of <cmath> for a device are libm's to a few units in the last place") {
  struct Range {
    const char* name;
    float (*ours)(float);
    double (*theirs)(double);
    float low, high;
    double most;  // relative, or absolute below 1
  };
  const Range ranges[] = {
      {"exp", ha_device::exp, std::exp, -87, 88, 3e-7},           {"exp2", ha_device::exp2, std::exp2, -126, 127, 3e-7},
      {"expm1", ha_device::expm1, std::expm1, -5, 5, 4e-7},       {"log", ha_device::log, std::log, 1e-30f, 1e6f, 3e-7},
      {"log1p", ha_device::log1p, std::log1p, -0.9f, 9, 4e-7},    {"log2", ha_device::log2, std::log2, 1e-3f, 1e3f, 3e-7},
      {"log10", ha_device::log10, std::log10, 1e-3f, 1e3f, 3e-7}, {"sin", ha_device::sin, std::sin, -1000, 1000, 3e-7},
      {"cos", ha_device::cos, std::cos, -1000, 1000, 3e-7},       {"tan", ha_device::tan, std::tan, -1.5f, 1.5f, 1e-6},
      {"asin", ha_device::asin, std::asin, -1, 1, 3e-7},          {"acos", ha_device::acos, std::acos, -1, 1, 4e-7},
      {"atan", ha_device::atan, std::atan, -50, 50, 3e-7},        {"sinh", ha_device::sinh, std::sinh, -80, 80, 1e-6},
      {"cosh", ha_device::cosh, std::cosh, -80, 80, 1e-6},        {"tanh", ha_device::tanh, std::tanh, -10, 10, 3e-7},
      {"cbrt", ha_device::cbrt, std::cbrt, -1000, 1000, 3e-7},    {"round", ha_device::round, std::round, -100, 100, 0}};
  for (const Range& r : ranges) {
    double worst = 0;
    for (int i = 0; i <= 200000; ++i) {
      const float x = r.low + (r.high - r.low) * static_cast<float>(i) / 200000;
      const double exact = r.theirs(static_cast<double>(x));
      worst = std::max(worst, apart(r.ours(x), exact) / std::max(1.0, std::fabs(exact)));
    }
    INFO(r.name << ": " << worst);
    CHECK(worst <= r.most);
  }
  for (int i = 0; i < 100000; ++i) {
    const float x = 8 * uniform_of(hashed(1, static_cast<std::uint64_t>(i), 0)) - 4,
                y = 8 * uniform_of(hashed(1, static_cast<std::uint64_t>(i), 1)) - 4;
    CHECK(apart(ha_device::atan2(y, x), std::atan2(static_cast<double>(y), static_cast<double>(x))) < 5e-7);
    CHECK(ha_device::hypot(x, y) == Approx(std::hypot(static_cast<double>(x), static_cast<double>(y))).epsilon(1e-6));
    const double power = std::pow(std::fabs(static_cast<double>(x)), static_cast<double>(y));
    CHECK(ha_device::pow(std::fabs(x), y) == Approx(power).epsilon(1e-5));
    CHECK(ha_device::fmod(x, y) == Approx(std::fmod(x, y)).margin(1e-5));
  }
}

TEST_CASE("the functions of <cmath> for a device know the numbers that are none") {
  const float inf = INFINITY, nan = NAN;
  CHECK(ha_device::isnan(nan));
  CHECK_FALSE(ha_device::isfinite(inf));
  CHECK_FALSE(ha_device::isfinite(nan));
  CHECK(ha_device::isinf(-inf));
  CHECK(ha_device::isfinite(3e38f));
  CHECK(ha_device::exp(1000) == inf);
  CHECK(ha_device::exp(-1000) == 0);
  CHECK(std::isnan(ha_device::exp(nan)));
  CHECK(ha_device::exp(-100) == Approx(std::exp(-100.0f)).epsilon(1e-2));  // denormal
  CHECK(ha_device::log(0) == -inf);
  CHECK(std::isnan(ha_device::log(-1)));
  CHECK(ha_device::log(inf) == inf);
  CHECK(std::isnan(ha_device::asin(1.5f)));
  CHECK(std::isnan(ha_device::sin(inf)));
  CHECK(ha_device::pow(-2, 3) == -8);
  CHECK(ha_device::pow(2, -2) == 0.25f);
  CHECK(std::isnan(ha_device::pow(-2, 0.5f)));
  CHECK(ha_device::pow(0, 0) == 1);
  CHECK(ha_device::atan2(0, -1) == Approx(3.14159265));
  CHECK(ha_device::atan2(-1, 0) == Approx(-1.57079633));
  CHECK(ha_device::fmax(nan, 2) == 2);
  CHECK(ha_device::tanh(100) == 1);
}
