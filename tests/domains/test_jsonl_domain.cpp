#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "domains/domains.h"
#include "domains/jsonl/jsonl_domain.h"
#include "tests/domains/folder.h"

using namespace hyperagent;
using Catch::Contains;

namespace {

std::string rows(const std::string& prefix, int n) {
  std::string text;
  for (int i = 0; i < n; ++i) {
    const bool yes = i < n / 2;  // sorted by label, as many files are
    text += Json{{"id", prefix + std::to_string(i)},
                 {"t", yes ? "bright day " + std::to_string(i) : "dark night " + std::to_string(i)},
                 {"venue", "here"},
                 {"year", 2021},
                 {"marks", {i, i + 1}},
                 {"y", yes ? "yes" : "no"}}
                .dump() +
            "\n";
  }
  return text;
}

struct Small {
  test::Folder folder;
  Small() {
    folder.write("domain.json", R"({"name":"small","target":"y"})");
    folder.write("train.jsonl", rows("a", 60));
    folder.write("val.jsonl", rows("b", 10));
    folder.write("test.jsonl", rows("c", 8));
  }
  std::unique_ptr<Domain> open(const std::string& graded = "") const {
    auto domain =
        open_domain({.name = folder.path(), .data = "", .graded_data = graded, .share = "", .cache_dir = "", .launcher = nullptr}, nullptr);
    REQUIRE(domain);
    return std::move(*domain);
  }
  std::string error() const {
    auto domain = jsonl::open_jsonl({.folder = folder.path(), .graded_folder = "", .launcher = nullptr});
    return domain ? "" : domain.error().message;
  }
};

}  // namespace

TEST_CASE("what an agent is given holds no target anywhere") {
  const auto domain = Small().open();
  CHECK(domain->size(Split::Train) == 60);
  CHECK(domain->size(Split::Val) == 10);
  CHECK(domain->size(Split::Test) == 8);
  const Json input = domain->input(Split::Val, 0);
  CHECK(input == Json{{"id", "b0"},
                      {"input", {{"t", "bright day 0"}, {"venue", "here"}, {"year", 2021}, {"marks", {0, 1}}}},
                      {"labels", {"no", "yes"}}});
}

TEST_CASE("the vocabulary names fields by type, without those that never vary") {
  const Json vocabulary = Small().open()->describe().at("vocabulary");
  CHECK(vocabulary.at("text_field") == Json{"t"});
  CHECK(vocabulary.at("number_field").empty());  // the year is the same everywhere
  CHECK(vocabulary.at("numbers_field") == Json{"marks"});
  CHECK(vocabulary.at("label") == Json{"no", "yes"});
  CHECK(vocabulary.at("word").size() == 4);
  // the means of `marks` are 0.5 to 59.5, in steps of 1
  CHECK(vocabulary.at("level") == Json{6.5, 12.5, 18.5, 24.5, 30.5, 36.5, 42.5, 48.5, 54.5});
}

TEST_CASE("agents are graded on as many training rows as the domain says and learn from all") {
  Small small;
  small.folder.write("domain.json", R"({"name":"small","target":"y","train_tasks":20})");
  const auto domain = small.open();
  CHECK(domain->size(Split::Train) == 20);
  CHECK(domain->first_stage() == 10);
  CHECK((*domain->services(Split::Val, 0)->call("data.examples", Json::object())).value().at("total") == 60);
}

TEST_CASE("of two labels, typed edits answer with how likely") {
  const Json blocks = Small().open()->describe().at("blocks");
  CHECK(std::count(blocks.begin(), blocks.end(), "!ha::label") == 1);
  CHECK(std::count(blocks.begin(), blocks.end(), "!ha::likeliest_label") == 1);
  CHECK(std::count(blocks.begin(), blocks.end(), "!ha::label_likely") == 0);
}

TEST_CASE("of several labels, nothing is drawn that only tells one from the other") {
  const test::Folder folder;
  folder.write("domain.json", R"({"target":"y"})");
  folder.write_splits(30, [](int i) { return Json{{"n", i}, {"y", std::string(1, static_cast<char>('a' + i % 3))}}; });
  const auto domain = jsonl::open_jsonl({.folder = folder.path(), .graded_folder = "", .launcher = nullptr});
  REQUIRE(domain);
  const Json blocks = (*domain)->describe().at("blocks");
  for (const char* name : {"!ha::label_likely", "!ha::logistic", "!ha::midpoint_of"})
    CHECK(std::count(blocks.begin(), blocks.end(), name) == 1);
  for (const char* name : {"!ha::label", "!ha::likeliest_label", "!ha::above_share"})
    CHECK(std::count(blocks.begin(), blocks.end(), name) == 0);
}

TEST_CASE("the first stage sees both labels even when the file is sorted by label") {
  const auto domain = Small().open();
  std::set<char> labels;
  REQUIRE(domain->first_stage() == 10);
  for (std::size_t i = 0; i < domain->first_stage(); ++i)
    labels.insert(domain->input(Split::Train, i).at("input").at("t").get<std::string>()[0]);
  CHECK(labels.size() == 2);
}

TEST_CASE("host calls of one task are metered by count") {
  const auto domain = Small().open();
  const auto services = domain->services(Split::Val, 0);
  for (int i = 0; i < 64; ++i) CHECK_FALSE((*services->call("model.prior", Json::object())).value().contains("error"));
  CHECK((*services->call("model.prior", Json::object())).value().contains("error"));
  CHECK_FALSE(domain->services(Split::Val, 0)->call("model.prior", Json::object())->value().contains("error"));
}

TEST_CASE("a call the domain does not have is left to others") {
  const auto services = Small().open()->services(Split::Val, 0);
  const auto reply = services->call("code.mutants", Json::object());
  REQUIRE(reply);
  CHECK_FALSE(reply->has_value());
}

TEST_CASE("a row in two splits is an error that names both places") {
  Small small;
  small.folder.write("val.jsonl", R"({"id":"a3","t":"x","y":"yes"})");
  CHECK_THAT(small.error(), Contains("val.jsonl line 1") && Contains("train.jsonl line 4"));
}

TEST_CASE("a missing split is an error that names the file") {
  Small small;
  std::remove((small.folder.path() + "/test.jsonl").c_str());
  CHECK_THAT(small.error(), Contains("test.jsonl"));
}

TEST_CASE("graded data are posed and graded while the examples stay") {
  const Small small;
  const test::Folder other;
  other.write("test.jsonl", R"({"id":"new","t":"bright day","y":"yes"})");
  const auto domain = small.open(other.path());
  CHECK(domain->size(Split::Train) == 0);
  CHECK(domain->size(Split::Test) == 1);
  CHECK(domain->task_id(Split::Test, 0) == "new");
  const Json features = {{"kind", "words"}, {"field", "t"}};
  const auto reply = domain->services(Split::Test, 0)->call("model.naive_bayes", {{"features", features}});
  CHECK(reply->value().at("chance").get<double>() > 0.9);
  CHECK(domain->grade(Split::Test, 0, "yes")->score == 1);
}

TEST_CASE("graded tests that are training examples are an error") {
  const Small small;
  const test::Folder other;
  other.write("test.jsonl", R"({"id":"a1","t":"x","y":"yes"})");
  const auto domain = jsonl::open_jsonl({.folder = small.folder.path(), .graded_folder = other.path(), .launcher = nullptr});
  REQUIRE_FALSE(domain);
  CHECK_THAT(domain.error().message, Contains("a1"));
  const test::Folder empty;
  CHECK_FALSE(jsonl::open_jsonl({.folder = small.folder.path(), .graded_folder = empty.path(), .launcher = nullptr}));
}

TEST_CASE("extra files are examples that are never posed") {
  Small small;
  small.folder.write("extra_more.jsonl", R"({"id":"e1","t":"twilight twilight","y":"yes"})");
  const auto domain = small.open();
  CHECK(domain->size(Split::Train) == 60);
  const auto reply = domain->services(Split::Val, 0)->call("data.examples", {{"from", 60}, {"count", 5}});
  CHECK(reply->value().at("examples").at(0).at("input").at("t") == "twilight twilight");
  small.folder.write("extra_more.jsonl", R"({"id":"c1","t":"x","y":"yes"})");
  CHECK_THAT(small.error(), Contains("c1"));
}

TEST_CASE("an unknown domain is an error that lists the known ones") {
  const auto domain =
      open_domain({.name = "chess", .data = "", .graded_data = "", .share = "", .cache_dir = "", .launcher = nullptr}, nullptr);
  REQUIRE_FALSE(domain);
  CHECK_THAT(domain.error().message, Contains("chess") && Contains("paper_review") && Contains("domain.json"));
  for (const Json& known : list_domains()) CHECK_THAT(domain.error().message, Contains(known.at("name").get<std::string>()));
}
