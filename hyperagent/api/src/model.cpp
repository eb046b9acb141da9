#include <ha/model.h>

#include <algorithm>

namespace ha {
namespace {

Value message(std::string_view role, std::string_view text) { return Value::object().with("role", role).with("text", text); }

// The end of the object or list that begins at `at`, one behind its bracket; npos when it does not end.
std::size_t end_of(const std::string& text, std::size_t at) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > 100) return std::string::npos;  // nobody means that; and parsing recurses
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return i + 1;
    }
  }
  return std::string::npos;
}

Value structured(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos || (text[begin] != '{' && text[begin] != '[') || end_of(text, begin) == std::string::npos) return {};
  return Value::parse(text);
}

std::vector<std::string> fenced_blocks(const std::string& text) {
  std::vector<std::string> blocks;
  std::size_t at = 0;
  while ((at = text.find("```", at)) != std::string::npos) {
    const std::size_t line = text.find('\n', at);
    if (line == std::string::npos) break;
    const std::size_t end = text.find("\n```", line);
    if (end == std::string::npos) break;
    blocks.push_back(text.substr(line + 1, end > line ? end - line - 1 : 0));
    at = end + 4;
  }
  return blocks;
}

}  // namespace

Chat::Chat(std::string_view system) { messages_.push_back(message("system", system)); }

Said Chat::ask(Host& host, std::string_view text, int max_tokens) {
  std::vector<Value> asked = messages_;
  asked.push_back(message("user", text));
  Value request = Value::object().with("messages", Value(asked));
  if (max_tokens > 0) request = request.with("max_tokens", max_tokens);
  const Value reply = host.call("model.complete", request);
  ++questions_;
  Said said;
  if (reply.has("error") || !reply.get("text").is_text()) {
    said.error = reply.get("error").text("the host gave no completion");
    said.code = reply.get("code").text("error");
    return said;
  }
  said.text = reply.get("text").text();
  said.cut = reply.get("stop").text() == "length";
  asked.push_back(message("assistant", said.text));
  messages_ = std::move(asked);
  return said;
}

void Chat::shorten(int keep) {
  std::vector<std::size_t> turns;
  for (std::size_t i = 0; i < messages_.size(); ++i)
    if (messages_[i].get("role").text() == "user") turns.push_back(i);
  for (std::size_t i = 1; i + static_cast<std::size_t>(std::max(keep, 0)) < turns.size(); ++i) {
    const std::string text = messages_[turns[i]].get("text").text();
    if (text.size() > 200) messages_[turns[i]] = message("user", shortened(text, 160));
  }
}

Value json_in(const std::string& text) {
  if (Value whole = structured(text); !whole.is_null()) return whole;
  const std::vector<std::string> blocks = fenced_blocks(text);
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
    if (Value value = structured(*block); !value.is_null()) return value;
  int tries = 0;
  for (std::size_t at = text.find_first_of("{["); at != std::string::npos && ++tries <= 50; at = text.find_first_of("{[", at + 1)) {
    const std::size_t end = end_of(text, at);
    if (end == std::string::npos) continue;
    if (Value value = Value::parse(std::string_view(text).substr(at, end - at)); value.is_object() || (value.is_list() && value.size() > 0)) return value;
  }
  return {};
}

std::string fenced_in(const std::string& text) {
  const std::vector<std::string> blocks = fenced_blocks(text);
  return blocks.empty() ? "" : blocks.back();
}

std::string shortened(const std::string& text, int most) {
  std::size_t end = static_cast<std::size_t>(std::max(most, 0));
  if (text.size() <= end) return text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "... (" + std::to_string(text.size() - end) + " more bytes)";
}

}  // namespace ha
