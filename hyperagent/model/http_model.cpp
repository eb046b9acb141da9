#include "hyperagent/model/http_model.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

namespace hyperagent::model {
namespace {

constexpr int kTriesUnreached = 4;   // of a server that nobody has heard of yet: it was not started, or the address is wrong
constexpr double kNotedPause = 1.5;  // seconds; shorter ones are over before anybody has read of them

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

HttpModel::HttpModel(Endpoint endpoint, std::string key, RetryPolicy retry, HttpOptions http, std::function<void(const std::string&)> note)
    : endpoint_(std::move(endpoint)), key_(std::move(key)), retry_(retry), client_(std::move(http)), note_(std::move(note)) {}

std::string HttpModel::without_key(std::string text) const {
  if (key_.size() < 4) return text;  // "x", "none": what local servers are given
  for (std::size_t at = 0; (at = text.find(key_, at)) != std::string::npos;) text.replace(at, key_.size(), "[key]");
  return text;
}

Error HttpModel::endpoint_error(const std::string& what, const std::string& advice) const {
  return environment_error("the model " + endpoint_.name + " at " + endpoint_.base_url + " " + without_key(what) + "; " + advice);
}

// Some servers and models do not know a parameter and say so: leave it out from then on. False when the request that was turned down
// (`used`) had left it out already; another call may have learned the same meanwhile.
bool HttpModel::adapted(const std::string& words, const Quirks& used) {
  bool Quirks::*quirk = nullptr;
  if (mentions(words, {"max_completion_tokens"}))
    quirk = &Quirks::max_completion_tokens;
  else if (mentions(words, {"stream_options", "include_usage"}))
    quirk = &Quirks::no_stream_options;
  else if (mentions(words, {"temperature"}))
    quirk = &Quirks::no_temperature;
  if (quirk == nullptr || used.*quirk) return false;
  std::lock_guard lock(mutex_);
  quirks_.*quirk = true;
  return true;
}

// The names most like the one that was asked for first: some servers have hundreds.
std::string HttpModel::models_there(const CancelFlag& cancel) {
  constexpr std::size_t kShown = 8;
  const Posted asked = list_for(endpoint_, key_);
  const auto answer = client_.get(asked.url, asked.headers, cancel);
  const auto* reply = std::get_if<HttpReply>(&answer);
  std::vector<std::string> names = reply != nullptr ? read_list(*reply) : std::vector<std::string>();
  if (names.empty()) return "check --model and --base-url";
  const auto alike = [&](const std::string& name) {
    return std::mismatch(name.begin(), name.end(), endpoint_.model.begin(), endpoint_.model.end()).first - name.begin();
  };
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) { return alike(a) > alike(b); });
  std::string text = "it has ";
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i > 0 ? ", " : "") + names[i];
  return without_key(text + (names.size() > kShown ? " and " + std::to_string(names.size() - kShown) + " more" : ""));
}

HttpModel::Try HttpModel::of_error(const HttpReply& reply, const Quirks& used, const CancelFlag& cancel) {
  const std::string words = without_key(error_words(reply));
  if (reply.status == 413 || ((reply.status == 400 || reply.status == 422) && about_length(words))) return ModelReply(ModelRefusal{"prompt_too_long", words});
  if ((reply.status == 400 || reply.status == 422) && mentions(words, {"content policy", "content_policy", "content management", "safety"}))
    return ModelReply(ModelRefusal{"refused", words});
  if ((reply.status == 400 || reply.status == 422) && adapted(words, used)) return Again{words, std::nullopt, true};
  if (reply.status == 401 || reply.status == 403)
    return Error{ErrorKind::UserInput, "the model " + endpoint_.name + " at " + endpoint_.base_url + " does not accept the key (" + words + "); set " +
                                           (endpoint_.key_env.empty() ? "key_env" : endpoint_.key_env) + " in the environment or in .env"};
  if ((reply.status == 404 || reply.status == 405) && endpoint_.provider == "ollama" && !used.openai_form &&
      !mentions(words, {endpoint_.model.c_str()})) {
    std::lock_guard lock(mutex_);
    quirks_.openai_form = true;
    return Again{words, std::nullopt, true};
  }
  if (reply.status == 404)
    return Error{ErrorKind::UserInput,
                 "there is no model '" + endpoint_.model + "' at " + endpoint_.base_url + " (" + words + "); " + models_there(cancel)};
  if (reply.status == 402 || (reply.status == 429 && mentions(words, {"insufficient_quota", "exceeded your current quota", "credit balance"})))
    return endpoint_error("has no credit left (" + words + ")", "add some, or use another model");
  if (worth_a_retry(reply.status)) return Again{words, retry_after(reply, seconds_since_1970())};
  if (reply.status >= 300 && reply.status < 400) return endpoint_error("redirects (" + words + ")", "give the address it leads to as --base-url");
  if (mentions(words, {"max_tokens", "max_completion_tokens", "output tokens"}))
    return endpoint_error("turned the request down (" + words + ")",
                          "give it fewer --reply-tokens than " + std::to_string(endpoint_.reply_tokens));
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
    return Again{fault->message, std::nullopt, false, fault->kind == HttpFault::NoConnection};
  }
  const HttpReply& reply = std::get<HttpReply>(answer);
  reached_ = true;
  if (reply.status != 200) return of_error(reply, quirks, cancel);
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
    const int most = again.unreached && !reached_ ? std::min(retry_.tries, kTriesUnreached) : retry_.tries;
    if (tries >= most)
      return endpoint_error("gave no answer in " + std::to_string(tries) + " tries, at last: " + again.why,
                            again.unreached ? std::string("start the server, or give its address with --base-url")
                                            : "is the server well? `hyperagent doctor --model " + endpoint_.name + "` tries it alone");
    const double pause = pause_before(tries, jitter(), again.asked, retry_);
    if (note_ && pause >= kNotedPause)
      note_("the model " + endpoint_.name + " gave no answer (" + again.why + "); try " + std::to_string(tries + 1) + " of " +
            std::to_string(most) + " in " + std::to_string(static_cast<int>(pause + 0.5)) + " s");
    if (!wait_for(pause, cancel)) return interrupted_error("stopped on request");
  }
}

}  // namespace hyperagent::model
