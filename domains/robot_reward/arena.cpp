#include "domains/robot_reward/arena.h"

#include <algorithm>
#include <cmath>

namespace hyperagent::robot {
namespace {

constexpr int kPart = 8;  // blocks a thread takes at a time

}  // namespace

const char* to_string(Task task) { return task == Task::Walk ? "walk" : task == Task::WalkBack ? "walkback" : "hop"; }

Result<Task> task_from(const std::string& name) {
  for (Task task : {Task::Walk, Task::WalkBack, Task::Hop})
    if (name == to_string(task)) return task;
  return user_error("there is no robot task \"" + name + "\"; known are walk, walkback, hop");
}

float fall_angle(Task task) { return (task == Task::Hop ? 30.0f : 10.0f) * 3.14159265f / 180.0f; }

int robot_count(const ArenaOptions& options) { return (options.robots + kBlock - 1) / kBlock * kBlock; }

Robots robots_of(const ArenaOptions& options) {
  Robots robots{};
  robots.count = robot_count(options);
  robots.task = options.task;
  robots.seed = options.seed;
  robots.restart = options.restart ? 1 : 0;
  robots.least_upright = std::tan(fall_angle(options.task));
  return robots;
}

Arena::Arena(const ArenaOptions& options, const Kernels& kernels, Crew& crew)
    : physics_(options.physics), kernels_(kernels), crew_(crew), model_(go2_model()), robots_(robots_of(options)) {
  const std::size_t n = static_cast<std::size_t>(robots_.count);
  const auto numbers = [&](std::vector<float>& values, std::size_t each) {
    values.assign(n * each, 0.0f);
    return values.data();
  };
  robots_.state = numbers(state_, kFields);
  robots_.action = numbers(action_, kJoints);
  robots_.last_action = numbers(last_action_, kJoints);
  robots_.last_rate = numbers(last_rate_, kJoints);
  robots_.command = numbers(command_, 1);
  robots_.highest = numbers(highest_, 1);
  robots_.observations = numbers(observations_, kObservationStride);
  episode_.assign(n, 0);
  fell_.assign(n, 0);
  out_.assign(n, 0);
  draws_.assign(n, 0);
  robots_.episode = episode_.data();
  robots_.fell = fell_.data();
  robots_.out = out_.data();
  robots_.draws = draws_.data();
  for (int i = 0; i < robots_.count; ++i) begin(robots_, i, options.scattered_start);
}

void Arena::move_joints(float most) {
  for (int i = 0; i < robots_.count; ++i) {
    for (int j = 0; j < kJoints; ++j) field(robots_, i, kJoint + j) += joint_move(robots_.seed, i, j, most);
    observe(robots_, i);
  }
}

void Arena::act(const float* actions, int stride) {
  crew_.run((robots_.count / kBlock + kPart - 1) / kPart, [&](int part) {
    const int first = part * kPart, last = std::min(first + kPart, robots_.count / kBlock);
    for (int i = first * kBlock; i < last * kBlock; ++i) take_action(robots_, i, actions + static_cast<std::size_t>(i * stride));
    kernels_.control_step(model_, physics_, state_.data(), first, last);
    for (int i = first * kBlock; i < last * kBlock; ++i) look(robots_, i);
  });
}

void Arena::settle() {
  crew_.run((robots_.count / kBlock + kPart - 1) / kPart, [&](int part) {
    for (int i = part * kPart * kBlock; i < std::min((part + 1) * kPart * kBlock, robots_.count); ++i) robot::settle(robots_, i);
  });
}

}  // namespace hyperagent::robot
