// Proximal policy optimisation as rsl_rl does it (adaptive learning rate by KL, clipped value loss, time-outs bootstrapped), with the
// reference's hyperparameters as defaults. A training depends on its options alone, not on threads.
//
//   Training training(options, task, reward, kernels, crew, engine);   // robots on the CPU
//   auto outcome = training.run();       // a policy, or why there is none
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domains/robot_reward/divergence.h"
#include "domains/robot_reward/engine.h"
#include "domains/robot_reward/environments.h"

namespace hyperagent::robot {

struct PpoOptions {
  int robots = 4096, steps = 24, iterations = 101, epochs = 5, minibatches = 4;
  float gamma = 0.99f, lambda = 0.95f, first_rate = 1e-3f, wanted_kl = 0.01f, largest_gradient = 1.0f;
  float first_deviation = 1.0f;  // of the action noise, in units of actions (0.25 rad)
  // An upper bound of the noise that falls from the first to the last deviation, evenly on a logarithmic scale, over the first 80% of the
  // training. Infinite: no bound, as in the reference.
  float last_deviation = std::numeric_limits<float>::infinity();
  LossWeights loss;
  NetworkShape shape{{512, 256, 128}};
  std::uint64_t seed = 1;
};

// Of presets.h. User error that lists the names.
Result<PpoOptions> preset(const std::string& name);

// A reward under test. Neither function may be trusted: they are called in the box of the trainer.
using ComponentsFunction = void (*)(const ha::robot::State&, ha::robot::Components&);
struct RewardProgram {
  RewardFunction reward = nullptr;
  ComponentsFunction components = nullptr;  // may be null
};

// The robots of a training.
ArenaOptions arena_options(const PpoOptions& options, Task task);

// A point of the learning curve, means over one iteration's robots and steps.
struct CurvePoint {
  int iteration = 0;
  double reward = 0, tracking = 0, speed_error = 0, height = 0, fall_rate = 0 /* per robot and minute */, deviation = 0, rate = 0, kl = 0;
};

// Mean, least and largest value of a named part of the reward at each of the curve's points.
struct ComponentCurve {
  std::string name;
  std::vector<double> mean, least, largest;
};

struct TrainingOutcome {
  std::optional<Policy> policy;   // absent: the training failed
  std::string failure;            // whose words are for the reward's author
  std::optional<Error> fault;     // the failure was ours: a device that stopped working
  std::vector<CurvePoint> curve;  // 10 points over the training
  std::vector<ComponentCurve> components;
  long long environment_steps = 0;
};
Json to_json(const TrainingOutcome& outcome);

struct TrainingTimes {  // seconds; for benchmarks, never part of an outcome
  double inference = 0, simulation = 0, reward = 0, update = 0;
};

class Training {
 public:
  // Kernels, crew and engine are borrowed for the object's life.
  Training(const PpoOptions& options, Task task, const RewardProgram& reward, const Kernels& kernels, Crew& crew, Engine& engine);
  // With robots elsewhere, made with arena_options(). `components` may be null and is always called here.
  Training(const PpoOptions& options, std::unique_ptr<Environments> environments, ComponentsFunction components, Crew& crew,
           Engine& engine);
  ~Training();
  TrainingOutcome run();
  TrainingTimes times() const;
  // Told (iterations done, in all) after each.
  std::function<void(int, int)> progress;

 private:
  // These return false where the training ends, having said why.
  bool collect(int iteration, bool report, TrainingOutcome& outcome, CurvePoint& point);
  bool update(int iteration, CurvePoint& point);
  bool check_rewards(const HostView& view, int iteration);
  bool report_components(TrainingOutcome& outcome, int iteration);
  bool done(const Result<void>& call, int iteration);
  bool fail(const std::string& why, int iteration);
  void bound_noise(int iteration);
  void estimate_advantages(const HostView& view);
  void summarise(const HostView& view, CurvePoint& point) const;
  AdamStep next_step(const LossParts& loss);
  std::size_t rows() const;

  PpoOptions options_;
  ComponentsFunction components_;
  Crew& crew_;
  Engine& engine_;
  NetworkLayout layout_;
  std::unique_ptr<Environments> environments_;
  std::vector<float> numbers_;  // the engine's, after each iteration
  std::vector<ha::robot::State> seen_;
  double mean_value_ = 0;     // of the iteration, by size
  float largest_reward_ = 0;  // so far, by size
  float rate_;
  long long adam_steps_ = 0;
  Divergence divergence_;
  std::string failure_;
  std::optional<Error> fault_;
  double inference_seconds_ = 0, update_seconds_ = 0;
};

}  // namespace hyperagent::robot
