#include "hyperagent/model/settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>

#include <toml++/toml.h>

#include "hyperagent/core/json_text.h"

namespace hyperagent::model {
namespace {

struct Provider {
  const char* name;
  const char* wire;
  const char* base_url;
  const char* key_env;
  bool key_optional;
  const char* default_model;
};
constexpr Provider kProviders[] = {
    {"openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY", false, "gpt-4.1-mini"},
    {"anthropic", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", false, "claude-haiku-4-5"},
    {"openrouter", "openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", false, ""},
    {"ollama", "ollama", "http://localhost:11434", "OLLAMA_API_KEY", true, ""},
    {"llamacpp", "openai", "http://localhost:8080/v1", "LLAMACPP_API_KEY", true, "default"},
    {"vllm", "openai", "http://localhost:8000/v1", "VLLM_API_KEY", true, ""},
    {"command", "command", "", "", true, "command"},
};

const Provider* provider_named(const std::string& name) {
  for (const Provider& provider : kProviders)
    if (name == provider.name) return &provider;
  return nullptr;
}

std::string provider_names() {
  std::string names;
  for (const Provider& provider : kProviders) names += (names.empty() ? "" : ", ") + std::string(provider.name);
  return names;
}

bool looks_like_a_key(const std::string& text) {
  return text.starts_with("sk-") || text.size() > 60 || text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string::npos;
}

std::string config_path(const std::string& given, const Variables& variables) {
  if (!given.empty()) return given;
  std::error_code code;
  if (std::filesystem::exists("hyperagent.toml", code)) return "hyperagent.toml";
  std::string base;
  if (const auto xdg = variables("XDG_CONFIG_HOME")) base = *xdg;
  else if (const auto home = variables("HOME")) base = *home + "/.config";
  const std::string path = base + "/hyperagent/hyperagent.toml";
  return !base.empty() && std::filesystem::exists(path, code) ? path : "";
}

Result<toml::table> read_config(const std::string& path) {
  if (path.empty()) return toml::table();
  std::ifstream file(path, std::ios::binary);
  if (!file) return user_error("cannot read the model configuration " + path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    return user_error(path + ", line " + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
  }
}

Error bad_member(const std::string& where, const std::string& member, const std::string& expected) {
  return user_error("\"" + member + "\" in " + where + " must be " + expected);
}

bool plausible(double number) { return number >= 0 && number <= 1e6; }

Result<PriceTable> read_prices(const toml::table& config) {
  PriceTable prices;
  const toml::table* table = config["prices"].as_table();
  if (table == nullptr) return prices;
  for (const auto& [name, node] : *table) {
    const toml::table* entry = node.as_table();
    const auto input = entry ? (*entry)["input"].value<double>() : std::nullopt, output = entry ? (*entry)["output"].value<double>() : std::nullopt;
    if (!input || !output || !plausible(*input) || !plausible(*output))
      return user_error("[prices.\"" + std::string(name.str()) + "\"] needs input and output, both in US dollars per million tokens");
    prices[std::string(name.str())] = {*input, *output};
  }
  return prices;
}

// As Ollama's own programs read it: "host", "host:port" or a URL; a server that listens on all addresses is reached at this machine's own.
std::string url_of_ollama_host(std::string host) {
  std::string scheme = "http://";
  if (const std::size_t end = host.find("://"); end != std::string::npos) {
    scheme = host.substr(0, end + 3);
    host.erase(0, end + 3);
  }
  const std::size_t slash = std::min(host.find('/'), host.size());
  std::string place = host.substr(0, slash);
  if (place.find(':', place.find(']') == std::string::npos ? 0 : place.find(']')) == std::string::npos && scheme == "http://")
    place += ":11434";
  if (place.starts_with("0.0.0.0")) place.replace(0, 7, "localhost");
  return scheme + place + host.substr(slash);
}

Endpoint from_provider(const Provider& provider, const std::string& name, const std::string& model, const Variables& variables) {
  Endpoint endpoint;
  endpoint.name = name;
  endpoint.provider = provider.wire;
  endpoint.base_url = provider.base_url;
  endpoint.key_env = provider.key_env;
  endpoint.key_optional = provider.key_optional;
  endpoint.idle_seconds = 0;  // not said; resolve_models() knows the address and the timeout
  endpoint.model = model.empty() ? provider.default_model : model;
  const std::string prefix = std::string(provider.name) == "openai" ? "OPENAI" : std::string(provider.name) == "anthropic" ? "ANTHROPIC" : "";
  if (!prefix.empty())
    if (const auto url = variables(prefix + "_BASE_URL"); url && !url->empty()) endpoint.base_url = *url;
  if (endpoint.provider == "ollama")
    if (const auto host = variables("OLLAMA_HOST"); host && !host->empty()) endpoint.base_url = url_of_ollama_host(*host);
  return endpoint;
}

Result<void> put_table(const toml::table& table, const std::string& where, Endpoint& endpoint) {
  static const std::set<std::string> known = {"provider",    "model",        "base_url", "key_env", "command",      "ca_file", "proxy",
                                              "temperature", "reply_tokens", "context",  "timeout", "idle_timeout", "tries"};
  for (const auto& [key, node] : table) {
    const std::string member(key.str());
    if (member == "key" || member == "api_key")
      return user_error(where + " holds a key: keep keys in the environment or in .env, and name the variable with key_env");
    if (!known.contains(member)) {
      std::string names;
      for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
      return user_error(where + " has an unknown member \"" + member + "\"; known: " + names);
    }
  }
  for (auto [member, to] : {std::pair{"model", &endpoint.model}, std::pair{"base_url", &endpoint.base_url}, std::pair{"key_env", &endpoint.key_env},
                            std::pair{"command", &endpoint.command}, std::pair{"ca_file", &endpoint.ca_file}, std::pair{"proxy", &endpoint.proxy}}) {
    if (!table.contains(member)) continue;
    const auto text = table[member].value<std::string>();
    if (!text) return bad_member(where, member, "a text");
    *to = *text;
  }
  for (auto [member, to, least, most] :
       {std::tuple{"temperature", &endpoint.temperature, 0.0, 2.0}, std::tuple{"timeout", &endpoint.timeout_seconds, 0.05, 86400.0},
        std::tuple{"idle_timeout", &endpoint.idle_seconds, 1.0, 86400.0}}) {
    if (!table.contains(member)) continue;
    const auto number = table[member].value<double>();
    if (!number || !(*number >= least && *number <= most)) return bad_member(where, member, "a number");
    *to = *number;
  }
  for (auto [member, to, most] : {std::tuple{"reply_tokens", &endpoint.reply_tokens, 1'000'000},
                                  std::tuple{"context", &endpoint.context, 10'000'000}, std::tuple{"tries", &endpoint.tries, 100}}) {
    if (!table.contains(member)) continue;
    const auto number = table[member].value<int>();
    if (!number || *number < 1 || *number > most) return bad_member(where, member, "a whole number from 1 to " + std::to_string(most));
    *to = *number;
  }
  return {};
}

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream text(list);
  for (std::string part; std::getline(text, part, ',');) {
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

bool is_local(const std::string& url) {
  for (const char* host : {"://localhost", "://127.", "://[::1]"})
    if (url.find(host) != std::string::npos) return true;
  return false;
}

Result<Endpoint> endpoint_named(const std::string& name, const toml::table& config, const std::string& path, const Variables& variables) {
  if (const toml::table* table = config["model"][name].as_table()) {
    const std::string where = "[model." + name + "] of " + path;
    const auto provider_text = (*table)["provider"].value<std::string>();
    const Provider* provider = provider_text ? provider_named(*provider_text) : nullptr;
    if (provider == nullptr) return bad_member(where, "provider", "one of " + provider_names());
    Endpoint endpoint = from_provider(*provider, name, "", variables);
    if (auto put = put_table(*table, where, endpoint); !put) return put.error();
    return endpoint;
  }
  const std::size_t colon = name.find(':');
  if (const Provider* provider = provider_named(name.substr(0, colon)))
    return from_provider(*provider, name, colon == std::string::npos ? "" : name.substr(colon + 1), variables);
  std::string tables;
  if (const toml::table* models = config["model"].as_table())
    for (const auto& [key, node] : *models) tables += ", " + std::string(key.str());
  return user_error("there is no model '" + name + "': say none, replay, PROVIDER:MODEL with a provider of " + provider_names() +
                    (tables.empty() ? ", or a [model.NAME] of hyperagent.toml" : ", or one of " + path + ": " + tables.substr(2)));
}

Result<void> check(const Endpoint& e) {
  if (e.provider == "command") {
    if (e.command.empty()) return user_error("the model " + e.name + " needs a command: --model-command 'PROGRAM ARGUMENTS' (prompt on its standard input, completion on its standard output)");
    return {};
  }
  if (e.model.empty())
    return user_error("the model " + e.name + " names no model: say " + e.name + ":MODEL; `hyperagent doctor --model " + e.name +
                      ":x` lists what the server has");
  if (!e.base_url.starts_with("http://") && !e.base_url.starts_with("https://"))
    return user_error("the base URL of the model " + e.name + " must begin with http:// or https://, not '" + e.base_url + "'");
  if (const std::size_t at = e.base_url.find('@'); at != std::string::npos && at < e.base_url.find('/', e.base_url.find("//") + 2))
    return user_error("the base URL of the model " + e.name + " holds a user name or key: keep keys in the environment or in .env");
  if (!e.key_env.empty() && looks_like_a_key(e.key_env))
    return user_error("key_env of the model " + e.name + " must be the name of an environment variable, like OPENAI_API_KEY; it looks like a key itself");
  return {};
}

Json price_json(const std::optional<Price>& price) { return price ? Json{{"input", price->input}, {"output", price->output}} : Json(); }

}  // namespace

std::map<std::string, std::string> read_dotenv(const std::string& text) {
  std::map<std::string, std::string> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto strip = [](std::string& word) {
      word.erase(0, word.find_first_not_of(" \t"));
      word.erase(word.find_last_not_of(" \t\r") + 1);
    };
    strip(line);
    if (line.starts_with("export ")) line.erase(0, 7);
    const std::size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
    std::string name = line.substr(0, equals), value = line.substr(equals + 1);
    strip(name);
    strip(value);
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0]) value = value.substr(1, value.size() - 2);
    else if (const std::size_t comment = value.find(" #"); comment != std::string::npos) value.erase(value.find_last_not_of(" \t", comment) + 1);
    if (!name.empty()) values[name] = value;
  }
  return values;
}

Variables environment_variables() {
  std::ifstream file(".env", std::ios::binary);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), {});
  return [from_file = std::make_shared<const std::map<std::string, std::string>>(read_dotenv(text))](const std::string& name) -> std::optional<std::string> {
    if (const char* value = std::getenv(name.c_str()); value != nullptr && *value != '\0') return value;
    const auto found = from_file->find(name);
    return found == from_file->end() ? std::nullopt : std::optional(found->second);
  };
}

Result<ModelSettings> resolve_models(const ModelFlagValues& flags, const Variables& variables) {
  const std::string path = config_path(flags.config_file, variables);
  auto config = read_config(path);
  if (!config) return config.error();
  auto prices = read_prices(*config);
  if (!prices) return prices.error();
  ModelSettings settings;
  for (const std::string& name : parts_of(flags.model)) {
    auto endpoint = endpoint_named(name, *config, path, variables);
    if (!endpoint) return endpoint.error();
    if (!flags.base_url.empty()) endpoint->base_url = flags.base_url;
    if (!flags.command.empty() && endpoint->provider == "command") endpoint->command = flags.command;
    if (flags.temperature) endpoint->temperature = *flags.temperature;
    if (flags.reply_tokens) endpoint->reply_tokens = *flags.reply_tokens;
    if (flags.timeout) endpoint->timeout_seconds = *flags.timeout;
    while (endpoint->base_url.ends_with('/')) endpoint->base_url.pop_back();
    if (auto ok = check(*endpoint); !ok) return ok.error();
    if (!flags.base_url.empty() || is_local(endpoint->base_url)) endpoint->key_optional = true;  // many local and in-house servers take none
    if (endpoint->idle_seconds == 0)
      endpoint->idle_seconds =
          is_local(endpoint->base_url) ? endpoint->timeout_seconds : std::min(Endpoint().idle_seconds, endpoint->timeout_seconds);
    endpoint->price = price_of(endpoint->model, *prices);
    if (!endpoint->price && (endpoint->provider == "command" || endpoint->provider == "ollama" || is_local(endpoint->base_url)))
      endpoint->price = Price{};
    for (const Endpoint& other : settings.endpoints)
      if (other.name == endpoint->name) return user_error("the model " + name + " is given twice");
    settings.endpoints.push_back(std::move(*endpoint));
  }
  if (settings.endpoints.empty()) return user_error("--model names no model");
  return settings;
}

Json to_json(const ModelSettings& s) {
  Json endpoints = Json::array();
  for (const Endpoint& e : s.endpoints)
    endpoints.push_back({{"name", e.name},
                         {"provider", e.provider},
                         {"model", e.model},
                         {"base_url", e.base_url},
                         {"key_env", e.key_env},
                         {"key_optional", e.key_optional},
                         {"command", e.command},
                         {"ca_file", e.ca_file},
                         {"proxy", e.proxy},
                         {"temperature", e.temperature},
                         {"reply_tokens", e.reply_tokens},
                         {"context", e.context},
                         {"timeout", e.timeout_seconds},
                         {"idle_timeout", e.idle_seconds},
                         {"tries", e.tries},
                         {"price", price_json(e.price)}});
  return {{"endpoints", endpoints}, {"max_tokens", s.max_tokens}, {"max_cost", s.max_cost}, {"from", s.from}, {"nearest", s.nearest}};
}

Result<ModelSettings> model_settings_from(const Json& json) {
  ModelSettings s;
  try {
    for (const Json& e : json.at("endpoints")) {
      Endpoint endpoint;
      endpoint.name = e.at("name");
      endpoint.provider = e.at("provider");
      endpoint.model = e.at("model");
      endpoint.base_url = e.value("base_url", "");
      endpoint.key_env = e.value("key_env", "");
      endpoint.key_optional = e.value("key_optional", false);
      endpoint.command = e.value("command", "");
      endpoint.ca_file = e.value("ca_file", "");
      endpoint.proxy = e.value("proxy", "");
      endpoint.temperature = e.value("temperature", endpoint.temperature);
      endpoint.reply_tokens = e.value("reply_tokens", endpoint.reply_tokens);
      endpoint.context = e.value("context", endpoint.context);
      endpoint.timeout_seconds = e.value("timeout", endpoint.timeout_seconds);
      endpoint.idle_seconds = e.value("idle_timeout", endpoint.idle_seconds);
      endpoint.tries = e.value("tries", endpoint.tries);
      if (const Json price = e.value("price", Json()); price.is_object()) endpoint.price = Price{price.at("input"), price.at("output")};
      s.endpoints.push_back(std::move(endpoint));
    }
    s.max_tokens = json.value("max_tokens", s.max_tokens);
    s.max_cost = json.value("max_cost", s.max_cost);
    s.from = json.value("from", s.from);
    s.nearest = json.value("nearest", s.nearest);
  } catch (const Json::exception& error) {
    return user_error("the model settings of run.json are not as hyperagent wrote them: " + plain_words(error));
  }
  return s;
}

}  // namespace hyperagent::model
