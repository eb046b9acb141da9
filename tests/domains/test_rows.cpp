#include <catch2/catch.hpp>

#include "domains/jsonl/rows.h"
#include "tests/domains/folder.h"

using namespace hyperagent;
using Catch::Contains;

namespace {
std::string error_of(const std::string& text) {
  const test::Folder folder;
  const auto rows = jsonl::load_rows(folder.write("train.jsonl", text), "y");
  return rows ? "" : rows.error().message;
}
const std::string kGood = R"({"id":"a","t":"x","y":"yes"})";
}  // namespace

TEST_CASE("a broken line is reported with file and line number") {
  CHECK_THAT(error_of(kGood + "\n\n{\"id\": \"b\", \n"), Contains("train.jsonl line 3") && Contains("not valid JSON"));
  CHECK_THAT(error_of(kGood + "\n[1,2]\n"), Contains("line 2") && Contains("not a JSON object"));
  CHECK_THAT(error_of("{\"id\":\"a\",\"y\":1e999}"), Contains("line 1"));
  CHECK_THAT(error_of("{\"id\":\"a\",\"y\":\"\xff\xfe\"}"), Contains("line 1"));
}

TEST_CASE("a row without its target is reported with file and line number") {
  CHECK_THAT(error_of(kGood + "\n{\"id\":\"b\"}\n"), Contains("train.jsonl line 2") && Contains("\"y\""));
  CHECK_THAT(error_of("{\"id\":\"b\",\"y\":null}"), Contains("line 1"));
}

TEST_CASE("an id given twice is reported with both lines") {
  CHECK_THAT(error_of(kGood + "\n" + kGood), Contains("line 2") && Contains("already on line 1"));
}

TEST_CASE("an empty split and a missing file are errors") {
  CHECK_THAT(error_of("\n \n"), Contains("no rows"));
  CHECK_THAT(jsonl::load_rows("/nonexistent/train.jsonl", "y").error().message, Contains("no such file"));
}

TEST_CASE("an id of the wrong type is an error and a missing one is made from the line") {
  CHECK_THAT(error_of("{\"id\":[1],\"y\":1}"), Contains("\"id\" must be"));
  CHECK_THAT(error_of("{\"id\":\"\",\"y\":1}"), Contains("empty"));
  const test::Folder folder;
  const auto rows = jsonl::load_rows(folder.write("val.jsonl", "\n{\"y\":1}\r\n{\"id\":7,\"y\":2}\n"), "y");
  REQUIRE(rows);
  CHECK(rows->at(0).id == "val-2");
  CHECK(rows->at(1).id == "7");
}

TEST_CASE("a byte order mark before the first line is no part of it") {
  const test::Folder folder;
  CHECK(jsonl::load_rows(folder.write("train.jsonl", "\xEF\xBB\xBF" + kGood), "y"));
}

TEST_CASE("fields are kept and the target is taken out") {
  const test::Folder folder;
  const auto rows = jsonl::load_rows(folder.write("train.jsonl", R"({"id":"a","t":"x","y":"yes","more":{"deep":[1]}})"), "y");
  REQUIRE(rows);
  CHECK(rows->at(0).fields == Json{{"t", "x"}, {"more", {{"deep", {1}}}}});
  CHECK(rows->at(0).target == "yes");
}
