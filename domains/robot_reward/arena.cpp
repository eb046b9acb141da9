#include "domains/robot_reward/arena.h"

#include <algorithm>
#include <cmath>

#include "domains/robot_reward/noise.h"

namespace hyperagent::robot {
namespace {

constexpr int kPart = 8;  // blocks a thread takes at a time
constexpr float kLargestAction = 100.0f;


}  // namespace

const char* to_string(Task task) { return task == Task::Walk ? "walk" : task == Task::WalkBack ? "walkback" : "hop"; }

Result<Task> task_from(const std::string& name) {
  for (Task task : {Task::Walk, Task::WalkBack, Task::Hop})
    if (name == to_string(task)) return task;
  return user_error("there is no robot task \"" + name + "\"; known are walk, walkback, hop");
}

float default_joint(int joint) { return joint % 3 == 0 ? 0.0f : joint % 3 == 2 ? -1.5f : joint < 6 ? 0.8f : 1.0f; }

float fall_angle(Task task) { return (task == Task::Hop ? 30.0f : 10.0f) * 3.14159265f / 180.0f; }

Arena::Arena(const ArenaOptions& options, const Kernels& kernels, Crew& crew)
    : options_(options), kernels_(kernels), crew_(crew), model_(go2_model()), robots_((options.robots + kBlock - 1) / kBlock * kBlock),
      least_upright_(std::tan(fall_angle(options.task))) {
  const std::size_t n = static_cast<std::size_t>(robots_);
  state_.assign(n * kFields, 0.0f);
  action_.assign(n * kJoints, 0.0f);
  last_action_ = last_rate_ = action_;
  command_.assign(n, 0.0f);
  highest_.assign(n, 0.0f);
  observations_.assign(n * kObservationStride, 0.0f);
  episode_.assign(n, 0);
  fell_.assign(n, 0);
  out_.assign(n, 0);
  draws_.assign(n, 0);
  for (int i = 0; i < robots_; ++i) {
    place(i);
    if (options_.scattered_start)
      episode_[static_cast<std::size_t>(i)] = static_cast<int>(hashed(options_.seed, static_cast<std::uint64_t>(i), 0xe915) % kEpisodeSteps);
    observe(i);
  }
}

void Arena::place(int i) {
  for (int f = 0; f < kFields; ++f) field(i, f) = 0.0f;
  field(i, kPosition + 2) = kStartHeight;
  field(i, kOrientation) = 1.0f;
  for (int j = 0; j < kJoints; ++j) {
    field(i, kJoint + j) = default_joint(j);
    const std::size_t at = static_cast<std::size_t>(i * kJoints + j);
    action_[at] = last_action_[at] = last_rate_[at] = 0.0f;
  }
  highest_[static_cast<std::size_t>(i)] = 0.0f;
  episode_[static_cast<std::size_t>(i)] = 0;
  draw_command(i);
}

void Arena::draw_command(int i) {
  const std::size_t at = static_cast<std::size_t>(i);
  const float u = uniform_of(hashed(options_.seed, static_cast<std::uint64_t>(i), draws_[at]++));
  const float speed = 0.2f + 0.6f * u;
  command_[at] = options_.task == Task::Walk ? speed : options_.task == Task::WalkBack ? -speed : 0.0f;
}

void Arena::act(const float* actions) {
  crew_.run((robots_ / kBlock + kPart - 1) / kPart, [&](int part) {
    const int first = part * kPart, last = std::min(first + kPart, robots_ / kBlock);
    for (int i = first * kBlock; i < last * kBlock; ++i)
      for (int j = 0; j < kJoints; ++j) {
        const std::size_t at = static_cast<std::size_t>(i * kJoints + j);
        // One control step of latency: the motors follow the action of the step before.
        field(i, kTarget + j) = default_joint(j) + kActionScale * action_[at];
        last_action_[at] = action_[at];
        const float wanted = actions[at];
        action_[at] = std::isfinite(wanted) ? std::clamp(wanted, -kLargestAction, kLargestAction) : 0.0f;
        last_rate_[at] = field(i, kJointRate + j);
      }
    kernels_.control_step(model_, options_.physics, state_.data(), first, last);
    for (int i = first * kBlock; i < last * kBlock; ++i) {
      const std::size_t at = static_cast<std::size_t>(i);
      ++episode_[at];
      const float w = field(i, kOrientation), x = field(i, kOrientation + 1), y = field(i, kOrientation + 2), z = field(i, kOrientation + 3);
      const float up_x = 2 * (x * z - w * y), up_y = 2 * (y * z + w * x), up_z = 1 - 2 * (x * x + y * y);
      // |roll| = |atan2(up_y, up_z)| and |pitch| = |asin(-up_x)| within the fall angle, without their computation.
      const float sine = least_upright_ / std::sqrt(1 + least_upright_ * least_upright_);
      const bool upright = up_z > 0 && std::fabs(up_y) <= least_upright_ * up_z && std::fabs(up_x) <= sine;
      fell_[at] = !(upright && std::isfinite(field(i, kPosition + 2)));  // a robot whose numbers blew up has fallen too
      highest_[at] = std::max(highest_[at], field(i, kPosition + 2));
    }
  });
}

void Arena::settle() {
  crew_.run((robots_ / kBlock + kPart - 1) / kPart, [&](int part) {
    const int first = part * kPart * kBlock, last = std::min((part + 1) * kPart * kBlock, robots_);
    for (int i = first; i < last; ++i) {
      if (fell(i) && !options_.restart) out_[static_cast<std::size_t>(i)] = 1;
      if (fell(i) || timed_out(i))
        place(i);
      else if (episode_step(i) % kCommandSteps == 0)
        draw_command(i);
      observe(i);
    }
  });
}

void Arena::observe(int i) {
  float* out = observations_.data() + static_cast<std::size_t>(i) * kObservationStride;
  const float w = field(i, kOrientation), x = field(i, kOrientation + 1), y = field(i, kOrientation + 2), z = field(i, kOrientation + 3);
  for (int k = 0; k < 3; ++k) out[k] = 0.25f * field(i, kTurnRate + k);
  out[3] = -2 * (x * z - w * y);
  out[4] = -2 * (y * z + w * x);
  out[5] = 2 * (x * x + y * y) - 1;
  out[6] = 2.0f * command_[static_cast<std::size_t>(i)];
  out[7] = out[8] = 0.0f;
  for (int j = 0; j < kJoints; ++j) {
    out[9 + j] = field(i, kJoint + j) - default_joint(j);
    out[21 + j] = 0.05f * field(i, kJointRate + j);
    out[33 + j] = action_[static_cast<std::size_t>(i * kJoints + j)];
  }
}

void Arena::robot(int i, ha::robot::State& s) const {
  const float* at = state_.data() + index(i, 0);
  const auto copy = [&](float* to, int f, int count) {
    for (int k = 0; k < count; ++k) to[k] = at[(f + k) * kBlock];
  };
  copy(s.position, kPosition, 3);
  copy(s.orientation, kOrientation, 4);
  copy(s.velocity, kBaseVelocity, 3);
  copy(s.turn_rate, kTurnRate, 3);
  const float w = s.orientation[0], x = s.orientation[1], y = s.orientation[2], z = s.orientation[3];
  s.gravity[0] = -2 * (x * z - w * y);
  s.gravity[1] = -2 * (y * z + w * x);
  s.gravity[2] = 2 * (x * x + y * y) - 1;
  s.roll = std::atan2(-s.gravity[1], -s.gravity[2]);
  s.pitch = std::asin(std::clamp(s.gravity[0], -1.0f, 1.0f));
  s.yaw = std::atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));
  s.command[0] = command_[static_cast<std::size_t>(i)];
  s.command[1] = s.command[2] = 0.0f;
  for (int j = 0; j < kJoints; ++j) {
    const std::size_t k = static_cast<std::size_t>(i * kJoints + j);
    s.action[j] = action_[k];
    s.last_action[j] = last_action_[k];
    s.last_joint_rate[j] = last_rate_[k];
    s.joint_default[j] = default_joint(j);
  }
  copy(s.joint, kJoint, kJoints);
  copy(s.joint_rate, kJointRate, kJoints);
  copy(s.torque, kTorque, kJoints);
  copy(s.foot_height, kFootHeight, kLegs);
  copy(s.foot_force, kFootForce, kLegs);
  s.highest = highest_[static_cast<std::size_t>(i)];
  s.start_height = kStartHeight;
  s.time = kStepSeconds * static_cast<float>(episode_step(i));
  s.dt = kStepSeconds;
  s.fell = fell(i) ? 1.0f : 0.0f;
}

}  // namespace hyperagent::robot
