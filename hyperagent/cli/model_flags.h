// The options that reach language models, for run, resume, evaluate and doctor.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hyperagent/cli/console.h"
#include "hyperagent/cli/run_directory.h"
#include "hyperagent/core/result.h"
#include "hyperagent/model/run_completions.h"
#include "hyperagent/model/settings.h"

namespace CLI {
class App;
}

namespace hyperagent {

struct ModelFlags {
  model::ModelFlagValues values;
  std::string from, replay;
  std::optional<long long> max_tokens;
  std::optional<double> max_cost;

  // `--model` and how it is reached; each may come from the environment instead.
  void add_to(CLI::App& app, bool model_from_environment);
  void add_budget_to(CLI::App& app, bool resuming);
  void add_replay_to(CLI::App& app);
  bool none() const { return values.model.empty() || values.model == "none"; }
  bool replays() const { return values.model == "replay"; }

  // The settings as they go into run.json; null without a model. User errors as resolve_models(). `recorded`: those of the run that is
  // replayed.
  Result<Json> settings(const Json& recorded) const;
  // Sets what was given for a run that goes on; its models stay.
  void apply_budget(Json& settings) const;
};

// The run's models, with its journal; null for a run without any. `console` hears of a model that is waited for; it outlives them.
Result<std::unique_ptr<model::RunCompletions>> open_models(const RunDirectory& directory, Console& console);

// "12 calls, 34,567 tokens, $0.012".
std::string use_text(const ModelUse& use);

}  // namespace hyperagent
