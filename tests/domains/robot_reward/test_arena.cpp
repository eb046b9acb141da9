// The task around the physics: commands, falls, episodes, and that nothing depends on threads.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>

#include "domains/robot_reward/arena.h"
#include "domains/robot_reward/noise.h"

using namespace hyperagent::robot;

namespace {

std::vector<float> observations_after(const Kernels& kernels, int threads, int steps) {
  Crew crew(threads);
  Arena arena({.robots = 200, .seed = 5, .scattered_start = true, .physics = {}}, kernels, crew);
  std::vector<float> actions(static_cast<std::size_t>(arena.size() * kJoints));
  for (int step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < actions.size(); ++i) actions[i] = 4 * uniform_of(hashed(9, i, static_cast<std::uint64_t>(step))) - 2;
    arena.act(actions.data());
    arena.settle();
  }
  return {arena.observations(), arena.observations() + arena.size() * kObservationStride};
}

}  // namespace

TEST_CASE("the same seed gives the same bytes whatever the number of threads") {
  for (const Kernels& kernels : runnable_kernels()) {
    const auto one = observations_after(kernels, 1, 60), three = observations_after(kernels, 3, 60);
    INFO(kernels.name);
    CHECK(std::memcmp(one.data(), three.data(), one.size() * sizeof(float)) == 0);
  }
}

TEST_CASE("all instruction sets simulate the same robot") {
  const auto reference = observations_after(runnable_kernels().back(), 1, 5);
  for (const Kernels& kernels : runnable_kernels()) {
    const auto other = observations_after(kernels, 1, 5);
    double worst = 0;
    for (std::size_t i = 0; i < other.size(); ++i) worst = std::max(worst, std::fabs(double(other[i]) - double(reference[i])));
    INFO(kernels.name);
    CHECK(worst < 1e-2);
  }
}

TEST_CASE("a robot that is left alone stands for a whole episode and then starts again") {
  Crew crew(1);
  Arena arena({.robots = 16, .physics = {}}, best_kernels(), crew);
  const std::vector<float> still(16 * kJoints);
  int ended = 0;
  for (int step = 1; step <= kEpisodeSteps + 1; ++step) {
    arena.act(still.data());
    for (int i = 0; i < arena.size(); ++i) {
      CHECK_FALSE(arena.fell(i));
      ended += arena.timed_out(i);
    }
    if (step == kEpisodeSteps) CHECK(arena.height(3) > 0.28f);
    arena.settle();
  }
  CHECK(ended == 16);
  CHECK(arena.episode_step(0) == 0);
}

TEST_CASE("actions reach the motors one control step late") {
  Crew crew(1);
  Arena arena({.robots = 16, .physics = {}}, best_kernels(), crew), still({.robots = 16, .physics = {}}, best_kernels(), crew);
  std::vector<float> none(16 * kJoints), push(16 * kJoints, 1.0f);
  const auto joint = [](const Arena& a) { return a.observations()[9]; };
  arena.act(push.data());
  still.act(none.data());
  arena.settle();
  still.settle();
  CHECK(joint(arena) == joint(still));
  arena.act(none.data());
  still.act(none.data());
  arena.settle();
  still.settle();
  CHECK(std::fabs(joint(arena) - joint(still)) > 1e-3f);
}

TEST_CASE("commands are drawn from the task's range, anew every 4 s") {
  Crew crew(1);
  const std::vector<float> none(64 * kJoints);
  for (Task task : {Task::Walk, Task::WalkBack, Task::Hop}) {
    Arena arena({.task = task, .robots = 64, .physics = {}}, best_kernels(), crew);
    const float first = arena.forward_command(7);
    for (int step = 0; step < kCommandSteps; ++step) {
      CHECK(arena.forward_command(7) == first);
      arena.act(none.data());
      arena.settle();
    }
    for (int i = 0; i < arena.size(); ++i) {
      const float wanted = arena.forward_command(i);
      if (task == Task::Walk) CHECK((wanted >= 0.2f && wanted <= 0.8f));
      if (task == Task::WalkBack) CHECK((wanted <= -0.2f && wanted >= -0.8f));
      if (task == Task::Hop) CHECK(wanted == 0.0f);
    }
    if (task != Task::Hop) CHECK(arena.forward_command(7) != first);
  }
}

TEST_CASE("a robot that tilts too far has fallen, and starts again upright") {
  Crew crew(1);
  Arena arena({.robots = 16, .physics = {}}, best_kernels(), crew);
  std::vector<float> fold(16 * kJoints);
  for (std::size_t i = 0; i < fold.size(); ++i) fold[i] = i % kJoints < 6 ? -8.0f : 8.0f;
  bool fell = false;
  for (int step = 0; step < 200 && !fell; ++step) {
    arena.act(fold.data());
    fell = arena.fell(2);
    ha::robot::State state;
    arena.robot(2, state);
    CHECK(fell == (std::fabs(state.roll) > fall_angle(Task::Walk) || std::fabs(state.pitch) > fall_angle(Task::Walk)));
    arena.settle();
  }
  CHECK(fell);
  CHECK(arena.episode_step(2) == 0);
  CHECK(arena.height(2) == kStartHeight);
}

TEST_CASE("an action that is no number moves nothing") {
  Crew crew(1);
  Arena arena({.robots = 16, .physics = {}}, best_kernels(), crew);
  const std::vector<float> bad(16 * kJoints, NAN);
  for (int step = 0; step < 100; ++step) {
    arena.act(bad.data());
    arena.settle();
  }
  for (int i = 0; i < 16 * kObservationStride; ++i) CHECK(std::isfinite(arena.observations()[i]));
  CHECK(arena.height(0) > 0.28f);
}

TEST_CASE("the noise has mean 0 and variance 1") {
  const NormalLevels normal;
  double sum = 0, square = 0, fourth = 0;
  for (std::uint64_t i = 0; i < 100000; ++i)
    for (int k = 0; k < 5; ++k) {
      const double x = normal_level(normal.data(), hashed(3, i, 0), k);
      sum += x / 5e5;
      square += x * x / 5e5;
      fourth += x * x * x * x / 5e5;
    }
  CHECK(std::fabs(sum) < 0.01);
  CHECK(std::fabs(square - 1) < 0.01);
  CHECK(std::fabs(fourth - 3) < 0.1);
}
