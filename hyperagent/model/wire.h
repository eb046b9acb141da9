// The two wire formats: what is posted for a completion, and what came back. Pure functions over text; no network, no keys but the one
// handed in for a header.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "hyperagent/core/model.h"
#include "hyperagent/model/http.h"
#include "hyperagent/model/settings.h"

namespace hyperagent::model {

// What a server turned out not to know; learned from its 400s, so that one format serves many servers.
struct Quirks {
  bool no_stream_options = false;      // older OpenAI-compatible servers
  bool max_completion_tokens = false;  // newer OpenAI models take this instead of max_tokens
  bool no_temperature = false;         // reasoning models
};

struct Posted {
  std::string url;
  std::vector<std::string> headers;
  std::string body;
};
Posted post_for(const Endpoint& endpoint, const std::string& key, const CompletionRequest& request, const Quirks& quirks);

// A reply with status 200. What is no reply of the format (broken JSON, another schema, a stream that ends early) is a text: why.
struct Malformed {
  std::string why;
  bool passing = true;  // an endpoint's fault: worth another try
};
std::variant<Completion, ModelRefusal, Malformed> read_reply(const Endpoint& endpoint, const HttpReply& reply);

// The server's own words of an error reply, one line, cut short; the status alone when it has none.
std::string error_words(const HttpReply& reply);

// The data of each event of a text/event-stream, in order; an unfinished last event is left out.
std::vector<std::string> event_data(const std::string& stream);

// Valid UTF-8: what is not becomes U+FFFD.
std::string valid_utf8(const std::string& text);

}  // namespace hyperagent::model
