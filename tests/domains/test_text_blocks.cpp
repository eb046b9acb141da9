#include <ha/text.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "domains/jsonl/jsonl_domain.h"
#include "tests/domains/folder.h"

using namespace hyperagent;

namespace {

const std::string kText = "We don't know. Is GPT-3 (175B) good? We know!";

const ha::Task kTask =
    test::task_of({{"id", "x"}, {"labels", {"no", "yes"}}, {"input", {{"t", "text"}, {"k", {"a b", "c"}}, {"n", 2.5}, {"v", {3, 1, 2}}}}});

class Refusing : public ha::Host {
 public:
  ha::Value call(std::string_view, const ha::Value&) override { return ha::Value::object().with("error", "no"); }
};

}  // namespace

TEST_CASE("fields read as their type and absent ones as nothing") {
  CHECK(ha::text_field(kTask, "t") == "text");
  CHECK(ha::text_field(kTask, "k") == "a b; c");
  CHECK(ha::text_field(kTask, "none").empty());
  CHECK(ha::number_field(kTask, "n") == 2.5);
  CHECK(ha::number_field(kTask, "t") == 0);
  CHECK(ha::numbers_field(kTask, "v") == std::vector<double>{3, 1, 2});
  CHECK(ha::numbers_field(kTask, "n").empty());
}

TEST_CASE("counts of a text are those counted by hand") {
  CHECK(ha::count_words(kText) == 10);
  CHECK(ha::count_characters(kText) == static_cast<double>(kText.size()));
  CHECK(ha::count_sentences(kText) == 3);
  CHECK(ha::count_digits(kText) == 4);
  CHECK(ha::count_uppercase(kText) == 7);
  CHECK(ha::count_punctuation(kText) == 7);
  CHECK(ha::count_long_words(kText, 4) == 5);
  CHECK(ha::count_occurrences(kText, "KNOW") == 2);
  CHECK(ha::count_occurrences(kText, "kno") == 0);
  CHECK(ha::mentions(kText, "gpt"));
  CHECK(ha::longest_word(kText) == 5);
  CHECK(ha::mean_word_length("ab abcd") == 3);
  CHECK(ha::words_per_sentence(kText) == Approx(10.0 / 3));
  CHECK(ha::distinct_word_ratio("a b A a") == 0.5);
  CHECK(ha::count_sentences("3.5... and more") == 3);
}

TEST_CASE("statistics of an empty text are 0") {
  for (auto* statistic : {ha::count_words, ha::count_characters, ha::count_sentences, ha::count_digits, ha::count_uppercase,
                          ha::count_punctuation, ha::mean_word_length, ha::longest_word, ha::words_per_sentence, ha::distinct_word_ratio})
    CHECK(statistic("") == 0);
}

TEST_CASE("statistics of numbers are those of the textbook, and 0 for none") {
  const std::vector<double> numbers = {4, 1, 7, 2};
  CHECK(ha::mean(numbers) == 3.5);
  CHECK(ha::median(numbers) == 3);
  CHECK(ha::minimum(numbers) == 1);
  CHECK(ha::maximum(numbers) == 7);
  CHECK(ha::spread(numbers) == Approx(std::sqrt(7)));
  CHECK(ha::sum(numbers) == 14);
  CHECK(ha::count(numbers) == 4);
  CHECK(ha::spread({5}) == 0);
  for (auto* statistic : {ha::mean, ha::median, ha::minimum, ha::maximum, ha::spread, ha::sum, ha::count}) CHECK(statistic({}) == 0);
}

TEST_CASE("answers are what graders read") {
  CHECK(test::answer_json(ha::label("yes")) == "yes");
  CHECK(test::answer_json(ha::label_above(kTask, 0.7, 0.5)) == Json{{"label", "yes"}, {"score", 0.7}});
  CHECK(test::answer_json(ha::label_above(kTask, 0.5, 0.5)).at("label") == "no");
  CHECK(test::answer_json(ha::label_below(kTask, 0.25, 0.5)) == Json{{"label", "yes"}, {"score", -0.25}});
  CHECK(test::answer_json(ha::label_likely(kTask, ha::Chance(0.5))) == Json{{"label", "yes"}, {"score", 0.5}});
  CHECK(test::answer_json(ha::label_likely(kTask, ha::Chance(0.25))) == Json{{"label", "no"}, {"score", 0.25}});
  CHECK(test::answer_json(ha::number_answer(2.5)) == 2.5);
  CHECK(test::answer_json(ha::text_answer("a")) == "a");
}

TEST_CASE("chances stay within 0 to 1, and the surer one counts for more") {
  CHECK(ha::Chance(3).of_positive() == 1);
  CHECK(ha::Chance(-3).of_positive() == 0);
  CHECK(ha::Chance(std::nan("")).of_positive() == 0.5);
  CHECK(ha::average(ha::Chance(0.8), ha::Chance(0.2)).of_positive() == Approx(0.5));
  CHECK(ha::average(ha::Chance(0.9), ha::Chance(0.5)).of_positive() == Approx(0.75));  // odds 9 and 1 make 3
  CHECK(ha::average(ha::Chance(0), ha::Chance(0.9)).of_positive() < 0.01);
  CHECK(ha::surer(ha::Chance(0.6), ha::Chance(0.1)).of_positive() == 0.1);
  CHECK(ha::surer(ha::Chance(0.6), ha::Chance(0.4)).of_positive() == 0.6);
  CHECK(ha::likely(ha::Chance(0.5)));
  CHECK_FALSE(ha::likely(ha::Chance(0.49)));
  CHECK(ha::sure(ha::Chance(0.1), 0.9));
  CHECK_FALSE(ha::sure(ha::Chance(0.6), 0.7));
}

TEST_CASE("a refused model call gives its fallback") {
  Refusing host;
  const ha::Features words = ha::words_of("t");
  CHECK(ha::naive_bayes(kTask, host, words).of_positive() == 0.5);
  CHECK(ha::logistic(kTask, host, words, 1).of_positive() == 0.5);
  CHECK(ha::nearest(kTask, host, words, 3).of_positive() == 0.5);
  CHECK(ha::ridge(kTask, host, words, 1) == 0);
  CHECK(ha::chance_of(kTask, host, words, "yes") == 0.5);
  CHECK(ha::prior(kTask, host) == 0.5);
  CHECK(ha::typical_number(kTask, host, "n", "yes") == 0);
  CHECK(ha::typical_mean(kTask, host, "v", "yes") == 0);
  CHECK(ha::midpoint_of(kTask, host, "n") == 0);
  CHECK_FALSE(ha::above_share(kTask, host, "n", 0.1));
  CHECK_FALSE(ha::below_share(kTask, host, "n", 0.9));
  CHECK_FALSE(ha::likeliest_label(kTask, host, words).given());
  CHECK(ha::examples(kTask, host, 0, 5).empty());
}

TEST_CASE("every model block is served by a JSONL domain") {
  const test::Folder folder;
  folder.write("domain.json", R"({"target":"y"})");
  folder.write_splits(30, [](int i) {
    return Json{{"t", i % 2 == 0 ? "bright day" : "dark night"}, {"n", i % 2}, {"v", {i % 2, 2}}, {"y", i % 2 == 0 ? "yes" : "no"}};
  });
  const auto domain = jsonl::open_jsonl({.folder = folder.path(), .graded_folder = "", .launcher = nullptr});
  REQUIRE(domain);
  const ha::Task task = test::task_of((*domain)->input(Split::Val, 0));
  test::DomainHost host((*domain)->services(Split::Val, 0));
  for (const ha::Features& features : {ha::words_of("t"), ha::presence_of("t"), ha::ngrams_of("t", 2), ha::number_of("n"), ha::numbers_of("v"),
                                       ha::both(ha::style_of("t"), ha::words_of("t"))}) {
    CHECK(ha::naive_bayes(task, host, features).of_positive() > 0.5);
    CHECK(ha::logistic(task, host, features, 1).of_positive() > 0.5);
    CHECK(ha::nearest(task, host, features, 3).of_positive() > 0.5);
    CHECK(ha::ridge(task, host, features, 1) > 0.5);
    CHECK(ha::chance_of(task, host, features, "no") < 0.5);
    CHECK(test::answer_json(ha::likeliest_label(task, host, features)) == "yes");
  }
  CHECK(ha::below_share(task, host, "n", 0.9));  // 0, where half of them are 1
  CHECK_FALSE(ha::below_share(task, host, "n", 0.2));
  CHECK_FALSE(ha::above_share(task, host, "n", 0.2));
  CHECK_FALSE(ha::below_share(task, host, "no such field", 0.9));
  CHECK(ha::logistic(task, host, ha::Features(), 1).of_positive() == 0.5);
  CHECK(ha::prior(task, host) == 0.5);
  CHECK(ha::typical_number(task, host, "n", "no") == 1);
  CHECK(ha::typical_mean(task, host, "v", "no") == 1.5);
  CHECK(ha::midpoint_of(task, host, "n") == 0.5);
  CHECK(ha::midpoint_of_means(task, host, "v") == 1.25);
  CHECK(ha::examples(task, host, 0, 5).size() == 5);
  const auto result =
      (*domain)->grade(Split::Val, 0, test::answer_json(ha::label_likely(task, ha::naive_bayes(task, host, ha::words_of("t")))));
  CHECK(result->score == 1);
}
