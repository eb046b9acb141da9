// Which models a run uses and how they are reached: from flags, the environment (what cli/model_flags.cpp names), a TOML file and `.env`;
// the first that says something counts. OPENAI_BASE_URL, ANTHROPIC_BASE_URL and OLLAMA_HOST stand in for those providers' addresses.
//
//   --model NAME[,NAME...]   NAME is a table [model.NAME] of the file, or PROVIDER:MODEL, or a provider alone
//   providers: openai, anthropic, openrouter, ollama, llamacpp, vllm, command
//
//   [model.small]            # hyperagent.toml; all but provider may be left out
//   provider = "openai"
//   model = "gpt-4.1-mini"
//   base_url = "https://api.openai.com/v1"
//   key_env = "OPENAI_API_KEY"     # the name of a variable: a key itself is refused here
//   temperature = 0.7
//   reply_tokens = 8192
//   context = 32768          # tokens that Ollama keeps room for; its own default cuts prompts silently
//   timeout = 900
//   idle_timeout = 300       # without a byte; as long as timeout for a server on this machine, which may read a long prompt first
//   [prices."my-model"]
//   input = 0.1              # US dollars per million tokens
//   output = 0.4
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"
#include "hyperagent/model/prices.h"

namespace hyperagent::model {

// One endpoint. No key is in it, only the name of the variable that holds one: it may be stored and shown.
struct Endpoint {
  std::string name;      // as given to --model
  std::string provider;  // "openai" (the wire format), "anthropic", "ollama" or "command"
  std::string model, base_url, key_env;
  bool key_optional = false;  // a local server takes none
  std::string command;        // of provider command: for a shell
  std::string ca_file, proxy;
  double temperature = 0.7;
  int reply_tokens = 8192;  // thoughts included
  int context = 32768;
  double timeout_seconds = 900, idle_seconds = 300;
  int tries = 8;  // with doubling pauses a minute in all: the window of most rate limits
  std::optional<Price> price;  // nothing: unknown
};

struct ModelSettings {
  std::vector<Endpoint> endpoints;  // the first also serves the task halves
  long long max_tokens = 0;         // of the whole run; 0: unlimited
  double max_cost = 0;
  std::string from;                 // replay: the run directory or exchanges file whose exchanges answer; empty: live
  bool nearest = false;             // replay: the most similar exchange where there is no equal one
};

Json to_json(const ModelSettings& settings);
Result<ModelSettings> model_settings_from(const Json& json);

// What the command line said; unset members leave the file, the environment and the defaults in force.
struct ModelFlagValues {
  std::string model;        // comma-separated
  std::string config_file;  // empty: ./hyperagent.toml, else $XDG_CONFIG_HOME/hyperagent/hyperagent.toml, where there is one
  std::string base_url, command;
  std::optional<double> temperature, timeout;
  std::optional<int> reply_tokens;
};

using Variables = std::function<std::optional<std::string>(const std::string& name)>;
// The process's environment first, then the file `.env` of the current folder.
Variables environment_variables();
// NAME=VALUE lines, `export` and quotes allowed, # comments.
std::map<std::string, std::string> read_dotenv(const std::string& text);

// User errors: unknown names (the known ones are listed), a malformed file with its line, values out of range, a key in the file.
Result<ModelSettings> resolve_models(const ModelFlagValues& flags, const Variables& variables);

}  // namespace hyperagent::model
