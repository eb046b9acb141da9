#include "hyperagent/cli/model_flags.h"

#include <CLI/CLI.hpp>

#include "hyperagent/cli/number_range.h"
#include "hyperagent/cli/paths.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {

void ModelFlags::add_to(CLI::App& app, bool model_from_environment) {
  CLI::Option* model =
      app.add_option("--model", values.model,
                     "Language models, comma-separated: PROVIDER:MODEL (openai, anthropic, openrouter, ollama, llamacpp, vllm), command, a "
                     "[model.NAME] of hyperagent.toml, replay, or none (default)");
  if (model_from_environment) model->envname("HYPERAGENT_MODEL");
  app.add_option("--base-url", values.base_url, "Address of the model's server, as http://localhost:8080/v1")
      ->envname("HYPERAGENT_BASE_URL");
  app.add_option("--model-command", values.command, "Program for --model command: prompt on its standard input, completion on its standard output");
  app.add_option("--model-config", values.config_file, "TOML file with models and prices (hyperagent.toml here, or in ~/.config/hyperagent)");
  app.add_option("--temperature", values.temperature, "Of the model (0.7)")->check(number_from(0, 2))->envname("HYPERAGENT_TEMPERATURE");
  app.add_option("--reply-tokens", values.reply_tokens, "Longest completion in tokens, thinking included (8192)")
      ->check(CLI::Range(1, 1'000'000))
      ->envname("HYPERAGENT_REPLY_TOKENS");
  app.add_option("--model-timeout", values.timeout, "Seconds that one completion may take (900)")
      ->check(number_from(0.05, 1e6))
      ->envname("HYPERAGENT_MODEL_TIMEOUT");
}

void ModelFlags::add_budget_to(CLI::App& app, bool resuming) {
  const std::string whole = resuming ? " (of the whole run, earlier parts included)" : "";
  app.add_option("--max-tokens", max_tokens, "Stop before more tokens than these are used" + whole)->check(CLI::Range(1LL, 1'000'000'000'000LL));
  app.add_option("--max-cost", max_cost, "Stop before more US dollars than these are spent on models" + whole)->check(number_from(1e-9, 1e9));
}

void ModelFlags::add_replay_to(CLI::App& app) {
  app.add_option("--from", from, "With --model replay: the run directory (or exchanges.jsonl) whose exchanges answer");
  app.add_option("--replay", replay, "strict (default): only equal questions are answered; nearest: the most similar one")->check(CLI::IsMember({"strict", "nearest"}));
}

Result<Json> ModelFlags::settings(const Json& recorded) const {
  if (none()) {
    if (!from.empty()) return user_error("--from goes with --model replay");
    return Json();
  }
  model::ModelSettings settings;
  if (replays()) {
    if (from.empty()) return user_error("--model replay needs --from DIR: the run directory, or its exchanges.jsonl, whose exchanges answer");
    if (recorded.is_object()) {
      auto known = model::model_settings_from(recorded);
      if (!known) return known.error();
      settings = std::move(*known);
    } else {
      model::Endpoint any;  // a file of exchanges alone: names, temperature and limits are those of nobody in particular
      any.name = any.model = "recorded";
      any.provider = "command";
      any.price = model::Price{};
      settings.endpoints.push_back(std::move(any));
    }
    settings.from = absolute_path(from);
    settings.nearest = replay == "nearest";
  } else {
    if (!from.empty()) return user_error("--from goes with --model replay");
    auto resolved = model::resolve_models(values, model::environment_variables());
    if (!resolved) return resolved.error();
    settings = std::move(*resolved);
  }
  Json json = to_json(settings);
  apply_budget(json);
  return json;
}

void ModelFlags::apply_budget(Json& settings) const {
  if (!settings.is_object()) return;
  if (max_tokens) settings["max_tokens"] = *max_tokens;
  if (max_cost) settings["max_cost"] = *max_cost;
}

Result<std::unique_ptr<model::RunCompletions>> open_models(const RunDirectory& directory, Console& console) {
  if (!directory.settings().model.is_object()) return std::unique_ptr<model::RunCompletions>();
  auto settings = model::model_settings_from(directory.settings().model);
  if (!settings) return settings.error();
  return model::RunCompletions::open(*settings, directory.exchanges(), model::environment_variables(),
                                     [&console](const std::string& line) { console.note("hyperagent: " + one_line(line, 300) + "\n"); });
}

std::string use_text(const ModelUse& use) {
  return plural(static_cast<std::size_t>(use.calls), "call") + ", " + std::to_string(use.tokens()) + " tokens" +
         (use.cost > 0 ? ", $" + decimal(use.cost, use.cost < 0.1 ? 5 : 2) : "");
}

}  // namespace hyperagent
