// Language models, for agents of either half. An agent holds no key and no address: a completion is a host call, metered and stored.
//
//   ha::Chat chat("You sort reviews. Answer with JSON {\"answer\": label}.");
//   const ha::Said said = chat.ask(host, text);
//   if (said.ok()) return ha::Answer(ha::json_in(said.text).get("answer"));
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ha/host.h>
#include <ha/value.h>

namespace ha {

// What a model said, or why it said nothing: "no_model", "limit" (24 calls), "prompt_too_long", "refused", "too_large", "empty", "malformed".
struct Said {
  std::string text;
  bool cut = false;  // it ran into the limit of tokens
  std::string code, error;
  bool ok() const { return error.empty(); }
};

// A conversation: every question carries all that was said before.
class Chat {
 public:
  explicit Chat(std::string_view system);
  // A question that fails leaves the conversation as it was. `max_tokens` 0: what the run allows.
  Said ask(Host& host, std::string_view text, int max_tokens = 0);
  int questions() const { return questions_; }
  // Long results that a later turn no longer needs: cuts all user turns but the first and the last `keep` to a line.
  void shorten(int keep);

 private:
  std::vector<Value> messages_;
  int questions_ = 0;
};

// The JSON in a reply: the whole text, the last fenced block that holds some, or the first object or list; null when there is none.
Value json_in(const std::string& text);
// The inside of the last ``` block; empty when there is none.
std::string fenced_in(const std::string& text);
// At most `most` bytes, never half a character; says how much was left out.
std::string shortened(const std::string& text, int most);

}  // namespace ha
