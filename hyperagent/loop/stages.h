// Where the time goes: seconds per stage of the pipeline, summed over the worker threads. Times go to events only, never to the pool.
#pragma once

#include <array>
#include <cstddef>

#include "hyperagent/core/clock.h"
#include "hyperagent/core/json.h"

namespace hyperagent {

enum class Stage { Select, Improve, Rewrite, Compile, Run, Score, Archive };
inline constexpr std::array<const char*, 7> kStageNames = {"select", "improve", "rewrite", "compile", "run", "score", "archive"};

// One thread.
struct StageTimes {
  std::array<double, kStageNames.size()> seconds{};

  StageTimes& operator+=(const StageTimes& other) {
    for (std::size_t i = 0; i < seconds.size(); ++i) seconds[i] += other.seconds[i];
    return *this;
  }
  // Seconds that a call timed as one stage spent on another.
  void move(double amount, Stage from, Stage to) {
    seconds[static_cast<std::size_t>(from)] -= amount;
    seconds[static_cast<std::size_t>(to)] += amount;
  }
  Json to_json() const {
    Json json = Json::object();
    for (std::size_t i = 0; i < seconds.size(); ++i) json[kStageNames[i]] = seconds[i];
    return json;
  }
};

// Adds the time from its construction to its destruction to one stage.
class Timed {
 public:
  Timed(const Clock& clock, StageTimes& times, Stage stage)
      : clock_(clock), seconds_(times.seconds[static_cast<std::size_t>(stage)]), start_(clock.seconds()) {}
  ~Timed() { seconds_ += clock_.seconds() - start_; }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  const Clock& clock_;
  double& seconds_;
  double start_;
};

}  // namespace hyperagent
