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
