// Language models as the loop sees them: host calls, faults, what is stored.
#include <catch2/catch.hpp>

#include "tests/loop/fakes.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

// Says "add N", N being how often the same place was asked about.
class FakeCompletions : public Completions {
 public:
  Result<Json> complete(const CallSite& site, int number, const Json&, const CancelFlag&, ModelUse& use) override {
    {
      std::lock_guard lock(mutex);
      sites.push_back(site);
    }
    if (down) return environment_error("the model is down");
    if (!spent.empty()) return interrupted_error("the budget is spent");
    use += {1, 10, 5, 0.5};
    return Json{{"text", "add " + std::to_string(number + 1)}, {"stop", "end"}, {"model", site.model}};
  }
  std::vector<std::string> assign(const Pool&, std::span<Rng> slots) const override {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < slots.size(); ++i) names.push_back(i % 2 == 0 ? "even" : "odd");
    return names;
  }
  std::string exhausted() const override { return spent; }
  Json describe(const ModelUse& used) const override { return {{"budget_left", 1 - used.cost / 100}}; }

  Result<Json> limits_told(int generation, const Json& now) override { return told.emplace(generation, now).first->second; }

  std::map<int, Json> told;
  std::atomic<bool> down = false;
  std::string spent;
  std::mutex mutex;
  std::vector<CallSite> sites;
};

EntryReply improve_by_model(const Json&, const std::function<Json(const std::string&, const Json&)>& host) {
  (void)host("model.complete", Json::object());
  const Json reply = host("model.complete", Json::object());
  const std::string text = reply.is_object() ? reply.value("text", "add 0") : "add 0";  // null when the host failed
  return proposes(add_to_task(4 * (text.back() - '0')));
}

}  // namespace

TEST_CASE("an endpoint's fault ends the run and is nobody's outcome") {
  FakeRun run;
  FakeCompletions completions;
  completions.down = true;
  run.completions = &completions;
  run.world.improve = improve_by_model;
  const auto summary = run.search();
  REQUIRE_FALSE(summary);
  CHECK(summary.error().kind == ErrorKind::Environment);
  CHECK(run.pool.candidates().empty());
  completions.down = false;
  run.options.generations = 1;
  REQUIRE(run.search());
  CHECK(run.pool.candidates().size() == static_cast<std::size_t>(run.options.batch));
}

TEST_CASE("a spent budget stops the run and keeps what was committed") {
  FakeRun run;
  FakeCompletions completions;
  run.completions = &completions;
  run.options.generations = 1;
  run.world.improve = improve_by_model;
  REQUIRE(run.search());
  const std::size_t before = run.pool.candidates().size();
  completions.spent = "cost";
  run.options.generations = 5;
  const auto summary = run.search();
  REQUIRE(summary);
  CHECK(summary->stopped == "cost");
  CHECK(run.pool.candidates().size() == before);
}

TEST_CASE("a candidate says which model wrote it and what that used, and the run's sum survives a resume") {
  FakeRun run;
  FakeCompletions completions;
  run.completions = &completions;
  run.options.generations = 1;
  run.options.batch = 2;
  run.world.improve = improve_by_model;
  REQUIRE(run.search());
  CHECK(run.pool.candidates()[1].model["name"] == "odd");
  CHECK(run.pool.candidates()[0].model["calls"] == 2);
  CHECK(run.pool.state()["model"]["cost"] == 2.0);
  REQUIRE(run.pool.agents().size() > 1);
  CHECK(run.pool.agents()[1].notes["model"]["improve"]["output_tokens"] == 10);
  run.options.generations = 2;
  const auto summary = run.search();
  REQUIRE(summary);
  CHECK(summary->use.calls == 8);
}

TEST_CASE("a place in the run asks under the same name again, so that its answers can be found again") {
  FakeCompletions first, second;
  for (FakeCompletions* completions : {&first, &second}) {
    FakeRun run;
    run.completions = completions;
    run.options.generations = 3;
    run.workers = completions == &first ? 1 : 3;
    run.world.improve = improve_by_model;
    REQUIRE(run.search());
  }
  const auto names = [](const FakeCompletions& completions) {
    std::multiset<std::string> all;
    for (const CallSite& site : completions.sites) all.insert(site.entry + " " + site.program + " " + site.place);
    return all;
  };
  CHECK(names(first) == names(second));
}

TEST_CASE("agents with a model hear how much of the run's time is used, earlier parts of the run included") {
  FakeRun run;
  FakeCompletions completions;
  run.completions = &completions;
  run.options.batch = 1;
  run.options.max_seconds = 40;
  run.options.seconds_before = 60;
  std::vector<double> heard;
  run.world.improve = [&](const Json& self, const auto&) {
    heard.push_back(self["progress"]);
    run.clock.now = run.clock.now + 20;
    return proposes(add_to_task(1));
  };
  REQUIRE(run.search());
  REQUIRE(heard.size() >= 2);
  CHECK(heard[0] == Approx(0.6));
  CHECK(heard[1] == Approx(0.8));
  CHECK(completions.told.at(1)["progress"] == Approx(0.6));
}

TEST_CASE("without a model the host call says so, and improve() has no more model calls than its budget") {
  FakeRun without;
  Json reply;
  without.world.improve = [&](const Json&, const auto& host) {
    reply = host("model.complete", Json::object());
    return proposes(add_to_task(1));
  };
  without.only_candidate();
  CHECK(reply["code"] == "no_model");

  FakeRun run;
  FakeCompletions completions;
  run.completions = &completions;
  run.world.improve = [&](const Json&, const auto& host) {
    for (int i = 0; i < 40; ++i) reply = host("model.complete", Json::object());
    return proposes(add_to_task(1));
  };
  run.only_candidate();
  CHECK(reply["code"] == "limit");
  CHECK(completions.sites.size() == 24);
}

TEST_CASE("meta.try runs edits on train tasks and tells their results") {
  FakeRun run;
  FakeCompletions completions;
  run.completions = &completions;
  Json reply, refused, many;
  run.world.improve = [&](const Json&, const auto& host) {
    reply = host("meta.try", {{"edits", list_of(add_to_task(5))}, {"tasks", {"train0", "train3", "train9"}}});
    refused = host("meta.try", {{"edits", list_of(add_to_task(kIllTyped))}, {"tasks", {"train0"}}});
    many = host("meta.try", {{"edits", Json::array()}, {"tasks", Json::array()}});
    return proposes(add_to_task(1));
  };
  run.only_candidate();
  REQUIRE(reply["results"].size() == 3);  // the root's 3 becomes 8: solves tasks 0 to 3
  CHECK(reply["results"][1]["score"] == 1.0);
  CHECK(reply["results"][2]["score"] == 0.0);
  CHECK(refused["refused"]["code"] == "type_check");
  CHECK(many.contains("error"));
}
