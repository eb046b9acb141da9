#include <catch2/catch.hpp>

#include "domains/coding/grading.h"
#include "domains/coding/sha256.h"

using namespace hyperagent;

namespace {
bool same(const char* got, const char* expected, double tolerance = -1) {
  RepairTest test{{}, Json::parse(expected), tolerance >= 0, tolerance};
  return same_value(Json::parse(got), test.expected, test);
}
}  // namespace

TEST_CASE("numbers compare by value and bools are no numbers") {
  CHECK(same("1", "1.0"));
  CHECK_FALSE(same("true", "1"));
  CHECK_FALSE(same("0", "false"));
  CHECK_FALSE(same("9007199254740993", "9007199254740992"));
  CHECK(same("[[1,2],[3]]", "[[1,2.0],[3]]"));
  CHECK_FALSE(same("[1,2]", "[1,2,3]"));
  CHECK_FALSE(same("\"1\"", "1"));
  CHECK_FALSE(same("-1", "18446744073709551615"));
}

TEST_CASE("a map compares with a map or with its sorted pairs") {
  CHECK(same(R"({"b": 1, "a": [2]})", R"({"a": [2.0], "b": 1})"));
  CHECK(same(R"({"b": 1, "a": 2})", R"([["a", 2], ["b", 1]])"));
  CHECK(same("{}", "[]"));
  CHECK_FALSE(same(R"({"a": 2})", R"({"a": 2, "b": 1})"));
}

TEST_CASE("a tolerance holds for every number of an approximate test only") {
  CHECK(same("[1.0000001, \"a\"]", "[1, \"a\"]", 1e-6));
  CHECK_FALSE(same("1.0000001", "1"));
  CHECK_FALSE(same("1.1", "1", 1e-6));
  CHECK_FALSE(same("\"nan\"", "1", 1e9));
}

TEST_CASE("a result without a value fails") {
  const RepairTest test{{}, nullptr, false, 0};
  CHECK(failure({{"status", "value"}, {"value", nullptr}}, test).empty());
  CHECK(!failure({{"status", "value"}}, test).empty());
  CHECK(!failure({{"status", "fuel"}}, test).empty());
  CHECK(!failure(Json::object(), test).empty());
}

TEST_CASE("SHA-256 agrees with the standard's examples") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
