#include <catch2/catch.hpp>

#include "domains/domains.h"
#include "domains/jsonl/check.h"
#include "tests/domains/folder.h"

using namespace hyperagent;
using Catch::Contains;

TEST_CASE("a new domain passes its check and opens") {
  const test::Folder folder;
  const std::string place = folder.path() + "/cafe/";
  REQUIRE(jsonl::new_domain(place, "cafe"));
  const auto report = jsonl::check_domain(place, nullptr);
  REQUIRE(report);
  CHECK(report->at("ok") == true);
  CHECK(report->at("name") == "cafe");
  CHECK(report->at("splits").at("train") == Json{{"rows", 6}, {"labels", {{"bad", 3}, {"good", 3}}}});
  CHECK(report->at("majority").at("val") == 0.5);
  CHECK(report->at("grader") == Json{{"checked", 14}, {"right", 14}});
  CHECK(report->at("same_input") == Json{{"val", 0}, {"test", 0}});
  CHECK(open_domain({.name = place, .data = "", .graded_data = "", .share = "", .cache_dir = "", .launcher = nullptr}, nullptr));
}

TEST_CASE("a new domain is never written over something") {
  const test::Folder folder;
  const std::string file = folder.write("notes.txt", "mine");
  CHECK_THAT(jsonl::new_domain(folder.path(), "x").error().message, Contains("not empty"));
  CHECK_THAT(jsonl::new_domain(file, "x").error().message, Contains("is a file"));
}

TEST_CASE("the check warns of inputs that are also in training, and of lopsided labels") {
  const test::Folder folder;
  folder.write("domain.json", R"({"target":"y"})");
  folder.write("train.jsonl",
               "{\"id\":1,\"t\":\"a\",\"y\":\"no\"}\n{\"id\":2,\"t\":\"b\",\"y\":\"no\"}\n{\"id\":3,\"t\":\"c\",\"y\":\"yes\"}\n");
  folder.write("val.jsonl", "{\"id\":4,\"t\":\"a\",\"y\":\"no\"}\n");
  folder.write("test.jsonl", "{\"id\":5,\"t\":\"d\",\"y\":\"yes\"}\n");
  const auto report = jsonl::check_domain(folder.path(), nullptr);
  REQUIRE(report);
  CHECK(report->at("same_input").at("val") == 1);
  CHECK(report->at("majority").at("val") == 1.0);
  CHECK_THAT(report->at("warnings").dump(), Contains("1 rows of val have the same input") && Contains("most frequent label"));
}

TEST_CASE("the check of a grader program without a box is an environment error") {
  const test::Folder folder;
  REQUIRE(jsonl::new_domain(folder.path() + "/d", "d"));
  std::remove((folder.path() + "/d/domain.json").c_str());
  folder.write("d/domain.json", R"({"target":"verdict","grading":{"kind":"program","argv":["/bin/true"]}})");
  const auto report = jsonl::check_domain(folder.path() + "/d", nullptr);
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == ErrorKind::Environment);
}
