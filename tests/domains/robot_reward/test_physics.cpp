// The simulator against MuJoCo where there is no contact, and against physics where there is.
#include <catch2/catch.hpp>

#include <cmath>
#include <random>

#include "domains/robot_reward/physics/substep.h"
#include "tests/domains/robot_reward/mujoco_robot.h"
#include "tests/domains/robot_reward/sim_to_sim.h"

using namespace hyperagent::robot;

namespace {

const float kPose[3] = {0.0f, 0.9f, -1.5f};

template <class T>
T at(double value) { return T{} + static_cast<typename Lanes<T>::Scalar>(value); }

template <class T>
Body<T> standing_body(double height) {
  Body<T> body{};
  body.p[2] = at<T>(height);
  body.q[0] = at<T>(1);
  for (int i = 0; i < kJoints; ++i) body.joint[i] = at<T>(i % 3 == 1 ? (i < 6 ? 0.8 : 1.0) : kPose[i % 3]);
  return body;
}

template <class T>
void hold_pose(T target[kJoints]) {
  for (int i = 0; i < kJoints; ++i) target[i] = at<T>(i % 3 == 1 ? (i < 6 ? 0.8 : 1.0) : kPose[i % 3]);
}

double value(double x) { return x; }
double value(F4 x) { return x[3]; }

// Largest difference of accelerations, relative to the largest acceleration, over random states.
template <class T>
double worst_difference_from_mujoco(int states) {
  const Model model = go2_model();
  Physics physics;
  MujocoRobot mujoco({.ground = false});
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  double worst = 0;
  for (int n = 0; n < states; ++n) {
    double q[4], v[3], w[3], joint[kJoints], rate[kJoints], torque[kJoints], length = 0;
    for (double& x : q) {
      x = normal(random);
      length += x * x;
    }
    for (double& x : q) x /= std::sqrt(length);
    for (double& x : v) x = 2 * normal(random);
    for (double& x : w) x = 2 * normal(random);
    for (int i = 0; i < kJoints; ++i) {
      const Leg& leg = model.legs[i / 3];
      joint[i] = leg.lower[i % 3] + (0.01 + 0.98 * uniform(random)) * (leg.upper[i % 3] - leg.lower[i % 3]);
      rate[i] = 8 * normal(random);
      torque[i] = 40 * uniform(random) - 20;
    }
    mjData* d = mujoco.data();
    d->qpos[0] = d->qpos[1] = 0;
    d->qpos[2] = 1;
    for (int i = 0; i < 4; ++i) d->qpos[3 + i] = q[i];
    for (int i = 0; i < 3; ++i) d->qvel[i] = v[i], d->qvel[3 + i] = w[i];
    for (int i = 0; i < kJoints; ++i) d->qpos[7 + i] = joint[i], d->qvel[6 + i] = rate[i];
    mujoco.set_torque(torque);
    mj_forward(mujoco.model(), d);

    Body<T> body{};
    T t[kJoints], extra[kJoints], base[6], acceleration[kJoints];
    for (int i = 0; i < 4; ++i) body.q[i] = at<T>(q[i]);
    for (int i = 0; i < 3; ++i) body.v[i] = at<T>(v[i]), body.w[i] = at<T>(w[i]);
    for (int i = 0; i < kJoints; ++i) {
      body.joint[i] = at<T>(joint[i]);
      body.rate[i] = at<T>(rate[i]);
      t[i] = at<T>(torque[i]);
      extra[i] = T{};
    }
    const Rotation<T> r = rotation_of(body.q);
    Equations<T> eq;
    equations_of(model, physics, body, r, extra, eq);
    accelerate(eq, t, base, acceleration);
    const V3<T> linear = to_world(r, V3<T>{base[3], base[4], base[5]});
    const double ours[18] = {value(linear.x), value(linear.y), value(linear.z), value(base[0]), value(base[1]), value(base[2]),
                             value(acceleration[0]), value(acceleration[1]), value(acceleration[2]), value(acceleration[3]), value(acceleration[4]),
                             value(acceleration[5]), value(acceleration[6]), value(acceleration[7]), value(acceleration[8]), value(acceleration[9]),
                             value(acceleration[10]), value(acceleration[11])};
    double difference = 0, size = 0;
    for (int i = 0; i < 18; ++i) {
      difference = std::max(difference, std::abs(ours[i] - d->qacc[i]));
      size = std::max(size, std::abs(d->qacc[i]));
    }
    worst = std::max(worst, difference / size);
  }
  return worst;
}

}  // namespace

TEST_CASE("free dynamics agree with MuJoCo to 1e-4 relative, in double and in vectors of floats") {
  const double exact = worst_difference_from_mujoco<double>(5000), vectors = worst_difference_from_mujoco<F4>(5000);
  WARN("largest relative difference from MuJoCo over 5000 states: double " << exact << ", float vectors " << vectors);
  CHECK(exact < 1e-6);
  CHECK(vectors < 1e-4);
}

TEST_CASE("sine, cosine and exponential of vectors are exact to a few units in the last place") {
  double worst = 0, worst_exponential = 0;
  for (int i = -40000; i < 40000; ++i) {
    const float x = static_cast<float>(i) * 1e-3f;
    F4 s, c;
    sine_cosine(lane<F4>(x), s, c);
    worst = std::max({worst, std::abs(double(s[0]) - std::sin(double(x))), std::abs(double(c[0]) - std::cos(double(x)))});
    const double e = std::exp(double(x));
    if (x > -80) worst_exponential = std::max(worst_exponential, std::abs(double(exponential(lane<F4>(x))[0]) / e - 1));
  }
  WARN("largest error: sine and cosine " << worst << ", exponential (relative) " << worst_exponential);
  CHECK(worst < 3e-7);
  CHECK(worst_exponential < 1e-6);
}

TEST_CASE("a robot in free flight keeps its energy and momentum") {
  const Model model = go2_model();
  Physics physics;
  physics.kp = physics.kd = physics.joint_damping = physics.limit_stiffness = physics.limit_damping = 0;
  physics.dt = 1e-4f;
  MujocoRobot mujoco({.ground = false});  // measures energy
  mujoco.model()->opt.enableflags |= mjENBL_ENERGY;
  Body<double> body = standing_body<double>(5);
  body.w[0] = 2;
  body.w[1] = -1;
  body.v[0] = 1;
  for (int i = 0; i < kJoints; ++i) body.rate[i] = (i % 2 ? 1.5 : -1.0);
  const auto energy = [&] {
    mjData* d = mujoco.data();
    for (int i = 0; i < 3; ++i) d->qpos[i] = body.p[i], d->qvel[i] = body.v[i], d->qvel[3 + i] = body.w[i];
    for (int i = 0; i < 4; ++i) d->qpos[3 + i] = body.q[i];
    for (int i = 0; i < kJoints; ++i) d->qpos[7 + i] = body.joint[i], d->qvel[6 + i] = body.rate[i];
    mj_forward(mujoco.model(), d);
    return d->energy[0] + d->energy[1];
  };
  double target[kJoints];
  hold_pose(target);
  const double before = energy();
  for (int i = 0; i < 3000; ++i) substep(model, physics, body, target);  // 0.3 s
  const double after = energy();
  INFO("energy " << before << " J before, " << after << " J after");
  CHECK(std::abs(after - before) < 2e-3 * std::abs(before));
}

TEST_CASE("a robot that holds its pose stands, on four feet that carry its weight") {
  const Model model = go2_model();
  const Physics physics;
  Body<F4> body = standing_body<F4>(0.36);
  F4 target[kJoints];
  hold_pose(target);
  double deepest = 0, force = 0, outside = 0;
  for (int i = 0; i < 1200; ++i) {
    substep(model, physics, body, target);
    double weight = 0;
    for (int c = 0; c < kContacts; ++c) {
      const double normal = value(body.impulse[c][2]), x = value(body.impulse[c][0]), y = value(body.impulse[c][1]);
      CHECK(normal >= 0);
      outside = std::max(outside, std::hypot(x, y) - physics.friction * normal);
      weight += normal / physics.dt;
    }
    force = weight;
    if (i > 200) {
      const Rotation<F4> r = rotation_of(body.q);
      Equations<F4> eq;
      F4 extra[kJoints] = {};
      equations_of(model, physics, body, r, extra, eq);
      for (int l = 0; l < kLegs; ++l) deepest = std::max(deepest, -(value(body.p[2] + dot(r.row[2], eq.leg[l].foot)) - model.foot_radius));
    }
  }
  WARN("stands at " << value(body.p[2]) << " m, carried by " << force << " N, feet " << deepest * 1000 << " mm in the ground");
  CHECK(value(body.p[2]) > 0.27);
  CHECK(std::abs(force - 15.2064 * 9.81) < 1.0);
  CHECK(deepest < 0.005);
  CHECK(outside < 1e-5);
  CHECK(std::abs(value(body.v[2])) < 1e-3);
}

TEST_CASE("dropped on its side a robot comes to rest on trunk and knees and gains no energy") {
  const Model model = go2_model();
  Physics physics;
  Body<F4> body = standing_body<F4>(0.5);
  body.q[0] = lane<F4>(0.70710678f);
  body.q[1] = lane<F4>(0.70710678f);
  F4 target[kJoints];
  hold_pose(target);
  double top = 0;
  for (int i = 0; i < 1000; ++i) {
    substep(model, physics, body, target);
    if (i > 300) top = std::max(top, value(body.p[2]));
    for (int k = 0; k < 3; ++k) REQUIRE(std::isfinite(value(body.p[k])));
    REQUIRE(std::abs(value(body.v[2])) < 6);
  }
  WARN("comes to rest at " << value(body.p[2]) << " m, highest after 1.5 s " << top);
  CHECK(value(body.p[2]) > 0.04);
  CHECK(top < 0.4);
  CHECK(std::abs(value(body.v[2])) < 0.05);
}

TEST_CASE("a standing robot that is given a sideways speed slides about as far as friction says, v^2 / (2 mu g)") {
  const Model model = go2_model();
  Physics physics;
  physics.kp = 150;
  physics.kd = 0;
  physics.joint_damping = 5;  // implicit: stiff legs without an unstable derivative
  for (const float friction : {0.05f, 0.1f}) {
    physics.friction = friction;
    Body<F4> body = standing_body<F4>(0.335);
    F4 target[kJoints];
    hold_pose(target);
    for (int i = 0; i < 400; ++i) substep(model, physics, body, target);
    const double start = value(body.p[1]), stop = 0.25 / (2 * friction * 9.81);
    body.v[1] = lane<F4>(0.5f);
    for (int i = 0; i < 600; ++i) substep(model, physics, body, target);
    const double slid = value(body.p[1]) - start;
    WARN("friction " << friction << ": slid " << slid << " m, a block slides " << stop);
    CHECK(slid > 0.7 * stop);
    CHECK(slid < 1.3 * stop);
  }
}

TEST_CASE("neighbours in a vector do not change a robot") {
  const Model model = go2_model();
  const Physics physics;
  Body<F4> one = standing_body<F4>(0.4), other = standing_body<F4>(0.4);
  F4 target[kJoints];
  hold_pose(target);
  for (int lane = 1; lane < 4; ++lane) other.p[2][lane] += 0.05f * static_cast<float>(lane), other.w[0][lane] = static_cast<float>(lane) * 0.3f;
  for (int i = 0; i < 300; ++i) {
    substep(model, physics, one, target);
    substep(model, physics, other, target);
  }
  for (int i = 0; i < kJoints; ++i) CHECK(one.joint[i][0] == other.joint[i][0]);
  CHECK(one.p[0][0] == other.p[0][0]);
}

TEST_CASE("a policy that stands still stands still in MuJoCo too, with the same score") {
  const NetworkLayout layout(NetworkShape{});
  const Policy still{{}, std::vector<float>(layout.critic.front().weights)};
  Crew crew(1);
  const Judgement ours = judge(still, {Task::Walk, 64, 3}, best_kernels(), crew), theirs = judge_in_mujoco(still, Task::Walk, 8, 3, best_kernels());
  CHECK(theirs.fell == 0);
  CHECK(theirs.score == Approx(ours.score).margin(0.08));
}

TEST_CASE("standing still scores in MuJoCo what it scores here: its share of tracking, and no hop") {
  const NetworkLayout layout(NetworkShape{});
  Policy still{{}, std::vector<float>(layout.critic.front().weights)};
  const auto scored = [&](Task task) { return judge_in_mujoco(still, task, 8, 3, best_kernels()); };
  // The mean of exp(-4 c^2) over commands from 0.2 to 0.8, or from -0.2 to -0.8, is 0.40; of 0, the command in hop, it would be 1.
  CHECK(scored(Task::Walk).score == Approx(0.40).margin(0.1));
  CHECK(scored(Task::WalkBack).score == Approx(0.40).margin(0.1));
  const Judgement hop = scored(Task::Hop);
  CHECK(hop.score == 0);
  CHECK(hop.highest == Approx(0.31).margin(0.02));
  CHECK(hop.speed_error < 0.05);
  CHECK(hop.fell == 0);
  CHECK(hop_score(0.42f) == Approx(0).margin(1e-6));
  CHECK(hop_score(0.67f) == Approx(0.5).margin(1e-6));
  CHECK(hop_score(1.3f) == 1);
}
