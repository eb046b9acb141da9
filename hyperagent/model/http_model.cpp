#include "hyperagent/model/http_model.h"

#include <chrono>
#include <functional>
#include <thread>

namespace hyperagent::model {
namespace {

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
double seconds_since_1970() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

// A different pause for each thread and moment; results do not depend on it.
double jitter() {
  const auto seed = std::hash<std::thread::id>()(std::this_thread::get_id()) + static_cast<std::size_t>(seconds_now() * 1e6);
  return static_cast<double>(seed * 0x9E3779B97F4A7C15ull >> 40) / static_cast<double>(1 << 24);
}

bool mentions(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (text.find(word) != std::string::npos) return true;
  return false;
}

bool about_length(const std::string& words) {
  return mentions(words, {"context length", "context_length", "maximum context", "too long", "too many tokens", "context size", "context window", "exceeds the limit", "prompt is too"});
}

}  // namespace

HttpModel::HttpModel(Endpoint endpoint, std::string key, RetryPolicy retry, HttpOptions http)
    : endpoint_(std::move(endpoint)), key_(std::move(key)), retry_(retry), client_(std::move(http)) {}

std::string HttpModel::without_key(std::string text) const {
  if (key_.size() < 4) return text;  // "x", "none": what local servers are given
  for (std::size_t at = 0; (at = text.find(key_, at)) != std::string::npos;) text.replace(at, key_.size(), "[key]");
  return text;
}

Error HttpModel::endpoint_error(const std::string& what, const std::string& advice) const {
  return environment_error("the model " + endpoint_.name + " at " + endpoint_.base_url + " " + without_key(what) + "; " + advice);
}

// Some servers and models do not know a parameter and say so: leave it out from then on.
bool HttpModel::adapted(const std::string& words) {
  std::lock_guard lock(mutex_);
  const Quirks before = quirks_;
  if (mentions(words, {"max_completion_tokens"})) quirks_.max_completion_tokens = true;
  else if (mentions(words, {"stream_options", "include_usage"})) quirks_.no_stream_options = true;
  else if (mentions(words, {"temperature"})) quirks_.no_temperature = true;
  return before.max_completion_tokens != quirks_.max_completion_tokens || before.no_stream_options != quirks_.no_stream_options ||
         before.no_temperature != quirks_.no_temperature;
}

HttpModel::Try HttpModel::of_error(const HttpReply& reply) {
  const std::string words = without_key(error_words(reply));
  if (reply.status == 413 || ((reply.status == 400 || reply.status == 422) && about_length(words))) return ModelReply(ModelRefusal{"prompt_too_long", words});
  if ((reply.status == 400 || reply.status == 422) && mentions(words, {"content policy", "content_policy", "content management", "safety"}))
    return ModelReply(ModelRefusal{"refused", words});
  if ((reply.status == 400 || reply.status == 422) && adapted(words)) return Again{words, std::nullopt, true};
  if (reply.status == 401 || reply.status == 403)
    return Error{ErrorKind::UserInput, "the model " + endpoint_.name + " at " + endpoint_.base_url + " does not accept the key (" + words + "); set " +
                                           (endpoint_.key_env.empty() ? "key_env" : endpoint_.key_env) + " in the environment or in .env"};
  if (reply.status == 404)
    return Error{ErrorKind::UserInput, "there is no model '" + endpoint_.model + "' at " + endpoint_.base_url + " (" + words + "); check --model and --base-url"};
  if (reply.status == 402 || (reply.status == 429 && mentions(words, {"insufficient_quota", "exceeded your current quota", "credit balance"})))
    return endpoint_error("has no credit left (" + words + ")", "add some, or use another model");
  if (worth_a_retry(reply.status)) return Again{words, retry_after(reply, seconds_since_1970())};
  if (reply.status >= 300 && reply.status < 400) return endpoint_error("redirects (" + words + ")", "give the address it leads to as --base-url");
  return endpoint_error("turned the request down (" + words + ")", "`hyperagent doctor --model " + endpoint_.name + "` tries it alone");
}

HttpModel::Try HttpModel::once(const CompletionRequest& request, const CancelFlag& cancel) {
  Quirks quirks;
  {
    std::lock_guard lock(mutex_);
    quirks = quirks_;
  }
  const Posted posted = post_for(endpoint_, key_, request, quirks);
  auto answer = client_.post(posted.url, posted.headers, posted.body, cancel);
  if (const auto* fault = std::get_if<HttpFault>(&answer)) {
    if (fault->kind == HttpFault::Cancelled) return interrupted_error("stopped on request");
    if (fault->kind == HttpFault::TooLarge) return ModelReply(ModelRefusal{"too_large", fault->message});
    if (fault->kind == HttpFault::Setup) return endpoint_error("cannot be reached: " + fault->message, "check --base-url, ca_file and proxy");
    return Again{fault->message, std::nullopt};
  }
  const HttpReply& reply = std::get<HttpReply>(answer);
  if (reply.status != 200) return of_error(reply);
  auto read = read_reply(endpoint_, reply);
  if (auto* malformed = std::get_if<Malformed>(&read)) return Again{without_key(malformed->why), std::nullopt};
  if (auto* refusal = std::get_if<ModelRefusal>(&read)) return ModelReply(std::move(*refusal));
  Completion completion = std::get<Completion>(std::move(read));
  completion.text = without_key(std::move(completion.text));  // a hostile server has the key and may hand it to the agent
  completion.model = without_key(std::move(completion.model));
  return ModelReply(std::move(completion));
}

Result<ModelReply> HttpModel::complete(const CompletionRequest& request, const CancelFlag& cancel) {
  const double began = seconds_now();
  int adaptations = 0;
  for (int tries = 1;; ++tries) {
    Try result = once(request, cancel);
    if (auto* error = std::get_if<Error>(&result)) return std::move(*error);
    if (auto* reply = std::get_if<ModelReply>(&result)) {
      if (auto* completion = std::get_if<Completion>(reply)) {
        completion->tries = tries;
        completion->seconds = seconds_now() - began;
      }
      return std::move(*reply);
    }
    const Again& again = std::get<Again>(result);
    if (again.at_once && ++adaptations <= 3) continue;
    if (again.asked && *again.asked > retry_.longest_asked)
      return endpoint_error("asks to wait " + std::to_string(static_cast<long long>(*again.asked)) + " s (" + again.why + ")", "go on later with `hyperagent resume`");
    if (tries >= retry_.tries)
      return endpoint_error("gave no answer in " + std::to_string(tries) + " tries, at last: " + again.why,
                            "is the server up? `hyperagent doctor --model " + endpoint_.name + "` tries it alone");
    if (!wait_for(pause_before(tries, jitter(), again.asked, retry_), cancel)) return interrupted_error("stopped on request");
  }
}

}  // namespace hyperagent::model
