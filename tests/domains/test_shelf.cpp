#include <catch2/catch.hpp>
#include <thread>

#include "domains/text_models/shelf.h"

using namespace hyperagent::text_models;
using hyperagent::Json;

namespace {

// Texts that hold a word of their own each, so that a model that had seen a task's own row would know its label.
std::vector<Example> examples(std::size_t n, std::size_t flipped) {
  std::vector<Example> list;
  for (std::size_t i = 0; i < n; ++i) {
    const bool positive = (i % 2 == 0) != (i == flipped);
    const std::string name = std::to_string(i);
    list.push_back({"row" + name,
                    {{"t", "own" + name + " shared" + std::to_string(i % 3)}, {"x", i}},
                    positive ? "yes" : "no",
                    0,
                    positive ? "yes" : "no"});
  }
  return list;
}

const ShelfOptions kYesNo = {{"no", "yes"}, false};
const Json kWords = {{"kind", "words"}, {"field", "t"}};

std::vector<std::pair<std::string, Json>> all_calls() {
  const Json number = {{"kind", "number"}, {"field", "x"}}, both = {{"kind", "both"}, {"a", kWords}, {"b", number}};
  return {{"model.naive_bayes", {{"features", both}}},
          {"model.naive_bayes", {{"features", both}, {"label", "no"}}},
          {"model.logistic", {{"features", both}, {"penalty", 0.01}}},
          {"model.nearest", {{"features", both}, {"neighbours", 1}}},
          {"model.ridge", {{"features", both}, {"penalty", 0.01}}},
          {"model.prior", Json::object()},
          {"model.typical", {{"field", "x"}, {"label", "yes"}}},
          {"model.likeliest", {{"features", both}}},
          {"data.examples", {{"count", 100}}}};
}

}  // namespace

TEST_CASE("no reply about a train task depends on that task's own label") {
  constexpr std::size_t kRows = 40;
  const ModelShelf plain(examples(kRows, kRows), kYesNo);
  for (std::size_t i = 0; i < kRows; ++i) {
    const ModelShelf flipped(examples(kRows, i), kYesNo);
    const Example self = examples(kRows, kRows)[i];
    for (const auto& [name, arguments] : all_calls()) {
      INFO(name << " about " << self.id);
      const Json reply = plain.call(name, arguments, self.id, self.input);
      REQUIRE_FALSE(reply.contains("error"));
      CHECK(reply == flipped.call(name, arguments, self.id, self.input));
    }
  }
}

TEST_CASE("a task that is no example is answered from all examples") {
  const ModelShelf plain(examples(40, 40), kYesNo), flipped(examples(40, 7), kYesNo);
  const Json input = examples(40, 40)[7].input;
  for (const auto& [name, arguments] : all_calls()) {
    INFO(name);
    CHECK(plain.call(name, arguments, "elsewhere", input) != flipped.call(name, arguments, "elsewhere", input));
  }
}

TEST_CASE("folds share the examples out about evenly") {
  int sizes[kFolds] = {};
  for (int i = 0; i < 1000; ++i) ++sizes[fold_of("iclr-" + std::to_string(i))];
  for (int size : sizes) CHECK((size > 140 && size < 260));
}

TEST_CASE("replies do not depend on the order of the calls or on the number of threads") {
  const auto rows = examples(60, 60);
  const ModelShelf one(rows, kYesNo), two(rows, kYesNo);
  std::vector<Json> expected;
  for (const Example& row : rows)
    for (const auto& [name, arguments] : all_calls()) expected.push_back(one.call(name, arguments, row.id, row.input));
  std::vector<std::vector<Json>> seen(4);
  std::vector<std::thread> threads;
  for (auto& replies : seen)
    threads.emplace_back([&] {
      for (const Example& row : rows)
        for (const auto& [name, arguments] : all_calls()) replies.push_back(two.call(name, arguments, row.id, row.input));
    });
  for (std::thread& thread : threads) thread.join();
  for (const auto& replies : seen) CHECK(replies == expected);
}

TEST_CASE("models that were forgotten to save memory answer as before") {
  const auto rows = examples(30, 30);
  const ModelShelf shelf(rows, kYesNo);
  const auto ask = [&](int penalty, const char* id) {
    return shelf.call("model.logistic", {{"features", kWords}, {"penalty", penalty}}, id, rows[3].input);
  };
  const Json first = ask(1, "somewhere");
  for (int penalty = 2; penalty < 120; ++penalty) ask(penalty, "somewhere");
  CHECK(ask(1, "elsewhere") == first);
}

TEST_CASE("calls that make no sense are refused as data") {
  const ModelShelf shelf(examples(10, 10), kYesNo);
  const auto error = [&](const char* name, const Json& arguments) {
    return shelf.call(name, arguments, "x", Json::object()).contains("error");
  };
  CHECK(error("model.logistic", {{"features", kWords}}));
  CHECK(error("model.logistic", {{"features", kWords}, {"penalty", "big"}}));
  CHECK(error("model.logistic", {{"features", {{"kind", "magic"}}}, {"penalty", 1}}));
  CHECK(error("model.naive_bayes", Json::object()));
  CHECK(error("model.naive_bayes", {{"features", kWords}, {"label", "maybe"}}));
  CHECK(error("model.nearest", Json::array()));
  CHECK(error("model.typical", {{"field", "x"}, {"label", "maybe"}}));
  CHECK(error("model.quantile", {{"field", "x"}}));
  CHECK(error("model.quantile", {{"field", "t"}, {"share", 0.5}}));
  CHECK(error("model.likeliest", Json::object()));
  CHECK(error("data.examples", {{"from", -1}}));
  CHECK(error("data.examples", {{"count", 1e18}}));
  CHECK(error("model.oracle", Json::object()));
  CHECK(shelf.call("data.examples", {{"from", 1e300}, {"count", 5}}, "x", Json::object()).at("examples").empty());
}

TEST_CASE("a quantile is the number that so many of the examples do not exceed") {
  const ModelShelf shelf(examples(11, 11), kYesNo);  // x: 0 to 10
  const auto at = [&](double share) {
    return shelf.call("model.quantile", {{"field", "x"}, {"share", share}}, "new", Json::object()).at("value").get<double>();
  };
  CHECK(at(0) == 0);
  CHECK(at(0.5) == 5);
  CHECK(at(0.59) == 5);
  CHECK(at(1) == 10);
  CHECK(at(7) == 10);
}

TEST_CASE("of several labels the likeliest is the one that fits best") {
  std::vector<Example> rows;
  const char* labels[] = {"low", "middle", "high"};
  for (int i = 0; i < 60; ++i) rows.push_back({"r" + std::to_string(i), {{"x", i / 20 * 100 + i % 20}}, labels[i / 20], 0, labels[i / 20]});
  const ModelShelf shelf(rows, {{"low", "middle", "high"}, false});
  const auto label_at = [&](int x) {
    return shelf.call("model.likeliest", {{"features", {{"kind", "number"}, {"field", "x"}}}}, "x" + std::to_string(x), {{"x", x}})
        .at("label");
  };
  CHECK(label_at(5) == "low");
  CHECK(label_at(110) == "middle");
  CHECK(label_at(215) == "high");
}

TEST_CASE("a numeric target is learned by ridge only") {
  std::vector<Example> rows;
  for (int i = 0; i < 50; ++i) rows.push_back({"r" + std::to_string(i), {{"x", i}}, "", 2.0 * i + 1, 2.0 * i + 1});
  const ModelShelf shelf(rows, {{}, true});
  const Json features = {{"kind", "number"}, {"field", "x"}};
  CHECK(shelf.call("model.ridge", {{"features", features}, {"penalty", 0.0001}}, "new", {{"x", 100}}).at("value").get<double>() ==
        Approx(201).epsilon(1e-3));
  CHECK(shelf.call("model.logistic", {{"features", features}, {"penalty", 1}}, "new", {{"x", 1}}).contains("error"));
  CHECK(shelf.call("model.prior", Json::object(), "new", Json::object()).at("value").get<double>() == Approx(50));
}

TEST_CASE("examples of one label only give the share of the positive label") {
  std::vector<Example> rows;
  for (int i = 0; i < 5; ++i) rows.push_back({"r" + std::to_string(i), {{"t", "word"}}, "yes", 0, "yes"});
  const ModelShelf shelf(rows, kYesNo);
  CHECK(shelf.call("model.logistic", {{"features", kWords}, {"penalty", 1}}, "new", {{"t", "word"}}).at("chance") == 1.0);
}

TEST_CASE("the word vocabulary leaves out words of one example and of most") {
  std::vector<Example> rows;
  for (const char* text : {"the red car", "the red bus", "the blue train", "the tall tree"})
    rows.push_back({text, {{"t", text}}, "yes", 0, "yes"});
  CHECK(ModelShelf(rows, kYesNo).common_words({"t"}, 10) == std::vector<std::string>{"red"});
}
