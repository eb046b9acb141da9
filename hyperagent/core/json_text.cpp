#include "hyperagent/core/json_text.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace hyperagent {
namespace {

constexpr std::size_t kDeepest = 100, kDeepestCbor = 200;

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

// Walks the items without recursion. The library's reader calls itself for every array and object, and for the parts of strings whose length
// is not said in advance: a megabyte of 0x81 or of 0x7f would take all of the stack.
bool is_plain_cbor(const std::string& bytes) {
  std::vector<std::uint64_t> open;  // items still to come of each array and object around
  std::size_t at = 0;
  do {
    if (at >= bytes.size()) return false;
    const unsigned first = static_cast<unsigned char>(bytes[at++]), kind = first >> 5, size = first & 31;
    if (size > 27 || kind == 6) return false;
    std::uint64_t argument = size;
    if (size >= 24) {
      const std::size_t more = std::size_t{1} << (size - 24);
      if (bytes.size() - at < more) return false;
      argument = 0;
      for (std::size_t i = 0; i < more; ++i) argument = argument << 8 | static_cast<unsigned char>(bytes[at++]);
    }
    if (!open.empty()) --open.back();
    if (kind == 2 || kind == 3) {
      if (bytes.size() - at < argument) return false;
      at += argument;
    } else if (kind == 4 || kind == 5) {
      if (argument > bytes.size()) return false;  // each item takes a byte
      open.push_back(kind == 4 ? argument : 2 * argument);
      if (open.size() > kDeepestCbor) return false;
    }
    while (!open.empty() && open.back() == 0) open.pop_back();
  } while (!open.empty());
  return at == bytes.size();
}

// "line 3, column 7" of a byte, counted from 0; columns are characters.
std::string place_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const std::size_t line = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto characters = std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line), before.end(), [](char c) { return (c & 0xc0) != 0x80; });
  return "line " + std::to_string(std::count(before.begin(), before.end(), '\n') + 1) + ", column " + std::to_string(characters + 1);
}

}  // namespace

std::string plain_words(const Json::exception& error) {
  std::string words = error.what();
  if (const std::size_t code = words.find("] "); words.starts_with('[') && code != std::string::npos) words.erase(0, code + 2);
  if (!words.starts_with("parse error")) return words;
  if (const std::size_t what = words.find(" - "); what != std::string::npos) words.erase(0, what + 3);
  if (const std::size_t read = words.find("; last read: "); read != std::string::npos) {
    const std::size_t wanted = words.rfind("; expected");
    words.erase(read, wanted == std::string::npos ? wanted : wanted - read);
  }
  for (const auto& [theirs, plain] : {std::pair<std::string_view, std::string_view>{"expected '[', '{', or a literal", "expected a value"},
                                      {"expected string literal", "expected a name in double quotes"},
                                      {"invalid literal", "a word or character that is no JSON"}})
    if (const std::size_t at = words.find(theirs); at != std::string::npos) words.replace(at, theirs.size(), plain);
  return words;
}

Result<Json> parse_written(const std::string& text, const std::string& where) {
  if (too_deep(text)) return user_error(where + " is nested more than " + std::to_string(kDeepest) + " deep");
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return user_error(where + " is not JSON: " + place_of(text, error.byte > 0 ? error.byte - 1 : 0) + ": " + plain_words(error));
  } catch (const Json::exception& error) {
    return user_error(where + " is not JSON: " + plain_words(error));
  }
}

Json parse_untrusted(const std::string& text) { return too_deep(text) ? Json(Json::value_t::discarded) : Json::parse(text, nullptr, false); }

Json parse_untrusted_cbor(const std::string& bytes) {
  return is_plain_cbor(bytes) ? Json::from_cbor(bytes, true, false) : Json(Json::value_t::discarded);
}

}  // namespace hyperagent
