#include "domains/robot_reward/ppo.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "domains/robot_reward/noise.h"
#include "domains/robot_reward/presets.h"
#include "domains/robot_reward/timer.h"

namespace hyperagent::robot {
namespace {

constexpr int kCurvePoints = 10, kPart = 128, kSeen = 256;  // kSeen: robots whose components are reported
constexpr float kLargestReward = 1e6f;

struct Sums {  // of one part of the robots, over an iteration
  double reward = 0, tracking = 0, speed_error = 0, height = 0, falls = 0;
};

}  // namespace

// One iteration's samples: row t * robots + i.
struct Training::Batch {
  Batch(int robots, int steps) : rows(static_cast<std::size_t>(robots) * static_cast<std::size_t>(steps)) {
    observations.resize(rows * kObservationStride);
    for (auto* wide : {&actions, &means}) wide->resize(rows * kActionStride);
    for (auto* narrow : {&log_probability, &values, &rewards, &advantages, &returns}) narrow->resize(rows);
    ended.resize(rows);
    last_values.resize(static_cast<std::size_t>(robots));
    played.resize(static_cast<std::size_t>(robots) * kActions);
    sums.resize(static_cast<std::size_t>((robots + kPart - 1) / kPart));
    results.resize(static_cast<std::size_t>(robots));
    seen.resize(static_cast<std::size_t>(std::min(robots, kSeen)));
  }
  std::size_t rows;
  std::vector<float> observations, actions, means, log_probability, values, rewards, advantages, returns, last_values, played;
  std::vector<unsigned char> ended;
  std::vector<Sums> sums;
  std::vector<StepResult> results;     // of one control step
  std::vector<ha::robot::State> seen;
  float old_log_deviation[kActionStride] = {}, largest_reward = 0;  // so far, by size
  NormalLevels normal;
};

Result<PpoOptions> preset(const std::string& name) {
  const Preset* wanted = find_preset(name);
  if (wanted == nullptr) return user_error("there is no preset \"" + name + "\"; known are " + kPresetNames);
  PpoOptions options;
  options.robots = wanted->robots;
  options.iterations = wanted->iterations;
  options.shape.hidden = wanted->hidden;
  if (!wanted->reference) {
    options.loss.entropy = 0;
    options.last_deviation = 0.15f;
  }
  return options;
}

ArenaOptions arena_options(const PpoOptions& options, Task task) {
  return {.task = task, .robots = options.robots, .seed = options.seed, .scattered_start = true, .physics = {}};
}

Training::Training(const PpoOptions& options, Task task, const RewardProgram& reward, const Kernels& kernels, Crew& crew, Engine& engine)
    : Training(options, make_cpu_environments(arena_options(options, task), reward.reward, kernels, crew), reward.components, crew, engine) {}

Training::Training(const PpoOptions& options, std::unique_ptr<Environments> environments, ComponentsFunction components, Crew& crew,
                   Engine& engine)
    : options_(options),
      components_(components),
      crew_(crew),
      engine_(engine),
      layout_(options.shape),
      environments_(std::move(environments)),
      batch_(std::make_unique<Batch>(environments_->size(), options.steps)),
      numbers_(random_network(layout_, options.seed)),
      first_moment_(layout_.size),
      second_moment_(layout_.size),
      rate_(options.first_rate),
      divergence_(static_cast<double>(options.gamma)) {
  for (std::size_t j = 0; j < kActions; ++j) numbers_[layout_.log_deviation + j] = std::log(options.first_deviation);
}

Training::~Training() = default;

TrainingTimes Training::times() const { return {inference_seconds_, environments_->simulation_seconds(), environments_->reward_seconds(), update_seconds_}; }

void Training::fail(const std::string& why, int iteration) {
  failure_ = why + ", in iteration " + std::to_string(iteration + 1) + " of " + std::to_string(options_.iterations);
}

TrainingOutcome Training::run() {
  TrainingOutcome outcome;
  for (int iteration = 0; iteration < options_.iterations; ++iteration) {
    const int due = static_cast<int>(outcome.curve.size()) * std::max(1, options_.iterations - 1) / (kCurvePoints - 1);
    const bool report = iteration >= due && outcome.curve.size() < kCurvePoints;
    bound_noise(iteration);
    if (!collect(iteration, report, outcome)) break;
    CurvePoint point;
    if (!update(iteration, point)) break;
    outcome.environment_steps += static_cast<long long>(batch_->rows);
    if (report) {
      Sums sum;
      for (const Sums& part : batch_->sums) {
        sum.reward += part.reward;
        sum.tracking += part.tracking;
        sum.speed_error += part.speed_error;
        sum.height += part.height;
        sum.falls += part.falls;
      }
      const double rows = static_cast<double>(batch_->rows);
      point.iteration = iteration + 1;
      point.reward = sum.reward / rows;
      point.tracking = sum.tracking / rows;
      point.speed_error = sum.speed_error / rows;
      point.height = sum.height / rows;
      point.fall_rate = sum.falls / (rows * kStepSeconds / 60);
      outcome.curve.push_back(point);
    }
    if (progress) progress(iteration + 1, options_.iterations);
  }
  outcome.failure = failure_;
  outcome.fault = fault_;
  if (failure_.empty()) {
    Policy policy{options_.shape, numbers_};
    policy.numbers.resize(layout_.critic.front().weights);
    outcome.policy = std::move(policy);
  }
  return outcome;
}

void Training::bound_noise(int iteration) {
  if (!std::isfinite(options_.last_deviation)) return;
  const float progress = std::min(1.0f, static_cast<float>(iteration) / (0.8f * static_cast<float>(options_.iterations)));
  const float bound = (1 - progress) * std::log(options_.first_deviation) + progress * std::log(options_.last_deviation);
  for (std::size_t j = 0; j < kActions; ++j) {
    float& log_deviation = numbers_[layout_.log_deviation + j];
    log_deviation = std::min(log_deviation, bound);
  }
}

bool Training::collect(int iteration, bool report, TrainingOutcome& outcome) {
  Batch& b = *batch_;
  const int n = environments_->size(), parts = (n + kPart - 1) / kPart;
  std::copy_n(numbers_.begin() + static_cast<std::ptrdiff_t>(layout_.log_deviation), kActionStride, b.old_log_deviation);
  float deviation[kActionStride] = {}, constant = 0;
  for (int j = 0; j < kActions; ++j) {
    deviation[j] = std::exp(b.old_log_deviation[j]);
    constant -= b.old_log_deviation[j] + 0.918938533f;
  }
  std::fill(b.sums.begin(), b.sums.end(), Sums{});
  for (int t = 0; t < options_.steps; ++t) {
    const std::size_t row = static_cast<std::size_t>(t) * static_cast<std::size_t>(n);
    {
      const Timer timer(inference_seconds_);
      const float* observations = environments_->observations();
      std::memcpy(b.observations.data() + row * kObservationStride, observations, static_cast<std::size_t>(n) * kObservationStride * sizeof(float));
      engine_.forward(numbers_, observations, n, b.means.data() + row * kActionStride, b.values.data() + row);
      crew_.run(parts, [&](int part) {
        for (int i = part * kPart; i < std::min(n, (part + 1) * kPart); ++i) {
          const std::size_t at = row + static_cast<std::size_t>(i);
          float squares = 0;
          std::uint64_t hash = 0;
          for (int j = 0; j < kActions; ++j) {
            if (j % 5 == 0) hash = hashed(options_.seed ^ 0xac710, static_cast<std::uint64_t>(i) * 4 + static_cast<std::uint64_t>(j / 5), static_cast<std::uint64_t>(iteration * options_.steps + t));
            const float noise = b.normal.level(hash, j % 5);
            squares += noise * noise;
            const float action = b.means[at * kActionStride + static_cast<std::size_t>(j)] + deviation[j] * noise;
            b.actions[at * kActionStride + static_cast<std::size_t>(j)] = action;
            b.played[static_cast<std::size_t>(i * kActions + j)] = action;
          }
          b.log_probability[at] = constant - 0.5f * squares;
        }
      });
    }
    const bool look = report && t == options_.steps / 2 && components_ != nullptr;
    const auto played = environments_->step(b.played.data(), b.results, look ? std::span(b.seen) : std::span<ha::robot::State>());
    if (!played) {
      if (played.error().kind != ErrorKind::UserInput) fault_ = played.error();
      fail(played.error().message, iteration);
      return false;
    }
    for (const StepResult& result : b.results) {
      b.largest_reward = std::max(b.largest_reward, std::fabs(result.reward));
      if (std::fabs(result.reward) <= kLargestReward) continue;
      fail(std::isnan(result.reward) ? "the reward was not a number" : std::isinf(result.reward) ? "the reward was infinite" : "the reward was larger than a million", iteration);
      return false;
    }
    for (int i = 0; i < n; ++i) {
      const StepResult& result = b.results[static_cast<std::size_t>(i)];
      const std::size_t at = row + static_cast<std::size_t>(i);
      Sums& sum = b.sums[static_cast<std::size_t>(i / kPart)];
      if (std::isfinite(result.error) && std::isfinite(result.height)) {
        sum.tracking += std::exp(-4 * result.error * result.error);
        sum.speed_error += std::fabs(result.error);
        sum.height += result.height;
      }
      sum.reward += result.reward;
      sum.falls += result.fell;
      // As rsl_rl: the reward of a control step is reward * dt, and a time-out goes on as if from the value seen.
      b.rewards[at] = result.reward * kStepSeconds + (result.timed_out != 0 ? options_.gamma * b.values[at] : 0.0f);
      b.ended[at] = result.fell != 0 || result.timed_out != 0;
    }
    if (look) report_components(outcome);
    if (!failure_.empty()) return false;
  }
  {
    const Timer timer(inference_seconds_);
    std::vector<float> unused(static_cast<std::size_t>(n) * kActionStride);
    engine_.forward(numbers_, environments_->observations(), n, unused.data(), b.last_values.data());
  }
  estimate_advantages();
  return true;
}

void Training::report_components(TrainingOutcome& outcome) {
  std::vector<ComponentCurve> now;
  for (const ha::robot::State& state : batch_->seen) {
    ha::robot::Components parts;
    try {
      components_(state, parts);
    } catch (...) {
      failure_ = "components() threw an exception";
      return;
    }
    const int count = std::clamp(parts.count, 0, ha::robot::Components::kMost);
    for (int k = 0; k < count; ++k) {
      if (!std::isfinite(parts.value[k])) continue;
      const std::string name(parts.name[k], strnlen(parts.name[k], 40));
      auto found = std::find_if(now.begin(), now.end(), [&](const ComponentCurve& c) { return c.name == name; });
      if (found == now.end()) {
        now.push_back({name, {0}, {parts.value[k]}, {parts.value[k]}});
        found = now.end() - 1;
      }
      found->mean[0] += parts.value[k] / static_cast<double>(batch_->seen.size());
      found->least[0] = std::min<double>(found->least[0], parts.value[k]);
      found->largest[0] = std::max<double>(found->largest[0], parts.value[k]);
    }
  }
  for (const ComponentCurve& c : now) {
    auto found = std::find_if(outcome.components.begin(), outcome.components.end(), [&](const ComponentCurve& o) { return o.name == c.name; });
    if (found == outcome.components.end()) {
      if (outcome.components.size() >= ha::robot::Components::kMost) continue;
      outcome.components.push_back({c.name, {}, {}, {}});
      found = outcome.components.end() - 1;
    }
    found->mean.push_back(c.mean[0]);
    found->least.push_back(c.least[0]);
    found->largest.push_back(c.largest[0]);
  }
}

void Training::estimate_advantages() {
  Batch& b = *batch_;
  const int n = environments_->size();
  double sum = 0, square = 0;
  for (int i = 0; i < n; ++i) {
    float advantage = 0, next = b.last_values[static_cast<std::size_t>(i)];
    for (int t = options_.steps - 1; t >= 0; --t) {
      const std::size_t at = static_cast<std::size_t>(t) * static_cast<std::size_t>(n) + static_cast<std::size_t>(i);
      const float going_on = b.ended[at] ? 0.0f : 1.0f;
      const float delta = b.rewards[at] + options_.gamma * going_on * next - b.values[at];
      advantage = delta + options_.gamma * options_.lambda * going_on * advantage;
      b.advantages[at] = advantage;
      b.returns[at] = advantage + b.values[at];
      next = b.values[at];
      sum += advantage;
      square += static_cast<double>(advantage) * advantage;
    }
  }
  const double rows = static_cast<double>(b.rows), mean = sum / rows;
  const float scale = static_cast<float>(1 / (std::sqrt(std::max(0.0, (square - rows * mean * mean) / (rows - 1))) + 1e-8));
  for (float& advantage : b.advantages) advantage = (advantage - static_cast<float>(mean)) * scale;
}

bool Training::update(int iteration, CurvePoint& point) {
  const Timer timer(update_seconds_);
  Batch& b = *batch_;
  const std::size_t blocks = b.rows / kBlock, per_batch = blocks / static_cast<std::size_t>(options_.minibatches);
  std::vector<std::uint32_t> order(blocks);
  const std::size_t samples = per_batch * kBlock;
  std::vector<float> observations(samples * kObservationStride), actions(samples * kActionStride), means(samples * kActionStride), columns[4], gradient;
  for (auto& column : columns) column.resize(samples);
  int minibatches = 0;
  for (int epoch = 0; epoch < options_.epochs; ++epoch) {
    for (std::size_t i = 0; i < blocks; ++i) order[i] = static_cast<std::uint32_t>(i);
    for (std::size_t i = blocks; i-- > 1;)
      std::swap(order[i], order[hashed(options_.seed ^ 0x5f1e, static_cast<std::uint64_t>(iteration * options_.epochs + epoch), i) % (i + 1)]);
    for (int m = 0; m < options_.minibatches; ++m, ++minibatches) {
      crew_.run(8, [&](int part) {
        for (std::size_t k = per_batch * static_cast<std::size_t>(part) / 8; k < per_batch * static_cast<std::size_t>(part + 1) / 8; ++k) {
          const std::size_t from = order[static_cast<std::size_t>(m) * per_batch + k] * static_cast<std::size_t>(kBlock), to = k * kBlock;
          const auto rows = [&](const std::vector<float>& source, std::vector<float>& target, std::size_t width) {
            std::memcpy(target.data() + to * width, source.data() + from * width, kBlock * width * sizeof(float));
          };
          rows(b.observations, observations, kObservationStride);
          rows(b.actions, actions, kActionStride);
          rows(b.means, means, kActionStride);
          rows(b.log_probability, columns[0], 1);
          rows(b.advantages, columns[1], 1);
          rows(b.returns, columns[2], 1);
          rows(b.values, columns[3], 1);
        }
      });
      Minibatch batch{static_cast<int>(samples), observations.data(), actions.data(), means.data(), columns[0].data(), columns[1].data(), columns[2].data(), columns[3].data(), b.old_log_deviation};
      const LossParts loss = engine_.gradient(numbers_, batch, options_.loss, gradient);
      if (loss.kl > 2 * options_.wanted_kl)
        rate_ = std::max(1e-5f, rate_ / 1.5f);
      else if (loss.kl < options_.wanted_kl / 2 && loss.kl > 0)
        rate_ = std::min(1e-2f, rate_ * 1.5f);
      point.kl += loss.kl;

      double square = 0;
      for (float g : gradient) square += static_cast<double>(g) * g;
      const float norm = static_cast<float>(std::sqrt(square));
      if (!std::isfinite(norm) || !std::isfinite(loss.value)) {
        fail("the training diverged: its loss or the gradient is not finite", iteration);
        return false;
      }
      const float scale = std::min(1.0f, options_.largest_gradient / (norm + 1e-6f));
      ++adam_steps_;
      const float first_left = 1 - static_cast<float>(std::pow(0.9, static_cast<double>(adam_steps_)));
      const float second_left = std::sqrt(1 - static_cast<float>(std::pow(0.999, static_cast<double>(adam_steps_))));
      const float step = rate_ / first_left;
      for (std::size_t i = 0; i < numbers_.size(); ++i) {
        const float g = gradient[i] * scale;
        first_moment_[i] = 0.9f * first_moment_[i] + 0.1f * g;
        second_moment_[i] = 0.999f * second_moment_[i] + 0.001f * g * g;
        numbers_[i] -= step * first_moment_[i] / (std::sqrt(second_moment_[i]) / second_left + 1e-8f);
      }
      for (int j = 0; j < kActions; ++j) {
        float& log_deviation = numbers_[layout_.log_deviation + static_cast<std::size_t>(j)];
        log_deviation = std::clamp(log_deviation, -5.0f, 2.0f);
      }
    }
  }
  point.kl /= std::max(1, minibatches);
  point.rate = rate_;
  if (!std::all_of(numbers_.begin(), numbers_.end(), [](float x) { return std::isfinite(x); })) {
    fail("the training diverged: its network's numbers are not finite", iteration);
    return false;
  }
  double value = 0;
  for (float v : b.values) value += std::fabs(v) / static_cast<double>(b.rows);
  if (const std::string why = divergence_.after(point.kl, value, static_cast<double>(b.largest_reward * kStepSeconds)); !why.empty()) {
    fail(why, iteration);
    return false;
  }
  for (int j = 0; j < kActions; ++j) point.deviation += std::exp(numbers_[layout_.log_deviation + static_cast<std::size_t>(j)]) / kActions;
  return true;
}

Json to_json(const TrainingOutcome& outcome) {
  Json json = {{"steps", outcome.environment_steps}, {"curve", Json::array()}, {"components", Json::object()}};
  // Rounded: a curve is to be read, and stays the same where only the last bits differ.
  const auto short_number = [](double x) { return std::isfinite(x) ? std::round(x * 1e4) / 1e4 : 0.0; };
  const auto short_numbers = [&](const std::vector<double>& all) {
    Json list = Json::array();
    for (double x : all) list.push_back(short_number(x));
    return list;
  };
  for (const CurvePoint& p : outcome.curve)
    json["curve"].push_back({{"iteration", p.iteration},
                             {"reward", short_number(p.reward)},
                             {"tracking", short_number(p.tracking)},
                             {"speed_error", short_number(p.speed_error)},
                             {"height", short_number(p.height)},
                             {"falls_per_minute", short_number(p.fall_rate)},
                             {"noise", short_number(p.deviation)},
                             {"kl", short_number(p.kl)},
                             {"rate", std::round(p.rate * 1e6) / 1e6}});
  for (const ComponentCurve& c : outcome.components)
    json["components"][c.name] = {{"mean", short_numbers(c.mean)}, {"min", short_numbers(c.least)}, {"max", short_numbers(c.largest)}};
  if (outcome.policy) json["policy"] = to_json(*outcome.policy);
  if (!outcome.failure.empty()) json["failed"] = outcome.failure;
  return json;
}

}  // namespace hyperagent::robot
