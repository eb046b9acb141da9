// Networks, gradients and training: the fused engine against LibTorch and finite differences, training against itself.
#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "domains/robot_reward/divergence.h"
#include "domains/robot_reward/fitness_events.h"
#include "domains/robot_reward/fused_engine.h"
#include "domains/robot_reward/judge.h"
#include "domains/robot_reward/noise.h"
#include "domains/robot_reward/ppo.h"
#include "domains/robot_reward/torch_engine.h"
#include "tests/bench/rewards.h"

using namespace hyperagent;
using namespace hyperagent::robot;

namespace {

// A minibatch with everything random, ratios and value changes on both sides of their clips.
struct RandomBatch {
  RandomBatch(const NetworkLayout& layout, int samples) : n(samples), numbers(random_network(layout, 3)) {
    const auto fill = [&](std::vector<float>& v, std::size_t count, float scale, std::uint64_t stream) {
      v.resize(count);
      for (std::size_t i = 0; i < count; ++i) v[i] = scale * (2 * uniform_of(hashed(11, stream, i)) - 1);
    };
    const std::size_t s = static_cast<std::size_t>(samples);
    fill(observations, s * kObservationStride, 1, 1);
    fill(actions, s * kActionStride, 1.5f, 2);
    fill(old_means, s * kActionStride, 0.3f, 3);
    fill(advantages, s, 2, 4);
    fill(returns, s, 1, 5);
    fill(old_values, s, 0.5f, 6);
    fill(log_probability, s, 1, 7);
    for (std::size_t i = 0; i < s; ++i) {
      for (std::size_t j = kActions; j < kActionStride; ++j) actions[i * kActionStride + j] = old_means[i * kActionStride + j] = 0;
      log_probability[i] = -13.5f + 0.5f * log_probability[i];
    }
    for (std::size_t j = 0; j < kActions; ++j) {
      numbers[layout.log_deviation + j] = 0.02f * static_cast<float>(j) - 0.1f;
      old_log_deviation[j] = 0.01f * static_cast<float>(j);
    }
  }
  // Of one step.
  Rollout rollout() {
    Rollout r{n, 1, false, observations.data(), old_means.data(), old_values.data(), actions.data(), log_probability.data(), nullptr, advantages.data(), returns.data(), {}};
    std::copy_n(old_log_deviation, kActionStride, r.log_deviation);
    return r;
  }
  std::vector<std::int32_t> blocks() const {
    std::vector<std::int32_t> all(static_cast<std::size_t>(n / kBlock));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  LossParts gradient(Engine& engine, const LossWeights& weights = {}) {
    engine.begin(numbers);
    engine.take(rollout());
    return engine.gradient(blocks(), weights);
  }
  int n;
  std::vector<float> numbers, observations, actions, old_means, advantages, returns, old_values, log_probability;
  float old_log_deviation[kActionStride] = {};
};

double difference(const std::vector<float>& a, const std::vector<float>& b) {
  double off = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    off += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
    size += double(b[i]) * b[i];
  }
  return std::sqrt(off / size);
}

float walking_reward(const ha::robot::State& s) {
  return 3 * ha::small(ha::forward_error(s), 0.5f) + ha::small(ha::tilt(s), 0.2f) + ha::minus(ha::action_change(s), 0.01f);
}
float bad_reward(const ha::robot::State& s) { return s.time > 0.5f ? std::nanf("") : 0.0f; }
float throwing_reward(const ha::robot::State& s) {
  if (s.time > 0.5f) throw std::runtime_error("enough");
  return 0;
}
float huge_reward(const ha::robot::State& s) { return 1e30f * s.time; }
void parts_of_reward(const ha::robot::State& s, ha::robot::Components& parts) {
  parts.add("tracking", ha::small(ha::forward_error(s), 0.5f));
  parts.add("tilt", -s.gravity[0]);
}

TrainingOutcome train(const RewardProgram& reward, int iterations, int threads, std::uint64_t seed = 1) {
  PpoOptions options = *preset("cpu-quick");
  options.robots = 256;
  options.iterations = iterations;
  options.seed = seed;
  Crew crew(threads);
  FusedEngine engine(options.shape, best_kernels(), crew);
  return Training(options, Task::Walk, reward, best_kernels(), crew, engine).run();
}

}  // namespace

TEST_CASE("ELU is x above 0 and e^x - 1 below, however large x is, on every instruction set") {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> xs = {0, 0.5f, 1, 87, 88.5f, 100, 1e6f, 3e38f, infinity, -0.5f, -1, -20, -87, -100, -1e6f, -infinity};
  for (const Kernels& kernels : runnable_kernels()) {
    std::vector<float> ys = xs;
    kernels.elu(ys.data(), static_cast<int>(ys.size()));
    for (std::size_t i = 0; i < xs.size(); ++i) {
      INFO(kernels.name << ": ELU of " << xs[i] << " is " << ys[i]);
      if (xs[i] > 0)
        CHECK(ys[i] == xs[i]);
      else
        CHECK(std::fabs(ys[i] - std::expm1(xs[i])) < 2e-7f);
    }
  }
}

TEST_CASE("layers of any number of outputs are computed as by hand, on every instruction set") {
  constexpr int kSamples = 37, kInputs = 21, kInputStride = 24;
  auto drawn = [place = std::uint64_t{0}](std::size_t count) mutable {
    std::vector<float> numbers(count);
    for (float& x : numbers) x = 2 * uniform_of(hashed(7, 3, place++)) - 1;
    return numbers;
  };
  for (const int outputs : {1, 2, 16, 17, 70}) {
    const int stride = outputs + 3;
    const DenseShape shape{kSamples, kInputs, outputs, kInputStride, stride};
    const auto size = [](int a, int b) { return static_cast<std::size_t>(a * b); };
    const auto x = drawn(size(kSamples, kInputStride)), w = drawn(size(kInputs, outputs)), bias = drawn(size(outputs, 1));
    const auto back = drawn(size(kSamples, stride)), w_before = drawn(w.size()), bias_before = drawn(bias.size());
    for (const Kernels& kernels : runnable_kernels()) {
      INFO(kernels.name << ", outputs " << outputs);
      std::vector<float> y(size(kSamples, stride), 9), w_gradient = w_before, bias_gradient = bias_before;
      kernels.dense(shape, x.data(), w.data(), bias.data(), y.data());
      kernels.dense_gradient(shape, x.data(), back.data(), w_gradient.data(), bias_gradient.data());
      double worst = 0;
      for (int j = 0; j < outputs; ++j) {
        for (int i = 0; i < kSamples; ++i) {
          double sum = bias[size(j, 1)];
          for (int k = 0; k < kInputs; ++k) sum += double(x[size(i, kInputStride) + size(k, 1)]) * w[size(k, outputs) + size(j, 1)];
          worst = std::max(worst, std::fabs(sum - y[size(i, stride) + size(j, 1)]));
        }
        for (int k = 0; k <= kInputs; ++k) {  // the last one is the bias
          double sum = k < kInputs ? w_before[size(k, outputs) + size(j, 1)] : bias_before[size(j, 1)];
          for (int i = 0; i < kSamples; ++i) sum += (k < kInputs ? double(x[size(i, kInputStride) + size(k, 1)]) : 1.0) * back[size(i, stride) + size(j, 1)];
          worst = std::max(worst, std::fabs(sum - (k < kInputs ? w_gradient[size(k, outputs) + size(j, 1)] : bias_gradient[size(j, 1)])));
        }
      }
      CHECK(worst < 2e-5);
      for (int i = 0; i < kSamples; ++i) CHECK(y[size(i, stride) + size(outputs, 1)] == 9);  // nothing beside the outputs
    }
  }
}

TEST_CASE("the fused gradient agrees with LibTorch's, on every instruction set") {
  for (const NetworkShape& shape : {NetworkShape{{64, 64}}, NetworkShape{{96, 48, 32}}}) {
    const NetworkLayout layout(shape);
    RandomBatch random(layout, 2064);
    auto torch = load_torch_engine(HA_ROBOT_TORCH, shape, 1);
    INFO((torch ? "" : torch.error().message));
    REQUIRE(torch);
    const LossParts their_loss = random.gradient(**torch);
    const std::vector<float> theirs = (*torch)->last_gradient();
    const auto outputs_of = [&](Engine& engine) {
      Rollout r = random.rollout();
      std::vector<float> means(2064 * kActionStride), values(2064);
      r.means = means.data();
      r.values = values.data();
      engine.forward(r, 0);
      means.insert(means.end(), values.begin(), values.end());
      return means;
    };
    const std::vector<float> their_outputs = outputs_of(**torch);
    for (const Kernels& kernels : runnable_kernels()) {
      Crew crew(2);
      FusedEngine fused(shape, kernels, crew);
      const LossParts loss = random.gradient(fused);
      const std::vector<float> ours = fused.last_gradient();
      WARN(kernels.name << ": relative difference of the gradient " << difference(ours, theirs));
      CHECK(difference(ours, theirs) < 1e-4);
      CHECK(loss.surrogate == Approx(their_loss.surrogate).epsilon(1e-4));
      CHECK(loss.value == Approx(their_loss.value).epsilon(1e-4));
      CHECK(loss.kl == Approx(their_loss.kl).epsilon(1e-4));
      CHECK(loss.gradient_norm == Approx(their_loss.gradient_norm).epsilon(1e-4));
      CHECK(difference(outputs_of(fused), their_outputs) < 1e-5);
    }
  }
}

TEST_CASE("both engines take the same steps of Adam, keep to the bounds of the noise, and start anew with begin()") {
  const NetworkShape shape{{64, 48}};
  const NetworkLayout layout(shape);
  RandomBatch random(layout, 512);
  auto torch = load_torch_engine(HA_ROBOT_TORCH, shape, 1);
  REQUIRE(torch);
  Crew crew(1);
  FusedEngine fused(shape, best_kernels(), crew);
  std::vector<std::vector<float>> all;
  for (Engine* engine : {static_cast<Engine*>(&fused), torch->get()}) {
    const auto learn = [&] {
      random.gradient(*engine);
      CHECK(difference(engine->numbers(), random.numbers) == 0);
      // Not the whole batch: engines gather what they are told to.
      for (int step = 1; step <= 8; ++step) {
        engine->step({0.7f, 0.003f, 0.05f});
        engine->gradient({3, 1, 4, 15, 9, 26}, {});
      }
      return engine->numbers();
    };
    all.push_back(learn());
    CHECK(learn() == all.back());
    CHECK(difference(all.back(), random.numbers) > 0.01);
    for (const Layer& layer : layout.actor)
      if (layer.width > layer.outputs) CHECK(all.back()[layer.weights + static_cast<std::size_t>(layer.outputs)] == 0);  // padding
    engine->bound_log_deviation(-0.3f);
    const std::vector<float> bound = engine->numbers();
    CHECK(*std::max_element(bound.end() - kActionStride, bound.end() - kActionStride + kActions) == -0.3f);
    for (float rate : {-1e6f, 1e6f}) {
      engine->step({1, rate, 1});
      const std::vector<float> far = engine->numbers();
      for (std::size_t j = 0; j < kActions; ++j) {
        CHECK(far[layout.log_deviation + j] >= kLeastLogDeviation);
        CHECK(far[layout.log_deviation + j] <= kMostLogDeviation);
      }
    }
  }
  CHECK(difference(all[0], all[1]) < 1e-4);
}

TEST_CASE("the fused gradient agrees with finite differences of the loss") {
  const NetworkShape shape{{32, 16}};
  const NetworkLayout layout(shape);
  RandomBatch random(layout, 256);
  Crew crew(1);
  FusedEngine engine(shape, runnable_kernels().back(), crew);
  const LossWeights weights{.clip = 0.2f, .value = 0.7f, .entropy = 0.05f};
  random.gradient(engine, weights);
  const std::vector<float> gradient = engine.last_gradient();
  const auto loss = [&] {
    const LossParts parts = random.gradient(engine, weights);
    double entropy = 0;
    for (std::size_t j = 0; j < kActions; ++j) entropy += random.numbers[layout.log_deviation + j];
    return parts.surrogate + double(weights.value) * parts.value - double(weights.entropy) * entropy;
  };
  for (std::uint64_t k = 0; k < 60; ++k) {
    const std::size_t at = k < 12 ? layout.log_deviation + k : hashed(5, k, 0) % layout.log_deviation;
    const float before = random.numbers[at];
    random.numbers[at] = before + 2e-3f;
    const double up = loss();
    random.numbers[at] = before - 2e-3f;
    const double down = loss();
    random.numbers[at] = before;
    INFO("number " << at);
    CHECK(std::fabs((up - down) / 4e-3 - double(gradient[at])) < 2e-3 + 0.02 * std::fabs(double(gradient[at])));
  }
}

TEST_CASE("a gradient does not depend on the number of threads") {
  const NetworkShape shape;
  const NetworkLayout layout(shape);
  RandomBatch random(layout, 1040);
  std::vector<std::vector<float>> gradients;
  for (int threads : {1, 3}) {
    Crew crew(threads);
    FusedEngine engine(shape, best_kernels(), crew);
    random.gradient(engine);
    gradients.push_back(engine.last_gradient());
  }
  CHECK(gradients[0] == gradients[1]);
}

TEST_CASE("the same training gives the same policy whatever the number of threads, and another seed another") {
  const auto one = train({walking_reward, nullptr}, 6, 1), two = train({walking_reward, nullptr}, 6, 2), other = train({walking_reward, nullptr}, 6, 1, 2);
  REQUIRE(one.policy);
  REQUIRE(two.policy);
  CHECK(to_json(one) == to_json(two));
  CHECK(one.policy->numbers != other.policy->numbers);
}

TEST_CASE("a few seconds of training raise the reward, and its parts are reported") {
  const auto outcome = train({walking_reward, parts_of_reward}, 60, 1);
  REQUIRE(outcome.curve.size() == 10);
  INFO(to_json(outcome)["curve"].dump(1));
  CHECK(outcome.curve.back().reward > outcome.curve.front().reward + 0.5);
  CHECK(outcome.curve.back().fall_rate < 0.5 * outcome.curve.front().fall_rate);
  REQUIRE(outcome.components.size() == 2);
  CHECK(outcome.components[0].name == "tracking");
  REQUIRE(outcome.components[0].mean.size() == 10);
  CHECK(outcome.components[0].least[3] <= outcome.components[0].mean[3]);
  CHECK(outcome.components[0].mean[3] <= outcome.components[0].largest[3]);
}

TEST_CASE("a reward that is not finite, is huge or throws ends the training with a reason") {
  using Reward = float (*)(const ha::robot::State&);
  for (const auto& [reward, word] : std::vector<std::pair<Reward, std::string>>{{bad_reward, "not a number"}, {throwing_reward, "enough"}, {huge_reward, "larger than a million"}}) {
    const auto outcome = train({reward, nullptr}, 40, 2);
    CHECK_FALSE(outcome.policy);
    INFO(outcome.failure);
    CHECK(outcome.failure.find(word) != std::string::npos);
  }
}

TEST_CASE("a training that diverges is stopped early, with the measure, the iteration and the curve so far") {
  const auto stopped = [](const char* measure, void (*spoil)(PpoOptions&)) {
    PpoOptions options = *preset("cpu-quick");
    options.robots = 64;
    options.iterations = 40;
    spoil(options);
    Crew crew(1);
    FusedEngine engine(options.shape, best_kernels(), crew);
    int done = 0;
    Training training(options, Task::Walk, {walking_reward, nullptr}, best_kernels(), crew, engine);
    training.progress = [&](int iteration, int) { done = iteration; };
    const TrainingOutcome outcome = training.run();
    INFO(outcome.failure);
    CHECK_FALSE(outcome.policy);
    CHECK_FALSE(outcome.fault);
    CHECK(done < 10);
    CHECK_THAT(outcome.failure, Catch::Matchers::StartsWith("the training diverged: ") && Catch::Matchers::Contains(measure) &&
                                    Catch::Matchers::EndsWith("in iteration " + std::to_string(done + 1) + " of 40"));
    CHECK(to_json(outcome)["failed"] == outcome.failure);
    CHECK(outcome.curve.size() == static_cast<std::size_t>(done > 0));
  };
  stopped("loss or the gradient is not finite", [](PpoOptions& o) { o.loss.value = std::numeric_limits<float>::infinity(); });
  stopped("network's numbers are not finite", [](PpoOptions& o) {
    o.epochs = o.minibatches = 1;
    o.first_rate = std::numeric_limits<float>::infinity();
  });
  stopped("updates in a row changed the policy too much", [](PpoOptions& o) {
    o.wanted_kl = 1e9f;  // so that the rate is never lowered
    o.loss.clip = 1e9f;
  });
  stopped("its critic expected", [](PpoOptions& o) {
    o.epochs = o.minibatches = 1;
    o.wanted_kl = 1e9f;
    o.first_rate = 50;
  });
}

TEST_CASE("three iterations in a row diverge, two and then a good one do not, and what a critic may expect grows with the rewards") {
  Divergence watch(0.99);
  for (int again = 0; again < 5; ++again) {
    CHECK(watch.after(1.1, 9.9, 0.001).empty());
    CHECK(watch.after(1.1, 10.1, 0.001).empty());
    CHECK(watch.after(0.9, 10.1, 0.001).empty());  // a fresh network's values: no reward is so small that they count
    CHECK(watch.after(0.01, 9.9, 0.001).empty());
  }
  for (int i = 0; i < 5; ++i) CHECK(watch.after(0.01, 9e5, 1000).empty());
  CHECK(watch.after(0.01, 1.1e6, 1000).empty());
  CHECK(watch.after(0.01, 1.1e6, 1000).empty());
  CHECK_THAT(watch.after(0.01, 1.1e6, 1000), Catch::Matchers::Contains("1.1e+06"));
}

TEST_CASE("a training is not taken for diverged for its reward, useless or good, tiny or as large as may be") {
  std::vector<bench::NamedReward> rewards(std::begin(bench::kRewards), std::end(bench::kRewards));
  rewards.insert(rewards.end(), {{"tiny", [](const ha::robot::State& s) { return 1e-20f * s.velocity[0]; }},
                                 {"constant, the largest", [](const ha::robot::State&) { return 1e6f; }},
                                 {"the largest of either sign", [](const ha::robot::State& s) { return s.joint[0] > 0 ? 1e6f : -1e6f; }},
                                 {"for falls alone", [](const ha::robot::State& s) { return -1e5f * s.fell; }}});
  for (const auto& [name, reward] : rewards) {
    const auto outcome = train({reward, nullptr}, 25, 1);
    INFO(name << ": " << outcome.failure);
    CHECK(outcome.policy);
  }
}

TEST_CASE("a policy survives its way as text, and anything else is refused with a reason") {
  const NetworkLayout layout(NetworkShape{});
  Policy policy{{}, random_network(layout, 4)};
  policy.numbers.resize(layout.critic.front().weights);
  const Json json = to_json(policy);
  const auto back = policy_from(json);
  REQUIRE(back);
  CHECK(back->numbers == policy.numbers);
  for (const auto& [pointer, value] : std::vector<std::pair<const char*, Json>>{{"/hidden", Json::array()},
                                                                               {"/hidden", Json::array({64, 63})},
                                                                               {"/hidden", Json::array({64, 1 << 30})},
                                                                               {"/hidden", Json::array({64, 80})},
                                                                               {"/hidden", "64"},
                                                                               {"/numbers", "AAAA"},
                                                                               {"/numbers", "a?=="},
                                                                               {"/numbers", 3}}) {
    Json broken = json;
    broken[Json::json_pointer(pointer)] = value;
    CHECK_FALSE(policy_from(broken));
  }
  policy.numbers[17] = NAN;
  CHECK_FALSE(policy_from(to_json(policy)));
  CHECK_FALSE(policy_from(Json()));
}

TEST_CASE("jumps played from a table go half a metre over the start in every four seconds: all of hop's scale can be reached") {
  Crew crew(1);
  Arena arena({.task = Task::Hop, .robots = 64, .seed = 3, .restart = false, .physics = {}}, best_kernels(), crew);
  std::vector<float> actions(64 * kActions);
  float highest = 0;
  for (int step = 1; step <= kEpisodeSteps; ++step) {
    const int at = step % 36;
    const float thigh = at < 8 ? 3.6f : at < 12 ? -1.2f : 0;  // crouch, push, wait; a calf moves twice as much the other way
    for (std::size_t i = 0; i < actions.size(); ++i) actions[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? thigh : -2 * thigh;
    arena.act(actions.data());
    REQUIRE_FALSE(arena.fell(0));
    if (step > 50) highest = std::max(highest, arena.height(0));
    if (step % kCommandSteps == 0) {
      CHECK(highest > kStartHeight + 0.45f);
      highest = 0;
    }
    arena.settle();
  }
}

TEST_CASE("average_fitness of a perfect policy is the reference's 0.8333, and a fall in the middle raises it") {
  const auto mean = [](int falls_at) {
    FitnessEvents events(1);
    for (int step = 1, episode = 1; step <= kEpisodeSteps + 1; ++step, ++episode) {
      const bool again = step == falls_at || episode > kEpisodeSteps;
      if (again || episode % kCommandSteps == 0) events.hand_in(0);
      events.end_step();
      if (again) episode = 0;
      events.add(0, 1);
    }
    return events.mean();
  };
  CHECK(mean(0) == Approx(5.0 / 6).margin(1e-9));
  CHECK(mean(150) > mean(0));
}

TEST_CASE("the judge's robots start differently, by its seed, also in hop where they have no commands to tell them apart") {
  const NetworkLayout layout(NetworkShape{});
  Policy any{{}, random_network(layout, 4)};
  any.numbers.resize(layout.critic.front().weights);
  Crew crew(1);
  const auto highest = [&](int robots, std::uint64_t seed) { return judge(any, {Task::Hop, robots, seed}, best_kernels(), crew).highest; };
  CHECK(highest(16, 3) == highest(16, 3));
  CHECK(highest(16, 3) != highest(16, 4));
  CHECK(highest(16, 3) != highest(32, 3));
}

TEST_CASE("the judge gives standing still its share of tracking and no hop, and falls lower a score") {
  const NetworkLayout layout(NetworkShape{});
  Policy still{{}, std::vector<float>(layout.critic.front().weights)};
  Crew crew(1);
  const Judgement walk = judge(still, {Task::Walk, 64, 3}, best_kernels(), crew), hop = judge(still, {Task::Hop, 64, 3}, best_kernels(), crew);
  // The mean of exp(-4 c^2) over commands from 0.2 to 0.8 is 0.40.
  CHECK(walk.score == Approx(0.40).margin(0.05));
  CHECK(walk.fell == 0);
  CHECK(hop.score == 0);
  // The reference's average_fitness of standing still in hop is its published 0.348 (the start height over 6 events, 5 of them whole).
  CHECK(hop.average_fitness == Approx(0.348).margin(0.01));
  Policy falling = still;
  for (std::size_t j = 0; j < kActions; ++j) falling.numbers[layout.actor.back().bias + j] = j < 6 ? -8.0f : 8.0f;
  const Judgement fallen = judge(falling, {Task::Walk, 64, 3}, best_kernels(), crew);
  CHECK(fallen.fell == 1);
  CHECK(fallen.score < 0.1);
  CHECK(judge(falling, {Task::Hop, 64, 3}, best_kernels(), crew).score == 0);
}
