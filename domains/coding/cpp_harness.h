// What surrounds a C++ program under repair: fuel and depth limits, line coverage, and the way from JSON arguments to the
// typed parameters of its entry function and back. Precompiled once at build time; compiled into every batch of variants.
//
// Trust: everything here shares its process with the program under test, so nothing in it knows an expected value. It only
// turns arguments into a result; the host compares.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cctype>
#include <climits>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <queue>
#include <set>
#include <sstream>
#include <stack>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace ha_harness {

inline constexpr int kLines = 4096;
// Shared with the runner, which finds it by name in the library. Keep in step with runner_main.cpp.
struct State {
  long long fuel;   // statements left
  int depth;        // calls left on the stack
  void (*stop)(int why);  // 0: fuel, 1: depth; does not return
  unsigned char* lines;   // kLines of them, shared with the runner so that a crash keeps its coverage
  int variant;            // the variant of a schema that is switched on; 0: none
};
extern "C" {
extern State ha_program_state;
}

// Runs before every statement and on every turn of a loop. Constexpr so that it may stand in a constexpr function.
constexpr bool step(int line) {
  if (std::is_constant_evaluated()) return false;
  if (line < kLines) ha_program_state.lines[line] = 1;
  if (--ha_program_state.fuel < 0) ha_program_state.stop(0);
  return false;
}

// Stands at the start of every function body: endless recursion ends by count, not by the size of the stack.
struct Enter {
  constexpr Enter() {
    if (!std::is_constant_evaluated() && --ha_program_state.depth < 0) ha_program_state.stop(1);
  }
  constexpr ~Enter() {
    if (!std::is_constant_evaluated()) ++ha_program_state.depth;
  }
};

// What chooses among the variants of a schema.
constexpr bool in(int first, int last) {
  return !std::is_constant_evaluated() && ha_program_state.variant >= first && ha_program_state.variant <= last;
}
constexpr bool is(int variant) { return in(variant, variant); }
// A choice of exactly the type that the original expression has.
template <class T, std::same_as<T> U> constexpr T same(U value) { return value; }
// A choice that is converted to T at once.
template <class T, class U> requires(std::is_floating_point_v<T> == std::is_floating_point_v<U>) constexpr T like(U value) { return static_cast<T>(value); }

// The least JSON reader that serves: a parsed value is its text span and, for a list, its items.
struct Json {
  std::string text;  // number or word as written; a string unescaped
  bool is_string = false, is_list = false;
  std::vector<Json> items;
};

[[noreturn]] inline void bad(const char* what) { throw std::invalid_argument(what); }

inline void skip(const char*& p) {
  while (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r') ++p;
}

inline unsigned hex4(const char*& p) {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i, ++p) {
    if (!std::isxdigit(static_cast<unsigned char>(*p))) bad("ha: bad escape");
    value = value * 16 + static_cast<unsigned>(*p <= '9' ? *p - '0' : (*p | 32) - 'a' + 10);
  }
  return value;
}

inline void put_utf8(std::string& out, unsigned c) {
  if (c < 0x80) { out += static_cast<char>(c); return; }
  if (c < 0x800) { out += static_cast<char>(0xC0 | c >> 6); }
  else if (c < 0x10000) { out += static_cast<char>(0xE0 | c >> 12); out += static_cast<char>(0x80 | (c >> 6 & 63)); }
  else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 63));
    out += static_cast<char>(0x80 | (c >> 6 & 63));
  }
  out += static_cast<char>(0x80 | (c & 63));
}

inline std::string parse_string(const char*& p) {
  std::string out;
  for (++p; *p != '"';) {
    if (*p == 0) bad("ha: open string");
    if (*p != '\\') { out += *p++; continue; }
    switch (*++p) {
      case 'n': out += '\n'; ++p; break;
      case 't': out += '\t'; ++p; break;
      case 'r': out += '\r'; ++p; break;
      case 'b': out += '\b'; ++p; break;
      case 'f': out += '\f'; ++p; break;
      case 'u': {
        unsigned c = hex4(++p);
        if (c >= 0xD800 && c < 0xDC00 && p[0] == '\\' && p[1] == 'u') {
          p += 2;
          c = 0x10000 + ((c - 0xD800) << 10) + (hex4(p) - 0xDC00);
        }
        put_utf8(out, c);
        break;
      }
      default: out += *p++;
    }
  }
  ++p;
  return out;
}

inline Json parse(const char*& p) {
  Json json;
  skip(p);
  if (*p == '"') {
    json.is_string = true;
    json.text = parse_string(p);
  } else if (*p == '[') {
    json.is_list = true;
    skip(++p);
    while (*p != ']') {
      json.items.push_back(parse(p));
      skip(p);
      if (*p == ',') skip(++p);
      else if (*p != ']') bad("ha: bad list");
    }
    ++p;
  } else {
    while (*p != 0 && std::strchr(",] \n\t\r", *p) == nullptr) json.text += *p++;
    if (json.text.empty()) bad("ha: no value");
  }
  return json;
}

// Decoding by type. A parameter of type std::string_view is held as a std::string while the call lasts.
template <class T> struct Held { using type = T; };
template <> struct Held<std::string_view> { using type = std::string; };

template <class T> struct Codec {  // arithmetic types
  static T decode(const Json& j) {
    static_assert(std::is_arithmetic_v<T>, "ha: parameter type not supported");
    if (j.is_list || j.is_string) bad("ha: a number was expected");
    if constexpr (std::is_same_v<T, bool>) return j.text == "true";
    else if constexpr (std::is_floating_point_v<T>) return static_cast<T>(std::strtod(j.text.c_str(), nullptr));
    else if constexpr (std::is_unsigned_v<T>) return static_cast<T>(std::strtoull(j.text.c_str(), nullptr, 10));
    else return static_cast<T>(std::strtoll(j.text.c_str(), nullptr, 10));
  }
  static void encode(const T& value, std::string& out) {
    static_assert(std::is_arithmetic_v<T>, "ha: result type not supported");
    if constexpr (std::is_same_v<T, bool>) out += value ? "true" : "false";
    else if constexpr (std::is_floating_point_v<T>) {
      char text[64];
      if (std::isnan(value)) out += "\"nan\"";
      else if (std::isinf(value)) out += value > 0 ? "\"inf\"" : "\"-inf\"";
      else { std::snprintf(text, sizeof text, "%.17g", static_cast<double>(value)); out += text; }
    } else out += std::to_string(value);
  }
};
inline void encode_text(std::string_view value, std::string& out) {
  out += '"';
  for (unsigned char c : value) {
    if (c == '"' || c == '\\') { out += '\\'; out += static_cast<char>(c); }
    else if (c < 32 || c == 127) { char text[8]; std::snprintf(text, sizeof text, "\\u%04x", c); out += text; }
    else out += static_cast<char>(c);
  }
  out += '"';
}
template <> struct Codec<char> {
  static char decode(const Json& j) {
    if (!j.is_string || j.text.size() != 1) bad("ha: a one-character string was expected");
    return j.text[0];
  }
  static void encode(char value, std::string& out) { encode_text(std::string_view(&value, 1), out); }
};
template <> struct Codec<std::string> {
  static std::string decode(const Json& j) {
    if (!j.is_string) bad("ha: a string was expected");
    return j.text;
  }
  static void encode(const std::string& value, std::string& out) { encode_text(value, out); }
};
template <> struct Codec<std::string_view> {
  static void encode(std::string_view value, std::string& out) { encode_text(value, out); }
};
template <class A, class B> struct Codec<std::pair<A, B>> {
  static std::pair<A, B> decode(const Json& j) {
    if (!j.is_list || j.items.size() != 2) bad("ha: a pair was expected");
    return {Codec<A>::decode(j.items[0]), Codec<B>::decode(j.items[1])};
  }
  static void encode(const std::pair<A, B>& value, std::string& out) {
    out += '[';
    Codec<std::remove_const_t<A>>::encode(value.first, out);
    out += ',';
    Codec<B>::encode(value.second, out);
    out += ']';
  }
};
template <class... T> struct Codec<std::tuple<T...>> {
  template <std::size_t... I> static std::tuple<T...> decode_at(const Json& j, std::index_sequence<I...>) {
    return {Codec<T>::decode(j.items[I])...};
  }
  static std::tuple<T...> decode(const Json& j) {
    if (!j.is_list || j.items.size() != sizeof...(T)) bad("ha: a tuple was expected");
    return decode_at(j, std::index_sequence_for<T...>{});
  }
  static void encode(const std::tuple<T...>& value, std::string& out) {
    out += '[';
    bool first = true;
    std::apply([&](const auto&... part) {
      ((out += first ? "" : ",", first = false, Codec<std::decay_t<decltype(part)>>::encode(part, out)), ...);
    }, value);
    out += ']';
  }
};
template <class T> struct Codec<std::optional<T>> {
  static std::optional<T> decode(const Json& j) {
    if (!j.is_list && !j.is_string && j.text == "null") return std::nullopt;
    return Codec<T>::decode(j);
  }
  static void encode(const std::optional<T>& value, std::string& out) {
    if (value) Codec<T>::encode(*value, out);
    else out += "null";
  }
};
template <class C, class T> struct RangeCodec {
  static C decode(const Json& j) {
    if (!j.is_list) bad("ha: a list was expected");
    C out;
    for (const Json& item : j.items) out.insert(out.end(), Codec<T>::decode(item));
    return out;
  }
  static void encode(const C& value, std::string& out) {
    out += '[';
    bool first = true;
    for (const auto& item : value) {
      if (!first) out += ',';
      first = false;
      Codec<T>::encode(item, out);
    }
    out += ']';
  }
};
template <class T> struct Codec<std::vector<T>> : RangeCodec<std::vector<T>, T> {};
template <class T> struct Codec<std::deque<T>> : RangeCodec<std::deque<T>, T> {};
template <class T> struct Codec<std::list<T>> : RangeCodec<std::list<T>, T> {};
template <class T> struct Codec<std::set<T>> : RangeCodec<std::set<T>, T> {};
template <class T> struct Codec<std::multiset<T>> : RangeCodec<std::multiset<T>, T> {};
template <class T, std::size_t N> struct Codec<std::array<T, N>> {
  static std::array<T, N> decode(const Json& j) {
    if (!j.is_list || j.items.size() != N) bad("ha: a list of another length was expected");
    std::array<T, N> out{};
    for (std::size_t i = 0; i < N; ++i) out[i] = Codec<T>::decode(j.items[i]);
    return out;
  }
  static void encode(const std::array<T, N>& value, std::string& out) {
    Codec<std::vector<T>>::encode(std::vector<T>(value.begin(), value.end()), out);
  }
};
template <class K, class V> struct Codec<std::map<K, V>> : RangeCodec<std::map<K, V>, std::pair<K, V>> {
  static void encode(const std::map<K, V>& value, std::string& out) {
    Codec<std::vector<std::pair<K, V>>>::encode(std::vector<std::pair<K, V>>(value.begin(), value.end()), out);
  }
};
template <class K, class V> struct Codec<std::unordered_map<K, V>> : RangeCodec<std::unordered_map<K, V>, std::pair<K, V>> {
  static void encode(const std::unordered_map<K, V>& value, std::string& out) {
    Codec<std::map<K, V>>::encode(std::map<K, V>(value.begin(), value.end()), out);
  }
};
template <class T> struct Codec<std::unordered_set<T>> : RangeCodec<std::unordered_set<T>, T> {
  static void encode(const std::unordered_set<T>& value, std::string& out) {
    Codec<std::set<T>>::encode(std::set<T>(value.begin(), value.end()), out);
  }
};

using AnyFunction = void (*)();
// Runs `function` on the JSON list `arguments`; the result as JSON. May throw whatever the program throws.
using Call = void (*)(AnyFunction function, const char* arguments, std::string& result);

template <class R, class... A, std::size_t... I>
void call_with(R (*function)(A...), const Json& list, std::string& result, std::index_sequence<I...>) {
  std::tuple<typename Held<std::decay_t<A>>::type...> held{Codec<typename Held<std::decay_t<A>>::type>::decode(list.items[I])...};
  if constexpr (std::is_void_v<R>) {
    function(std::get<I>(held)...);
    result = "null";
  } else {
    Codec<std::decay_t<R>>::encode(function(std::get<I>(held)...), result);
  }
}
template <class F> struct Signature;
template <class R, class... A> struct Signature<R (*)(A...)> {
  static void call(AnyFunction function, const char* arguments, std::string& result) {
    const Json list = parse(arguments);
    if (!list.is_list || list.items.size() != sizeof...(A)) bad("ha: wrong number of arguments");
    call_with(reinterpret_cast<R (*)(A...)>(function), list, result, std::index_sequence_for<A...>{});
  }
};
template <class R, class... A> struct Signature<R (*)(A...) noexcept> : Signature<R (*)(A...)> {};

struct Variant {
  AnyFunction function = nullptr;  // null: this variant did not compile
  Call call = nullptr;
  int number = 0;  // in its schema; 0: it stands alone
};
template <class F> Variant variant(F function, int number) { return {reinterpret_cast<AnyFunction>(function), &Signature<F>::call, number}; }

}  // namespace ha_harness
