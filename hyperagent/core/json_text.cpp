#include "hyperagent/core/json_text.h"

namespace hyperagent {
namespace {

constexpr std::size_t kDeepest = 100;

bool too_deep(const std::string& text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepest) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

Json parse_untrusted(const std::string& text) { return too_deep(text) ? Json(Json::value_t::discarded) : Json::parse(text, nullptr, false); }

}  // namespace hyperagent
