// The wire formats: what is posted for a completion, and what came back. Pure functions over text; no network, no keys but the one
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
  bool openai_form = false;            // something else than Ollama behind an Ollama address
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

// What to GET for the names of the models that a server has; no body. All three forms answer alike.
Posted list_for(const Endpoint& endpoint, const std::string& key);
std::vector<std::string> read_list(const HttpReply& reply);  // empty when it is no such list

// The server's own words of an error reply, one line, cut short; the status alone when it has none.
std::string error_words(const HttpReply& reply);

// The data of each event of a text/event-stream, in order; an unfinished last event is left out.
std::vector<std::string> event_data(const std::string& stream);

// What models think aloud before they answer: servers that do not part it off leave it in the text, up to "</think>". It would be read as
// the answer.
std::string without_thoughts(const std::string& text);

// Valid UTF-8: what is not becomes U+FFFD.
std::string valid_utf8(const std::string& text);

}  // namespace hyperagent::model
