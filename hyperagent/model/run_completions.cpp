#include "hyperagent/model/run_completions.h"

#include <algorithm>
#include <cmath>

#include "hyperagent/model/bandit.h"
#include "hyperagent/model/command_model.h"
#include "hyperagent/model/http_model.h"
#include "hyperagent/model/wire.h"

namespace hyperagent::model {
namespace {

constexpr std::size_t kMostMessages = 200, kMostPromptBytes = 1 << 20;
constexpr std::size_t kBytesPerToken = 4, kMostTokensPerByteShare = 3;  // an estimate, and one that is rarely exceeded

Json refused(const std::string& code, const std::string& why) { return {{"error", why}, {"code", code}}; }

// The agent's words as a request, or why not.
std::variant<CompletionRequest, std::string> read_request(const Json& arguments, const Endpoint& endpoint) {
  CompletionRequest request;
  request.temperature = endpoint.temperature;
  request.max_tokens = endpoint.reply_tokens;
  if (!arguments.is_object() || !arguments.contains("messages") || !arguments["messages"].is_array() || arguments["messages"].empty())
    return "model.complete takes {\"messages\": [{\"role\": \"system\" | \"user\" | \"assistant\", \"text\": text}]}";
  if (arguments["messages"].size() > kMostMessages) return "more than " + std::to_string(kMostMessages) + " messages";
  std::size_t bytes = 0;
  for (const Json& message : arguments["messages"]) {
    const Json role = message.is_object() ? message.value("role", Json()) : Json(), text = message.is_object() ? message.value("text", Json()) : Json();
    if (!text.is_string() || (role != "system" && role != "user" && role != "assistant")) return "a message needs a role (system, user, assistant) and a text";
    bytes += text.get_ref<const std::string&>().size();
    request.messages.push_back({role.get<std::string>(), valid_utf8(text.get<std::string>())});
  }
  if (bytes > kMostPromptBytes) return "the prompt is larger than 1 MiB";
  if (request.messages.back().role != "user") return "the last message must be the user's";
  if (const auto wanted = arguments.find("temperature"); wanted != arguments.end() && wanted->is_number())
    request.temperature = std::clamp(wanted->get<double>(), 0.0, 2.0);
  if (const auto wanted = arguments.find("max_tokens"); wanted != arguments.end() && wanted->is_number())
    request.max_tokens = static_cast<int>(std::clamp(wanted->get<double>(), 1.0, static_cast<double>(endpoint.reply_tokens)));
  if (std::isnan(request.temperature)) request.temperature = endpoint.temperature;
  return request;
}

Json request_json(const std::string& model, const CompletionRequest& request) {
  Json messages = Json::array();
  for (const ModelMessage& message : request.messages) messages.push_back({{"role", message.role}, {"text", message.text}});
  return {{"model", model}, {"messages", messages}, {"temperature", request.temperature}, {"max_tokens", request.max_tokens}};
}

std::size_t prompt_bytes(const CompletionRequest& request) {
  std::size_t bytes = 0;
  for (const ModelMessage& message : request.messages) bytes += message.text.size() + 16;
  return bytes;
}

ModelUse most_of(const Endpoint& endpoint, const CompletionRequest& request) {
  ModelUse most{1, static_cast<long long>(prompt_bytes(request) / kMostTokensPerByteShare + 1), request.max_tokens, 0};
  if (endpoint.price) most.cost = endpoint.price->of(most.input_tokens, most.output_tokens);
  return most;
}

}  // namespace

ModelUse priced(const Endpoint& endpoint, const CompletionRequest& request, const Completion& completion) {
  ModelUse use = completion.use;
  use.calls = 1;
  if (completion.estimated) {
    use.input_tokens = static_cast<long long>(prompt_bytes(request) / kBytesPerToken + 1);
    use.output_tokens = static_cast<long long>(completion.text.size() / kBytesPerToken + 1);
  }
  use.cost = endpoint.price ? endpoint.price->of(use.input_tokens, use.output_tokens) : 0;
  return use;
}

Result<std::unique_ptr<ModelProvider>> make_provider(const Endpoint& endpoint, const Variables& variables, const Note& note) {
  if (endpoint.provider == "command") return std::unique_ptr<ModelProvider>(std::make_unique<CommandModel>(endpoint));
  std::string key;
  if (!endpoint.key_env.empty()) key = variables(endpoint.key_env).value_or("");
  if (key.empty() && !endpoint.key_optional)
    return user_error("the model " + endpoint.name + " needs a key: set " + endpoint.key_env + " in the environment, or write " + endpoint.key_env + "=... into a file .env here");
  if (key.find_first_of("\r\n") != std::string::npos) return user_error("the key in " + endpoint.key_env + " holds a line break; set it again");
  HttpOptions http;
  http.total_seconds = endpoint.timeout_seconds;
  http.idle_seconds = endpoint.idle_seconds;
  http.ca_file = endpoint.ca_file;
  http.proxy = endpoint.proxy;
  RetryPolicy retry;
  retry.tries = endpoint.tries;
  if (const auto first = variables("HYPERAGENT_RETRY_SECONDS")) retry.first_seconds = std::clamp(std::atof(first->c_str()), 0.001, 60.0);
  return std::unique_ptr<ModelProvider>(std::make_unique<HttpModel>(endpoint, key, retry, http, note));
}

class RunCompletions::Turn {
 public:
  Turn(RunCompletions& run, const ExchangeKey& key) : run_(run), key_(key) {
    std::unique_lock lock(run_.turns_mutex_);
    run_.turn_ended_.wait(lock, [&] { return run_.turns_.insert(key_).second; });
  }
  ~Turn() {
    {
      std::lock_guard lock(run_.turns_mutex_);
      run_.turns_.erase(key_);
    }
    run_.turn_ended_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  RunCompletions& run_;
  const ExchangeKey key_;
};

RunCompletions::RunCompletions(Parts parts)
    : parts_(std::move(parts)), meter_({parts_.settings.max_tokens, parts_.settings.max_cost}, parts_.own ? parts_.own->total() : ModelUse()) {
  if (!parts_.own) parts_.own = std::make_unique<Recording>();
}

Result<std::unique_ptr<RunCompletions>> RunCompletions::open(const ModelSettings& settings, const std::string& journal_path,
                                                             const Variables& variables, const Note& note) {
  Parts parts;
  parts.settings = settings;
  if (!settings.from.empty()) {
    auto recording = Recording::load(settings.from, settings.nearest);
    if (!recording) return recording.error();
    parts.recording = std::move(*recording);
    parts.settings.max_tokens = 0;  // a replay costs nothing; agents are still told of the budget (describe)
    parts.settings.max_cost = 0;
  } else {
    for (const Endpoint& endpoint : settings.endpoints) {
      if (settings.max_cost > 0 && !endpoint.price)
        return user_error("--max-cost needs the price of " + endpoint.model + ": write [prices.\"" + endpoint.model + "\"] with input and output (US dollars per million tokens) into hyperagent.toml");
      auto provider = make_provider(endpoint, variables, note);
      if (!provider) return provider.error();
      parts.providers.push_back(std::move(*provider));
    }
  }
  if (!journal_path.empty()) {
    auto own = std::make_unique<Recording>();
    if (auto read = own->read(journal_path); !read) return read.error();
    auto journal = Journal::open(journal_path);
    if (!journal) return journal.error();
    parts.own = std::move(own);
    parts.journal.emplace(std::move(*journal));
  }
  const ModelSettings told = settings;
  auto completions = std::make_unique<RunCompletions>(std::move(parts));
  completions->parts_.settings = told;
  return completions;
}

Result<Json> RunCompletions::complete(const CallSite& site, int number, const Json& arguments, const CancelFlag& cancel, ModelUse& use) {
  const auto& endpoints = parts_.settings.endpoints;
  const auto named = std::find_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& e) { return e.name == site.model; });
  const std::size_t index = named == endpoints.end() ? 0 : static_cast<std::size_t>(named - endpoints.begin());
  const Endpoint& endpoint = endpoints[index];
  auto read = read_request(arguments, endpoint);
  if (const auto* why = std::get_if<std::string>(&read)) return refused("malformed", *why);
  const CompletionRequest& request = std::get<CompletionRequest>(read);
  Exchange exchange;
  exchange.site = site;
  exchange.number = number;
  exchange.request = request_json(endpoint.name, request);
  const ExchangeKey key = exchange.key();
  const Turn turn(*this, key);
  if (auto known = parts_.own->find(key)) {
    use += known->use;
    return std::move(known->reply);
  }
  if (parts_.recording) {
    auto recorded = parts_.recording->find(key);
    if (!recorded && parts_.settings.nearest) recorded = parts_.recording->nearest(site, number, exchange.request);
    if (!recorded)
      return user_error("the recording " + parts_.settings.from + " has no answer to call " + std::to_string(number + 1) + " of " + site.entry + " (" + site.place +
                        "): program, prompt or options differ from the recorded run's; --replay nearest takes the most similar answer");
    exchange.reply = std::move(recorded->reply);
    exchange.use = recorded->use;
  } else {
    auto asked = ask(endpoint, *parts_.providers[index], std::move(exchange), request, cancel);
    if (!asked) return asked.error();
    exchange = std::move(*asked);
  }
  if (parts_.journal)
    if (auto written = parts_.journal->append(exchange); !written) return written.error();
  parts_.own->add(exchange);
  use += exchange.use;
  return std::move(exchange.reply);
}

Result<Exchange> RunCompletions::ask(const Endpoint& endpoint, ModelProvider& provider, Exchange exchange, const CompletionRequest& request, const CancelFlag& cancel) {
  auto reservation = meter_.reserve(most_of(endpoint, request));
  if (!reservation)
    return interrupted_error(meter_.exhausted() == "cost" ? "the budget of money is spent: give more with `resume --max-cost`" : "the budget of tokens is spent: give more with `resume --max-tokens`");
  const int now = ++in_flight_;
  for (int most = most_in_flight_; now > most && !most_in_flight_.compare_exchange_weak(most, now);) {
  }
  auto reply = provider.complete(request, cancel);
  --in_flight_;
  if (!reply) return reply.error();
  if (const auto* refusal = std::get_if<ModelRefusal>(&*reply)) {
    exchange.reply = refused(refusal->code, refusal->message);
    exchange.use = {1, static_cast<long long>(prompt_bytes(request) / kBytesPerToken + 1), 0, 0};
    if (endpoint.price) exchange.use.cost = endpoint.price->of(exchange.use.input_tokens, 0);
    exchange.estimated = true;
  } else {
    const Completion& completion = std::get<Completion>(*reply);
    exchange.reply = {{"text", completion.text}, {"model", completion.model}, {"stop", completion.stop}};
    exchange.use = priced(endpoint, request, completion);
    exchange.estimated = completion.estimated;
    exchange.tries = completion.tries;
    exchange.seconds = completion.seconds;
  }
  reservation->settle(exchange.use);
  return exchange;
}

std::vector<std::string> RunCompletions::assign(const Pool& pool, std::span<Rng> slots) const {
  std::vector<std::string> names, assigned;
  for (const Endpoint& endpoint : parts_.settings.endpoints) names.push_back(endpoint.name);
  if (names.size() == 1) return std::vector<std::string>(slots.size(), names.front());
  std::vector<Arm> arms = arms_of(pool, names);
  for (Rng& slot : slots) {
    Rng own = slot;  // what else the slot draws stays as it is
    Arm& arm = arms[choose_arm(arms, own)];
    const double before = arm.pulls > 0 ? arm.pulls : 1;
    arm.cost += arm.cost / before;
    arm.reward += arm.pulls > 0 ? arm.reward / before : 0;
    arm.pulls += 1;
    assigned.push_back(arm.model);
  }
  return assigned;
}

Json RunCompletions::describe(const ModelUse& used) const {
  const ModelSettings& s = parts_.settings;
  Json names = Json::array();
  for (const Endpoint& endpoint : s.endpoints) names.push_back(endpoint.name);
  double left = 1;
  if (s.max_tokens > 0) left = std::min(left, 1 - static_cast<double>(used.tokens()) / static_cast<double>(s.max_tokens));
  if (s.max_cost > 0) left = std::min(left, 1 - used.cost / s.max_cost);
  return {{"models", names}, {"budget_left", std::max(0.0, std::round(left * 1000) / 1000)}, {"limited", s.max_tokens > 0 || s.max_cost > 0}};
}

Result<Json> RunCompletions::limits_told(int generation, const Json& now) {
  if (auto before = parts_.own->limits_told(generation)) return std::move(*before);
  Told told{generation, now};
  // The most similar answers serve other runs than the recorded one, whose limits are their own.
  if (parts_.recording && !parts_.settings.nearest)
    if (auto recorded = parts_.recording->limits_told(generation)) told.limits = std::move(*recorded);
  if (parts_.journal)
    if (auto written = parts_.journal->append(told); !written) return written.error();
  parts_.own->add(told);
  return std::move(told.limits);
}

}  // namespace hyperagent::model
