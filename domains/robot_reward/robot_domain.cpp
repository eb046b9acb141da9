#include "domains/robot_reward/robot_domain.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <thread>
#include <vector>

#include "domains/robot_reward/presets.h"

namespace hyperagent::robot {
namespace {

constexpr const char* kName = "robot_reward";
constexpr std::array kTasks = {"walk", "walkback", "hop"};
constexpr const char* kJudgeInBox = "/opt/ha-robot-judge";
constexpr double kJudgeSeconds = 120;
constexpr std::uint64_t kJudgeSeed = 90001;  // the judge's robots are never those of a training
constexpr std::size_t kMostWhy = 300;
constexpr int kMostThreads = 32;  // what the box of a training holds, LibTorch's and the driver's beside

// What Eureka (Ma et al., 2023) asks its model to do with the same statistics.
constexpr const char* kReading =
    "\"curve\" has ten points of the training, \"components\" the mean, least and largest value of each named part of the reward at these points. A part that "
    "stays the same is not being learned: change its scale, write it anew, or drop it. A part that dwarfs the others hides them: scale it down. A score no better "
    "than the blank agent's means that the reward does not ask for the task.";

struct TaskSpec {
  std::string task;
  int seed;
  std::string id() const { return task + "/" + std::to_string(seed); }
};

const char* instruction(const std::string& task) {
  if (task == "walk") return "A reward from which a quadruped learns to walk forward at the commanded speed.";
  if (task == "walkback") return "A reward from which a quadruped learns to walk backward at the commanded speed.";
  return "A reward from which a quadruped learns to jump as high as possible.";
}

bool on_device(const Preset& preset) { return preset.name == std::string_view("gpu"); }

// What the domain's name asks for.
struct Variant {
  const Preset* preset = nullptr;
  std::string task;
};
Result<Variant> variant_of(const std::string& name) {
  Variant variant;
  for (std::size_t at = name.find(':'); at != std::string::npos;) {
    const std::size_t end = name.find(':', at + 1);
    const std::string part = name.substr(at + 1, end == std::string::npos ? end : end - at - 1);
    const Preset* preset = find_preset(part);
    if (preset == nullptr && std::find(kTasks.begin(), kTasks.end(), part) == kTasks.end())
      return user_error("robot_reward has no preset or task \"" + part + "\"; presets are " + kPresetNames + ", tasks walk, walkback, hop");
    if (preset != nullptr ? variant.preset != nullptr : !variant.task.empty())
      return user_error(name + " names two presets or tasks; a run is about one of each");
    if (preset != nullptr)
      variant.preset = preset;
    else
      variant.task = part;
    at = end;
  }
  if (variant.preset == nullptr) variant.preset = &kPresets.front();
  if (variant.task.empty()) variant.task = kTasks.front();
  return variant;
}

// The host's half of a training on a device; results do not depend on it. Not on the CPU presets: there each worker has a core.
int host_threads() { return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostThreads); }

class NoServices : public TaskServices {
 public:
  Result<std::optional<Json>> call(const std::string&, const Json&) override { return std::optional<Json>(); }
};

class RobotDomain : public Domain {
 public:
  RobotDomain(const RobotDomainOptions& options, const Variant& variant) : options_(options), preset_(*variant.preset) {
    tasks_[0] = {{variant.task, 1}};
    tasks_[1] = {{variant.task, 2}};
    for (const char* task : kTasks)
      for (int seed : {11, 12, 13}) tasks_[2].push_back({task, seed});
  }

  std::string name() const override { return options_.name; }
  Json describe() const override {
    return {{"name", options_.name},          {"description", description()}, {"metric", "score"}, {"vocabulary", Json::object()},
            {"blocks", Json::array({"ha/robot.h"})}, {"labels", Json::array()}, {"reading", kReading}};
  }
  std::size_t size(Split split) const override { return of(split).size(); }
  std::string task_id(Split split, std::size_t index) const override { return of(split).at(index).id(); }
  Json input(Split split, std::size_t index) const override {
    const TaskSpec& task = of(split).at(index);
    Json training = {{"task", task.task}, {"seed", task.seed}, {"preset", preset_.name}, {"instruction", instruction(task.task)}};
    if (on_device(preset_)) training["threads"] = host_threads();
    return {{"id", task.id()}, {"input", training}};
  }
  std::unique_ptr<TaskServices> services(Split, std::size_t) const override { return std::make_unique<NoServices>(); }

  Result<TaskResult> grade(Split split, std::size_t index, const Json& answer) const override {
    const TaskSpec& task = of(split).at(index);
    TaskResult result{.task = task.id(), .score = 0, .detail = Json::object()};
    if (!answer.is_object()) {
      result.detail["why"] = "the training gave no policy";
      return result;
    }
    for (const char* part : {"curve", "components", "steps", "device"})
      if (answer.contains(part) && answer[part].dump(-1, ' ', false, Json::error_handler_t::replace).size() < 20000) result.detail[part] = answer[part];
    if (!answer.contains("policy")) {
      std::string why = answer.contains("failed") && answer["failed"].is_string() ? answer["failed"].get<std::string>() : "the training gave no policy";
      result.detail["why"] = why.size() > kMostWhy ? "the training failed" : why;
      return result;
    }
    // What trains a policy also runs the agent's reward: a larger one could be forged that takes the judge longer than its time.
    if (const Json& policy = answer["policy"]; !policy.is_object() || policy.value("hidden", Json()) != Json(preset_.hidden)) {
      result.detail["why"] = "the training gave a policy of another shape than trainings of " + options_.name + " have";
      return result;
    }
    auto judged = ask_judge({{"policy", answer["policy"]}, {"task", task.task}, {"seed", kJudgeSeed + static_cast<std::uint64_t>(task.seed)}, {"robots", 256}, {"threads", 1}});
    if (!judged) return judged.error();
    if (judged->contains("refused")) {
      result.detail["why"] = "the judge refused the policy: " + judged->value("refused", "");
      return result;
    }
    const double score = judged->value("score", 0.0);
    result.score = std::isfinite(score) ? std::clamp(score, 0.0, 1.0) : 0;
    for (const char* part : {"average_fitness", "fell", "speed_error", "highest"}) result.detail[part] = std::round(judged->value(part, 0.0) * 1e6) / 1e6;
    return result;
  }

  Json metrics(std::span<const TaskResult> results) const override {
    std::map<std::string, std::vector<TaskResult>> kinds;
    for (const TaskResult& result : results) kinds[result.task.substr(0, result.task.find('/'))].push_back(result);
    Json metrics = Json::object();
    for (const auto& [kind, own] : kinds) {
      const Score score = score_of(own);
      metrics[kind] = score.mean;
      if (score.n > 1) metrics[kind + " stderr"] = score.standard_error;
      double fitness = 0;
      for (const TaskResult& result : own) fitness += result.detail.is_object() ? result.detail.value("average_fitness", 0.0) : 0.0;
      metrics[kind + " average_fitness"] = fitness / static_cast<double>(own.size());
    }
    return metrics;
  }

  std::size_t first_stage() const override { return 1; }
  double gate_slack() const override { return 0.05; }
  std::string entry() const override { return "reward"; }
  std::string blank_agent() const override { return "reward_blank"; }
  double solve_seconds() const override { return preset_.seconds; }

 private:
  const std::vector<TaskSpec>& of(Split split) const { return tasks_[static_cast<std::size_t>(split)]; }

  // Our own program on data that an agent could have forged: in a box too, but its failure is ours.
  Result<Json> ask_judge(const Json& request) const {
    BoxSpec box;
    box.argv = {kJudgeInBox};
    box.read_only = {{options_.judge, kJudgeInBox}};
    box.limits.wall_seconds = kJudgeSeconds;
    auto process = options_.launcher->start(box);
    if (!process) return process.error();
    (*process)->send(request.dump(-1, ' ', false, Json::error_handler_t::replace));
    const auto frame = (*process)->receive(kJudgeSeconds);
    const Json reply = frame ? Json::parse(*frame, nullptr, false) : Json();
    if (reply.is_object()) return reply;
    return environment_error("the robot's judge gave no judgement: it " + hyperagent::describe((*process)->wait()) + "; is the machine overloaded?");
  }
  RobotDomainOptions options_;
  Preset preset_;
  std::array<std::vector<TaskSpec>, 3> tasks_;
};

}  // namespace

bool is_robot_domain(const std::string& name) { return name == kName || name.starts_with(std::string(kName) + ":"); }

bool wants_device(const std::string& name) {
  if (!is_robot_domain(name)) return false;
  const auto variant = variant_of(name);
  return variant && on_device(*variant->preset);
}

std::string description() {
  return "A reward function from which a quadruped learns by reinforcement; a separate judge scores what it learned. "
         "robot_reward:cpu and robot_reward:gpu train longer; :walkback and :hop search on these tasks instead of walk (robot_reward:cpu:hop).";
}

Result<std::unique_ptr<Domain>> open_robot_domain(const RobotDomainOptions& options) {
  const auto variant = variant_of(options.name);
  if (!variant) return variant.error();
  if (options.judge.empty())
    return environment_error("this hyperagent was built without the robot: install libtorch-dev, configure with -DHYPERAGENT_ROBOT=ON and build again");
  const std::string module = options.judge.substr(0, options.judge.rfind('/') + 1) + "ha-robot-torch.so";
  if (on_device(*variant->preset) && ::access(module.c_str(), R_OK) != 0)
    return environment_error("the preset gpu trains with LibTorch, and " + module + " is missing: build again with -DHYPERAGENT_ROBOT=ON");
  if (options.launcher == nullptr) return environment_error("the domain robot_reward needs boxes, and none can be made here; run `hyperagent doctor`");
  return std::unique_ptr<Domain>(std::make_unique<RobotDomain>(options, *variant));
}

}  // namespace hyperagent::robot
