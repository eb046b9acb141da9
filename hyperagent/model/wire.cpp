#include "hyperagent/model/wire.h"

#include <algorithm>
#include <sstream>
#include <string_view>

#include "hyperagent/core/json_text.h"

namespace hyperagent::model {
namespace {

// Readers that never throw: a server's JSON may have any shape.
const Json& at(const Json& json, const char* key) {
  static const Json null;
  if (!json.is_object()) return null;
  const auto found = json.find(key);
  return found == json.end() ? null : *found;
}
const Json& first(const Json& json) {
  static const Json null;
  return json.is_array() && !json.empty() ? json[0] : null;
}
std::string text_of(const Json& json) { return json.is_string() ? json.get<std::string>() : ""; }
long long count_of(const Json& json) {
  if (!json.is_number()) return 0;
  const double number = json.get<double>();
  return number >= 0 && number < 1e12 ? static_cast<long long>(number) : 0;
}

struct Gathered {
  std::string text, model, stop;
  long long input = 0, output = 0;
  bool finished = false, shaped = false, refused = false;
};

std::variant<Completion, ModelRefusal, Malformed> as_reply(const Gathered& g) {
  if (!g.shaped) return Malformed{"the reply has another form than a completion"};
  if (!g.finished) return Malformed{"the reply ended in the middle"};
  if (g.refused) return ModelRefusal{"refused", "the model declined to answer"};
  const std::string text = without_thoughts(g.text);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return ModelRefusal{
        "empty", g.stop == "length" ? "the reply is empty: all its tokens went into thinking; raise --reply-tokens" : "the reply is empty"};
  Completion completion;
  completion.text = valid_utf8(text);
  completion.model = valid_utf8(g.model);
  completion.stop = g.stop;
  completion.use = {1, g.input, g.output, 0};
  completion.estimated = g.input == 0 && g.output == 0;
  return completion;
}

void put_openai_usage(const Json& json, Gathered& g) {
  const Json& usage = at(json, "usage");
  if (!usage.is_object()) return;
  g.input = count_of(at(usage, "prompt_tokens"));
  g.output = count_of(at(usage, "completion_tokens"));
}

void put_openai_finish(const Json& choice, Gathered& g) {
  const std::string reason = text_of(at(choice, "finish_reason"));
  if (reason.empty()) return;
  g.finished = true;
  g.stop = reason == "length" ? "length" : "end";
  if (reason == "content_filter") g.refused = true;
}

Gathered openai_whole(const Json& json) {
  Gathered g;
  const Json& choice = first(at(json, "choices"));
  const Json& message = at(choice, "message");
  g.shaped = at(message, "content").is_string() || at(message, "refusal").is_string();
  g.text = text_of(at(message, "content"));
  g.refused = g.text.empty() && at(message, "refusal").is_string();
  g.model = text_of(at(json, "model"));
  g.finished = true;
  g.stop = "end";
  put_openai_finish(choice, g);
  put_openai_usage(json, g);
  return g;
}

// An error in place of a reply, or in the middle of one: its words.
std::string fault_in(const Json& json) {
  const Json& error = at(json, "error");
  if (error.is_null()) return "";
  const std::string words = error.is_string() ? text_of(error) : text_of(at(error, "message"));
  return words.empty() ? "error" : words;
}

Gathered openai_stream(const std::vector<std::string>& events, std::string& fault) {
  Gathered g;
  for (const std::string& data : events) {
    if (data == "[DONE]") {
      g.finished = true;
      continue;
    }
    const Json json = parse_untrusted(data);
    if (!json.is_object()) return {};
    if (fault = fault_in(json); !fault.empty()) return g;
    const Json& choice = first(at(json, "choices"));
    if (at(json, "choices").is_array()) g.shaped = true;
    g.text += text_of(at(at(choice, "delta"), "content"));
    if (at(at(choice, "delta"), "refusal").is_string()) g.refused = true;
    if (g.model.empty()) g.model = text_of(at(json, "model"));
    put_openai_finish(choice, g);
    put_openai_usage(json, g);
  }
  if (g.stop.empty()) g.stop = "end";
  return g;
}

void put_anthropic_stop(const std::string& reason, Gathered& g) {
  if (reason.empty()) return;
  g.stop = reason == "max_tokens" ? "length" : "end";
  if (reason == "refusal") g.refused = true;
}

void put_anthropic_usage(const Json& usage, Gathered& g) {
  if (!usage.is_object()) return;
  const long long input = count_of(at(usage, "input_tokens")) + count_of(at(usage, "cache_read_input_tokens")) + count_of(at(usage, "cache_creation_input_tokens"));
  g.input = std::max(g.input, input);
  g.output = std::max(g.output, count_of(at(usage, "output_tokens")));
}

Gathered anthropic_whole(const Json& json) {
  Gathered g;
  g.shaped = at(json, "content").is_array();
  for (const Json& part : g.shaped ? at(json, "content") : Json::array())
    if (at(part, "type") == "text") g.text += text_of(at(part, "text"));
  g.model = text_of(at(json, "model"));
  g.finished = true;
  g.stop = "end";
  put_anthropic_stop(text_of(at(json, "stop_reason")), g);
  put_anthropic_usage(at(json, "usage"), g);
  return g;
}

Gathered anthropic_stream(const std::vector<std::string>& events, std::string& fault) {
  Gathered g;
  for (const std::string& data : events) {
    const Json json = parse_untrusted(data);
    if (!json.is_object()) return {};
    const std::string type = text_of(at(json, "type"));
    if (type == "message_start") {
      g.shaped = true;
      g.model = text_of(at(at(json, "message"), "model"));
      put_anthropic_usage(at(at(json, "message"), "usage"), g);
    } else if (type == "content_block_delta") {
      g.text += text_of(at(at(json, "delta"), "text"));
    } else if (type == "message_delta") {
      put_anthropic_stop(text_of(at(at(json, "delta"), "stop_reason")), g);
      put_anthropic_usage(at(json, "usage"), g);
    } else if (type == "message_stop") {
      g.finished = true;
    } else if (type == "error") {
      fault = fault_in(json);
      if (fault.empty()) fault = "error";
      return g;
    }
  }
  if (g.stop.empty()) g.stop = "end";
  return g;
}

// Ollama's own form: a line of JSON for each piece, the last one with the counts.
Gathered ollama_lines(const std::string& body, std::string& fault) {
  Gathered g;
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Json json = parse_untrusted(line);
    if (!json.is_object()) return {};
    if (fault = fault_in(json); !fault.empty()) return g;
    if (at(json, "message").is_object()) g.shaped = true;
    g.text += text_of(at(at(json, "message"), "content"));
    if (g.model.empty()) g.model = text_of(at(json, "model"));
    if (at(json, "done") != true) continue;
    g.finished = true;
    g.stop = text_of(at(json, "done_reason")) == "length" ? "length" : "end";
    g.input = count_of(at(json, "prompt_eval_count"));
    g.output = count_of(at(json, "eval_count"));
  }
  return g;
}

std::string one_line_of(std::string text, std::size_t most) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  text = valid_utf8(text);
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most) + "...";
}

}  // namespace

std::string without_thoughts(const std::string& text) {
  constexpr std::string_view kOpen = "<think>", kClose = "</think>";
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size()), open = text.find(kOpen), close = text.find(kClose);
  const bool opened = open == begin;  // some prompts end with the opening tag, and the text has the closing one only
  if (!opened && (close == std::string::npos || close > open)) return text;
  if (close == std::string::npos) return "";  // it never came to an answer
  const std::size_t answer = text.find_first_not_of(" \t\r\n", close + kClose.size());
  return answer == std::string::npos ? "" : text.substr(answer);
}

std::string valid_utf8(const std::string& text) { return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>(); }

std::vector<std::string> event_data(const std::string& stream) {
  std::vector<std::string> events;
  std::string data;
  bool any = false;
  std::size_t begin = 0;
  while (begin < stream.size()) {
    std::size_t end = stream.find('\n', begin);
    if (end == std::string::npos) break;
    std::string line = stream.substr(begin, end - begin);
    begin = end + 1;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) {
      if (any) events.push_back(std::move(data));
      data.clear();
      any = false;
    } else if (line.starts_with("data:")) {
      if (any) data += '\n';
      data += line.substr(line.starts_with("data: ") ? 6 : 5);
      any = true;
    }
  }
  return events;
}

namespace {

// The address without the "/v1" of its OpenAI-compatible form.
std::string ollama_root(const Endpoint& endpoint) {
  return endpoint.base_url.ends_with("/v1") ? endpoint.base_url.substr(0, endpoint.base_url.size() - 3) : endpoint.base_url;
}

}  // namespace

Posted post_for(const Endpoint& endpoint, const std::string& key, const CompletionRequest& request, const Quirks& quirks) {
  Posted posted;
  posted.headers = {"Content-Type: application/json", "Accept: text/event-stream, application/json", "User-Agent: hyperagent"};
  Json body = {{"model", endpoint.model}, {"stream", true}, {"messages", Json::array()}};
  if (!quirks.no_temperature) body["temperature"] = request.temperature;
  if (endpoint.provider == "anthropic") {
    posted.url = endpoint.base_url + (endpoint.base_url.ends_with("/v1") ? "/messages" : "/v1/messages");
    posted.headers.push_back("anthropic-version: 2023-06-01");
    if (!key.empty()) posted.headers.push_back("x-api-key: " + key);
    std::string system;
    for (const ModelMessage& message : request.messages) {
      if (message.role == "system") system += (system.empty() ? "" : "\n\n") + message.text;
      else body["messages"].push_back({{"role", message.role}, {"content", message.text}});
    }
    if (!system.empty()) body["system"] = system;
    body["max_tokens"] = request.max_tokens;
    body["temperature"] = std::min(request.temperature, 1.0);
    if (quirks.no_temperature) body.erase("temperature");
  } else if (endpoint.provider == "ollama" && !quirks.openai_form) {
    posted.url = ollama_root(endpoint) + "/api/chat";
    if (!key.empty()) posted.headers.push_back("Authorization: Bearer " + key);
    for (const ModelMessage& message : request.messages) body["messages"].push_back({{"role", message.role}, {"content", message.text}});
    body.erase("temperature");
    body["options"] = {{"temperature", request.temperature}, {"num_predict", request.max_tokens}, {"num_ctx", endpoint.context}};
  } else {
    posted.url = (endpoint.provider == "ollama" ? ollama_root(endpoint) + "/v1" : endpoint.base_url) + "/chat/completions";
    if (!key.empty()) posted.headers.push_back("Authorization: Bearer " + key);
    for (const ModelMessage& message : request.messages) body["messages"].push_back({{"role", message.role}, {"content", message.text}});
    body[quirks.max_completion_tokens ? "max_completion_tokens" : "max_tokens"] = request.max_tokens;
    if (!quirks.no_stream_options) body["stream_options"] = {{"include_usage", true}};
  }
  posted.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return posted;
}

std::variant<Completion, ModelRefusal, Malformed> read_reply(const Endpoint& endpoint, const HttpReply& reply) {
  const bool anthropic = endpoint.provider == "anthropic";
  const auto type = reply.headers.find("content-type");
  const bool stream = (type != reply.headers.end() && type->second.find("event-stream") != std::string::npos) || reply.body.starts_with("data:") ||
                      reply.body.starts_with("event:") || reply.body.starts_with(":");
  std::string fault;
  Gathered gathered;
  if (stream) {
    const std::vector<std::string> events = event_data(reply.body + "\n\n");
    gathered = anthropic ? anthropic_stream(events, fault) : openai_stream(events, fault);
  } else {
    const Json json = parse_untrusted(reply.body);
    if (endpoint.provider == "ollama" && (json.is_discarded() || at(json, "done").is_boolean())) {
      gathered = ollama_lines(reply.body, fault);
    } else {
      if (json.is_discarded()) return Malformed{"the reply is not JSON: " + one_line_of(reply.body, 80)};
      fault = fault_in(json);
      gathered = anthropic ? anthropic_whole(json) : openai_whole(json);
    }
  }
  if (!fault.empty()) return Malformed{"the server broke off: " + one_line_of(fault, 200)};
  return as_reply(gathered);
}

Posted list_for(const Endpoint& endpoint, const std::string& key) {
  Posted asked = post_for(endpoint, key, {}, {});
  const bool versioned = endpoint.provider == "openai" || endpoint.base_url.ends_with("/v1");
  asked.url = endpoint.base_url + (versioned ? "/models" : "/v1/models");
  asked.body.clear();
  return asked;
}

std::vector<std::string> read_list(const HttpReply& reply) {
  std::vector<std::string> names;
  const Json json = parse_untrusted(reply.body);
  const Json& data = at(json, "data");
  for (const Json& model : reply.status == 200 && data.is_array() ? data : Json::array())
    if (const std::string name = one_line_of(text_of(at(model, "id")), 100); !name.empty()) names.push_back(name);
  return names;
}

std::string error_words(const HttpReply& reply) {
  const Json json = parse_untrusted(reply.body);
  const Json& error = at(json, "error");
  std::string words = text_of(at(error, "message"));
  if (words.empty()) words = text_of(error);
  if (words.empty()) words = text_of(at(json, "message"));
  if (words.empty()) words = text_of(at(json, "detail"));
  if (words.empty() && !json.is_object()) words = reply.body.substr(0, 1000);
  return "status " + std::to_string(reply.status) + (words.empty() ? "" : ": " + one_line_of(words, 300));
}

}  // namespace hyperagent::model
