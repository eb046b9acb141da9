#include "domains/robot_reward/ppo.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "domains/robot_reward/noise.h"
#include "domains/robot_reward/presets.h"
#include "domains/robot_reward/timer.h"

namespace hyperagent::robot {
namespace {

constexpr int kCurvePoints = 10, kPart = 128;
constexpr float kLargestReward = 1e6f;

}  // namespace

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
    : Training(options, make_cpu_environments(arena_options(options, task), options.steps, reward.reward, kernels, crew), reward.components,
               crew, engine) {}

Training::Training(const PpoOptions& options, std::unique_ptr<Environments> environments, ComponentsFunction components, Crew& crew,
                   Engine& engine)
    : options_(options),
      components_(components),
      crew_(crew),
      engine_(engine),
      layout_(options.shape),
      environments_(std::move(environments)),
      numbers_(random_network(layout_, options.seed)),
      seen_(static_cast<std::size_t>(std::min(environments_->size(), kMostSeen))),
      rate_(options.first_rate),
      divergence_(static_cast<double>(options.gamma)) {
  for (std::size_t j = 0; j < kActions; ++j) numbers_[layout_.log_deviation + j] = std::log(options.first_deviation);
  engine_.begin(numbers_);
}

Training::~Training() = default;

TrainingTimes Training::times() const {
  return {inference_seconds_, environments_->simulation_seconds(), environments_->reward_seconds(), update_seconds_};
}

std::size_t Training::rows() const { return environments_->rollout().row(options_.steps); }

bool Training::fail(const std::string& why, int iteration) {
  failure_ = why + ", in iteration " + std::to_string(iteration + 1) + " of " + std::to_string(options_.iterations);
  return false;
}

bool Training::done(const Result<void>& call, int iteration) {
  if (call) return true;
  if (call.error().kind != ErrorKind::UserInput) fault_ = call.error();
  return fail(call.error().message, iteration);
}

TrainingOutcome Training::run() {
  TrainingOutcome outcome;
  for (int iteration = 0; iteration < options_.iterations; ++iteration) {
    const int due = static_cast<int>(outcome.curve.size()) * std::max(1, options_.iterations - 1) / (kCurvePoints - 1);
    const bool report = iteration >= due && outcome.curve.size() < kCurvePoints;
    CurvePoint point;
    point.iteration = iteration + 1;
    bound_noise(iteration);
    if (!collect(iteration, report, outcome, point) || !update(iteration, point)) break;
    outcome.environment_steps += static_cast<long long>(rows());
    if (report) outcome.curve.push_back(point);
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
  engine_.bound_log_deviation(bound);
  numbers_ = engine_.numbers();
}

bool Training::collect(int iteration, bool report, TrainingOutcome& outcome, CurvePoint& point) {
  Rollout& rollout = environments_->rollout();
  std::copy_n(numbers_.begin() + static_cast<std::ptrdiff_t>(layout_.log_deviation), kActionStride, rollout.log_deviation);
  if (!done(environments_->begin(), iteration)) return false;
  for (int t = 0; t <= options_.steps; ++t) {
    {
      const Timer timer(inference_seconds_);
      engine_.forward(rollout, t);
    }
    if (t == options_.steps) break;  // its values are what the last step leads to
    const bool look = report && t == options_.steps / 2 && components_ != nullptr;
    const auto place = static_cast<std::uint64_t>(iteration * options_.steps + t);
    const auto seen = look ? std::span(seen_) : std::span<ha::robot::State>();
    if (!done(environments_->step(t, action_noise(options_.seed, place, rollout.log_deviation), seen), iteration)) return false;
    if (look && !report_components(outcome, iteration)) return false;
  }
  const auto view = environments_->host_view();
  if (!view) return done(view.error(), iteration);
  if (!check_rewards(*view, iteration)) return false;
  if (report) summarise(*view, point);
  estimate_advantages(*view);
  return done(environments_->hand_back(), iteration);
}

bool Training::check_rewards(const HostView& view, int iteration) {
  for (std::size_t at = 0; at < rows(); ++at) {
    const float reward = view.results[at].reward;
    if (!(std::fabs(reward) <= kLargestReward))
      return fail(std::isnan(reward)   ? "the reward was not a number"
                  : std::isinf(reward) ? "the reward was infinite"
                                       : "the reward was larger than a million",
                  iteration);
    largest_reward_ = std::max(largest_reward_, std::fabs(reward));
  }
  return true;
}

void Training::summarise(const HostView& view, CurvePoint& point) const {
  double falls = 0;
  for (std::size_t at = 0; at < rows(); ++at) {
    const StepResult& result = view.results[at];
    if (std::isfinite(result.error) && std::isfinite(result.height)) {
      point.tracking += std::exp(-4 * result.error * result.error);
      point.speed_error += std::fabs(result.error);
      point.height += result.height;
    }
    point.reward += result.reward;
    falls += result.fell;
  }
  const double count = static_cast<double>(rows());
  for (double* sum : {&point.tracking, &point.speed_error, &point.height, &point.reward}) *sum /= count;
  point.fall_rate = falls / (count * kStepSeconds / 60);
}

bool Training::report_components(TrainingOutcome& outcome, int iteration) {
  std::vector<ComponentCurve> now;
  for (const ha::robot::State& state : seen_) {
    ha::robot::Components parts;
    try {
      components_(state, parts);
    } catch (...) {
      return fail("components() threw an exception", iteration);
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
      found->mean[0] += parts.value[k] / static_cast<double>(seen_.size());
      found->least[0] = std::min<double>(found->least[0], parts.value[k]);
      found->largest[0] = std::max<double>(found->largest[0], parts.value[k]);
    }
  }
  for (const ComponentCurve& c : now) {
    auto found =
        std::find_if(outcome.components.begin(), outcome.components.end(), [&](const ComponentCurve& o) { return o.name == c.name; });
    if (found == outcome.components.end()) {
      if (outcome.components.size() >= ha::robot::Components::kMost) continue;
      outcome.components.push_back({c.name, {}, {}, {}});
      found = outcome.components.end() - 1;
    }
    found->mean.push_back(c.mean[0]);
    found->least.push_back(c.least[0]);
    found->largest.push_back(c.largest[0]);
  }
  return true;
}

void Training::estimate_advantages(const HostView& view) {
  const int n = environments_->size(), parts = (n + kPart - 1) / kPart;
  struct Sums {
    double advantage = 0, square = 0, value = 0;
  };
  std::vector<Sums> sums(static_cast<std::size_t>(parts));
  crew_.run(parts, [&](int part) {
    Sums sum;
    for (int i = part * kPart; i < std::min(n, (part + 1) * kPart); ++i) {
      const auto row = [&](int t) { return environments_->rollout().row(t) + static_cast<std::size_t>(i); };
      float advantage = 0, next = view.values[row(options_.steps)];
      for (int t = options_.steps - 1; t >= 0; --t) {
        const std::size_t at = row(t);
        const StepResult& result = view.results[at];
        const float value = view.values[at], going_on = result.fell != 0 || result.timed_out != 0 ? 0.0f : 1.0f;
        // As rsl_rl: the reward of a control step is reward * dt, and a time-out goes on as if from the value seen.
        const float reward = result.reward * kStepSeconds + (result.timed_out != 0 ? options_.gamma * value : 0.0f);
        const float delta = reward + options_.gamma * going_on * next - value;
        advantage = delta + options_.gamma * options_.lambda * going_on * advantage;
        view.advantages[at] = advantage;
        view.returns[at] = advantage + value;
        next = value;
        sum.advantage += static_cast<double>(advantage);
        sum.square += static_cast<double>(advantage) * static_cast<double>(advantage);
        sum.value += std::fabs(static_cast<double>(value));
      }
    }
    sums[static_cast<std::size_t>(part)] = sum;
  });
  Sums all;
  for (const Sums& sum : sums) {
    all.advantage += sum.advantage;
    all.square += sum.square;
    all.value += sum.value;
  }
  const double count = static_cast<double>(rows()), mean = all.advantage / count;
  const double deviation = std::sqrt(std::max(0.0, (all.square - count * mean * mean) / (count - 1)));
  const float middle = static_cast<float>(mean), scale = static_cast<float>(1 / (deviation + 1e-8));
  for (std::size_t at = 0; at < rows(); ++at) view.advantages[at] = (view.advantages[at] - middle) * scale;
  mean_value_ = all.value / count;
}

// The rate follows the divergence of the policy; the gradient is cut to the largest one.
AdamStep Training::next_step(const LossParts& loss) {
  if (loss.kl > 2 * options_.wanted_kl)
    rate_ = std::max(1e-5f, rate_ / 1.5f);
  else if (loss.kl < options_.wanted_kl / 2 && loss.kl > 0)
    rate_ = std::min(1e-2f, rate_ * 1.5f);
  ++adam_steps_;
  const float first_left = 1 - static_cast<float>(std::pow(kFirstDecay, static_cast<double>(adam_steps_)));
  const float second_left = std::sqrt(1 - static_cast<float>(std::pow(kSecondDecay, static_cast<double>(adam_steps_))));
  const float scale = std::min(1.0f, options_.largest_gradient / (static_cast<float>(loss.gradient_norm) + 1e-6f));
  return {scale, rate_ / first_left, second_left};
}

bool Training::update(int iteration, CurvePoint& point) {
  const Timer timer(update_seconds_);
  const std::size_t blocks = rows() / kBlock;
  const auto per_batch = static_cast<std::ptrdiff_t>(blocks) / options_.minibatches;
  std::vector<std::int32_t> order(blocks);
  engine_.take(environments_->rollout());
  for (int epoch = 0; epoch < options_.epochs; ++epoch) {
    for (std::size_t i = 0; i < blocks; ++i) order[i] = static_cast<std::int32_t>(i);
    const auto place = static_cast<std::uint64_t>(iteration * options_.epochs + epoch);
    for (std::size_t i = blocks; i-- > 1;) std::swap(order[i], order[hashed(options_.seed ^ 0x5f1e, place, i) % (i + 1)]);
    for (int m = 0; m < options_.minibatches; ++m) {
      const auto from = order.cbegin() + m * per_batch;
      const LossParts loss = engine_.gradient({from, from + per_batch}, options_.loss);
      point.kl += loss.kl / (options_.epochs * options_.minibatches);
      if (!std::isfinite(loss.gradient_norm) || !std::isfinite(loss.value))
        return fail("the training diverged: its loss or the gradient is not finite", iteration);
      engine_.step(next_step(loss));
    }
  }
  numbers_ = engine_.numbers();
  if (!std::all_of(numbers_.begin(), numbers_.end(), [](float x) { return std::isfinite(x); }))
    return fail("the training diverged: its network's numbers are not finite", iteration);
  if (const std::string why = divergence_.after(point.kl, mean_value_, static_cast<double>(largest_reward_ * kStepSeconds)); !why.empty())
    return fail(why, iteration);
  point.rate = rate_;
  for (std::size_t j = 0; j < kActions; ++j) point.deviation += std::exp(numbers_[layout_.log_deviation + j]) / kActions;
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
