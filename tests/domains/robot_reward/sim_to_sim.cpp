#include "tests/domains/robot_reward/sim_to_sim.h"

#include <algorithm>
#include <cmath>

#include "domains/robot_reward/noise.h"
#include "tests/domains/robot_reward/mujoco_robot.h"

namespace hyperagent::robot {

Judgement judge_in_mujoco(const Policy& policy, Task task, int robots, std::uint64_t seed, const Kernels& kernels) {
  const Physics physics;
  const Model constants = go2_model();
  MujocoRobot robot({.dt = static_cast<double>(physics.dt), .damping = static_cast<double>(physics.joint_damping), .ground = true, .friction = static_cast<double>(physics.friction)});
  mjModel* m = robot.model();
  mjData* d = robot.data();
  const NetworkLayout layout(policy.shape);
  Forward actor(kernels, layout.actor);
  Judgement result;
  double steps = 0, square = 0;
  for (int n = 0; n < robots; ++n) {
    mj_resetData(m, d);
    for (int i = 0; i < m->nq; ++i) d->qpos[i] = 0;
    d->qpos[2] = static_cast<double>(kStartHeight);
    d->qpos[3] = 1;
    for (int j = 0; j < kJoints; ++j) d->qpos[7 + j] = static_cast<double>(default_joint(j) + joint_move(seed, n, j, kStartMove));
    float action[kJoints] = {}, command = 0, observation[kObservationStride] = {}, out[kActionStride];
    double own = 0, window = 0, highest = 0;
    for (int step = 0; step < kEpisodeSteps; ++step) {
      if (step % kCommandSteps == 0) {
        const float speed = 0.2f + 0.6f * uniform_of(hashed(seed, static_cast<std::uint64_t>(n), static_cast<std::uint64_t>(step)));
        command = task == Task::Walk ? speed : task == Task::WalkBack ? -speed : 0.0f;
      }
      const double *q = d->qpos + 3, w = q[0], x = q[1], y = q[2], z = q[3];
      for (int k = 0; k < 3; ++k) observation[k] = 0.25f * static_cast<float>(d->qvel[3 + k]);
      observation[3] = static_cast<float>(-2 * (x * z - w * y));
      observation[4] = static_cast<float>(-2 * (y * z + w * x));
      observation[5] = static_cast<float>(2 * (x * x + y * y) - 1);
      observation[6] = 2 * command;
      for (int j = 0; j < kJoints; ++j) {
        observation[9 + j] = static_cast<float>(d->qpos[7 + j]) - default_joint(j);
        observation[21 + j] = 0.05f * static_cast<float>(d->qvel[6 + j]);
        observation[33 + j] = action[j];
      }
      actor.run(policy.numbers.data(), observation, 1, out);
      for (int part = 0; part < physics.substeps; ++part) {
        double torque[kJoints];
        for (int j = 0; j < kJoints; ++j) {
          const double limit = static_cast<double>(constants.torque_limit[j % 3]), target = static_cast<double>(default_joint(j) + kActionScale * action[j]);
          torque[j] = std::clamp(static_cast<double>(physics.kp) * (target - d->qpos[7 + j]) - static_cast<double>(physics.kd) * d->qvel[6 + j], -limit, limit);
        }
        robot.set_torque(torque);
        mj_step(m, d);
      }
      // MuJoCo puts a state that has become unstable back to its start, and counts that.
      const bool unstable = d->warning[mjWARN_BADQPOS].number + d->warning[mjWARN_BADQVEL].number + d->warning[mjWARN_BADQACC].number > 0;
      std::copy_n(out, kJoints, action);  // reaches the motors in the next step
      const double up_x = 2 * (q[1] * q[3] - q[0] * q[2]), up_y = 2 * (q[2] * q[3] + q[0] * q[1]), up_z = 1 - 2 * (q[1] * q[1] + q[2] * q[2]);
      const double limit = static_cast<double>(fall_angle(task));
      if (unstable || std::fabs(std::atan2(up_y, up_z)) > limit || std::fabs(std::asin(std::clamp(up_x, -1.0, 1.0))) > limit) {
        result.fell += 1.0 / robots;
        break;
      }
      // Forward speed in base axes.
      const double forward = (1 - 2 * (q[2] * q[2] + q[3] * q[3])) * d->qvel[0] + 2 * (q[1] * q[2] + q[0] * q[3]) * d->qvel[1] + 2 * (q[1] * q[3] - q[0] * q[2]) * d->qvel[2];
      const double error = static_cast<double>(command) - forward;
      result.speed_error += std::fabs(error);
      steps += 1;
      if (step >= kSettlingSteps) {
        window = std::max(window, d->qpos[2]);
        highest = std::max(highest, d->qpos[2]);
      }
      if (task != Task::Hop) {
        own += std::exp(-4 * error * error) / kEpisodeSteps;
      } else if ((step + 1) % kCommandSteps == 0) {
        own += hop_score(window) * kCommandSteps / kEpisodeSteps;
        window = 0;
      }
    }
    result.highest += highest / robots;
    result.score += own / robots;
    square += own * own / robots;
  }
  result.speed_error /= std::max(1.0, steps);
  result.standard_error = std::sqrt(std::max(0.0, square - result.score * result.score) / std::max(1, robots - 1));
  return result;
}

}  // namespace hyperagent::robot
