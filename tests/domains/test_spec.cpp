#include <catch2/catch.hpp>

#include "domains/jsonl/spec.h"
#include "tests/domains/folder.h"

using namespace hyperagent;
using Catch::Contains;
using jsonl::Grading;

namespace {

std::string error_of(const std::string& domain_json) {
  const test::Folder folder;
  folder.write("domain.json", domain_json);
  const auto spec = jsonl::read_spec(folder.path());
  return spec ? "" : spec.error().message;
}

std::vector<jsonl::Row> rows_of(const std::vector<Json>& fields, const std::vector<Json>& targets) {
  std::vector<jsonl::Row> rows;
  for (std::size_t i = 0; i < targets.size(); ++i)
    rows.push_back({std::to_string(i), fields.empty() ? Json::object() : fields[i % fields.size()], targets[i], i + 1});
  return rows;
}

jsonl::Spec inferred(const std::vector<Json>& targets) {
  jsonl::Spec spec;
  spec.target = "y";
  auto complete = jsonl::complete_spec(spec, rows_of({}, targets));
  REQUIRE(complete);
  return *complete;
}

}  // namespace

TEST_CASE("domain.json is read whole") {
  const test::Folder folder;
  folder.write("domain.json", R"({"name":"cafe","description":"d","target":"verdict","labels":["bad","good"],"first_stage":7,
    "input":[{"name":"text","type":"text"}],"grading":{"kind":"label"}})");
  const auto spec = jsonl::read_spec(folder.path());
  REQUIRE(spec);
  CHECK(spec->name == "cafe");
  CHECK(spec->fields.at(0).type == "text");
  CHECK(spec->labels == std::vector<std::string>{"bad", "good"});
  CHECK(spec->first_stage == 7);
  CHECK(spec->grading.kind == Grading::Kind::Label);
}

TEST_CASE("mistakes in domain.json are errors that say what is wrong") {
  CHECK_THAT(error_of("{"), Contains("domain.json is not JSON: line 1, column 2: unexpected end of input"));
  CHECK_THAT(error_of("{}"), Contains("\"target\""));
  CHECK_THAT(error_of(R"({"target":"y","lables":["a","b"]})"), Contains("unknown member \"lables\"") && Contains("labels"));
  CHECK_THAT(error_of(R"({"target":"y","labels":["a"]})"), Contains("at least two"));
  CHECK_THAT(error_of(R"({"target":"y","labels":["a","a"]})"), Contains("at least two different"));
  CHECK_THAT(error_of(R"({"target":"y","input":[{"name":"x","type":"image"}]})"), Contains("unknown type \"image\""));
  CHECK_THAT(error_of(R"({"target":"y","input":[{"name":"y","type":"text"}]})"), Contains("cannot be an input"));
  CHECK_THAT(error_of(R"({"target":"y","grading":{"kind":"vibes"}})"), Contains("unknown kind \"vibes\""));
  CHECK_THAT(error_of(R"({"target":"y","grading":{"kind":"numeric","tolerance":-1}})"), Contains("tolerance"));
  CHECK_THAT(error_of(R"({"target":"y","grading":{"kind":"numeric"},"labels":["a","b"]})"), Contains("numeric grading"));
  CHECK_THAT(error_of(R"({"target":"y","grading":{"kind":"program","argv":[]}})"), Contains("argv"));
  CHECK_THAT(error_of(R"({"target":"y","first_stage":0})"), Contains("first_stage"));
  CHECK_THAT(error_of(R"({"target":"y","train_tasks":"all"})"), Contains("train_tasks"));
  CHECK_THAT(error_of(R"({"target":7})"), Contains("\"target\" must be a text"));
}

TEST_CASE("fields are inferred from all training rows") {
  jsonl::Spec spec;
  spec.target = "y";
  const auto complete =
      jsonl::complete_spec(spec, rows_of({{{"t", "a"}, {"n", 1}, {"v", {1, 2}}, {"k", Json::array()}, {"m", "x"}, {"c", "same"}},
                                          {{"t", "b"}, {"n", 2.5}, {"v", Json::array()}, {"k", {"p", "q"}}, {"m", 3}, {"c", "same"}}},
                                         {"no", "yes"}));
  REQUIRE(complete);
  std::map<std::string, std::string> types;
  for (const auto& field : complete->fields) {
    types[field.name] = field.type;
    CHECK(field.constant == (field.name == "c"));
  }
  CHECK(types ==
        std::map<std::string, std::string>{{"t", "text"}, {"n", "number"}, {"v", "numbers"}, {"k", "text"}, {"m", "any"}, {"c", "text"}});
}

TEST_CASE("the grading and the positive label are inferred from the targets") {
  CHECK(inferred({"accept", "reject", "accept"}).labels == std::vector<std::string>{"reject", "accept"});
  CHECK(inferred({"ham", "spam"}).labels == std::vector<std::string>{"ham", "spam"});
  CHECK(inferred({true, false, true}).labels == std::vector<std::string>{"false", "true"});
  CHECK(inferred({1, 2.5}).grading.kind == Grading::Kind::Numeric);
  CHECK(inferred({"a1", "b2", "c3", "d4", "e5", "f6"}).grading.kind == Grading::Kind::Exact);
  CHECK(inferred({{{"a", 1}}, {{"a", 2}}}).grading.kind == Grading::Kind::Exact);
}

TEST_CASE("training rows of one label only are an error") {
  jsonl::Spec spec;
  spec.target = "y";
  const auto complete = jsonl::complete_spec(spec, rows_of({}, {"yes", "yes", "yes"}));
  REQUIRE_FALSE(complete);
  CHECK_THAT(complete.error().message, Contains("nothing to learn"));
}

TEST_CASE("a target that is none of the labels is reported with file and line") {
  jsonl::Spec spec;
  spec.labels = {"no", "yes"};
  spec.grading.kind = Grading::Kind::Label;
  const auto ok = jsonl::check_targets(spec, rows_of({}, {"yes", "Yes"}), "val.jsonl");
  REQUIRE_FALSE(ok);
  CHECK_THAT(ok.error().message, Contains("val.jsonl line 2"));
}
