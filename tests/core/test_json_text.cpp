// JSON that somebody else wrote: read, or turned down, never the end of the reader.
#include <catch2/catch.hpp>

#include "hyperagent/core/json_text.h"

using namespace hyperagent;

namespace {

std::string cbor(const Json& json) {
  const auto bytes = Json::to_cbor(json);
  return std::string(bytes.begin(), bytes.end());
}

Json nested(int depth) {
  Json json = 1;
  for (int i = 0; i < depth; ++i) json = i % 2 == 0 ? Json::array({json}) : Json{{"a", json}};
  return json;
}

}  // namespace

TEST_CASE("what is written as CBOR is read again") {
  const Json all = {{"text", "größer"},
                    {"numbers", {0, 23, 24, -1, -500, 70000, 5000000000u, 0.5, 1e300}},
                    {"none", nullptr},
                    {"yes", true},
                    {"empty", {Json::array(), Json::object(), ""}},
                    {"long", std::string(70000, 'x')},
                    {"bytes", Json::binary({1, 2, 3})}};
  CHECK(parse_untrusted_cbor(cbor(all)) == all);
  CHECK(parse_untrusted_cbor(cbor(nested(150))) == nested(150));
}

// The library's reader calls itself for each level, and took all of the stack: a compiler worker that a source had taken over could end the
// host.
TEST_CASE("CBOR nested without end is turned down before it is read") {
  for (const char* level : {"\x81", "\xa1\x60", "\x9f", "\xbf\x60", "\x7f", "\x5f", "\xc1"}) {
    std::string bytes;
    for (int i = 0; i < 1000000; ++i) bytes += level;
    CHECK(parse_untrusted_cbor(bytes).is_discarded());
  }
  CHECK(parse_untrusted_cbor(cbor(nested(250))).is_discarded());
}

TEST_CASE("CBOR that is cut short or goes on is turned down") {
  const std::string whole = cbor({{"a", {1, 2, "word"}}, {"b", 0.5}});
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK(parse_untrusted_cbor(whole.substr(0, size)).is_discarded());
  CHECK(parse_untrusted_cbor(whole + '\0').is_discarded());
  CHECK(parse_untrusted_cbor("\x9b\xff\xff\xff\xff\xff\xff\xff\xff").is_discarded());
  CHECK(parse_untrusted_cbor("\x7b\xff\xff\xff\xff\xff\xff\xff\xff").is_discarded());
}

TEST_CASE("JSON text nested more than a hundred deep is turned down") {
  CHECK(parse_untrusted(std::string(100, '[') + std::string(100, ']')).is_array());
  CHECK(parse_untrusted(std::string(101, '[') + std::string(101, ']')).is_discarded());
  CHECK(parse_untrusted(std::string(1000000, '[')).is_discarded());
}

TEST_CASE("JSON that a person got wrong is an error that says where and what, in words") {
  const auto error_of = [](const std::string& text) {
    const auto parsed = parse_written(text, "edits.json");
    return parsed ? "" : parsed.error().message;
  };
  CHECK(error_of("[1, {\"a\": 2.5}]") == "");
  CHECK(error_of("[1,\n  2,,3]") == "edits.json is not JSON: line 2, column 5: unexpected ','; expected a value");
  CHECK(error_of("") == "edits.json is not JSON: line 1, column 1: unexpected end of input; expected a value");
  CHECK(error_of("{'a': 1}") == "edits.json is not JSON: line 1, column 2: a word or character that is no JSON; expected a name in double quotes");
  CHECK(error_of("{\"\u00fc\u00fc\" 1}") == "edits.json is not JSON: line 1, column 7: unexpected number literal; expected ':'");
  CHECK(error_of("[1] 2") == "edits.json is not JSON: line 1, column 5: unexpected number literal; expected end of input");
  CHECK(error_of("[\"a\nb\"]").starts_with("edits.json is not JSON: line 1, column 4: invalid string: control character"));
  CHECK(error_of("[1e999]") == "edits.json is not JSON: number overflow parsing '1e999'");
  CHECK(error_of(std::string(101, '[')) == "edits.json is nested more than 100 deep");
}
