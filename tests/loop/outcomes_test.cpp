#include <catch2/catch.hpp>

#include "tests/loop/fakes.h"

using namespace hyperagent;

TEST_CASE("a child that solves more tasks is archived with its scores, reason and object hashes") {
  FakeRun run;
  const CandidateRecord candidate = run.propose({add_to_task(5)});
  CHECK(candidate.outcome == "archived");
  REQUIRE(candidate.agent == 1);
  const AgentRecord& child = run.pool.agents()[1];
  CHECK(child.parents == std::vector<int>{0});
  CHECK(child.origin == "edit");
  CHECK(child.reason == "because");
  CHECK(child.train.mean == Approx(0.4));  // the number 8 solves tasks 0 to 3 of 10
  CHECK(child.val.mean == Approx(4.0 / 6));
  CHECK(child.train_results.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) CHECK(child.train_results[i].task == "train" + std::to_string(i));
  CHECK(child.metrics["val"]["solved"] == Approx(4.0 / 6));
  CHECK(child.notes["object_hashes"]["task"] == "object 8");
  CHECK(child.notes["cost"]["solves"] == 16);
  CHECK(candidate.cost == child.notes["cost"]);
  CHECK(run.pool.source(1)->files.at("task/solve.cpp") == "8");
}

TEST_CASE("the first stage's answers are not asked for again") {
  FakeRun run;
  run.propose({add_to_task(5)});
  CHECK(run.world.solves == 2 * (10 + 6));  // the root and its child, each train and val task once
}

TEST_CASE("a candidate's cost counts its runs and host calls, whatever became of it") {
  FakeRun run;
  run.world.improve = [](const Json&, const auto& host) {
    host("meta.sites", Json::object());
    return proposes({add_to_task(-2)});  // solves 0 of the first stage's tasks
  };
  const CandidateRecord candidate = run.only_candidate();
  CHECK(candidate.outcome == "gate");
  CHECK(candidate.cost["solves"] == run.domain.first_stage());
  CHECK(candidate.cost["host_calls"] == 1);
}

TEST_CASE("an improve that crashes gives no proposal and leaves the parent in the pool as it was") {
  FakeRun run;
  run.root = fake_agent(3, 0);
  const CandidateRecord candidate = run.only_candidate();
  CHECK(candidate.outcome == "no_proposal");
  CHECK(candidate.code == "crashed");
  CHECK(candidate.message == "improve killed by signal Segmentation fault");
  CHECK(run.pool.agents().size() == 1);
  CHECK(run.pool.agents()[0].val.mean == Approx(1.0 / 6));
  run.options.generations = 3;
  REQUIRE(run.search());
  CHECK(run.pool.candidates().size() == 3);  // it goes on being a parent
}

TEST_CASE("every way of not proposing is told apart") {
  auto code_of = [](EntryReply reply) {
    FakeRun run;
    run.world.improve = [reply](const Json&, const auto&) { return reply; };
    const CandidateRecord candidate = run.only_candidate();
    CHECK(candidate.outcome == "no_proposal");
    return candidate.code;
  };
  CHECK(code_of({TimedOut{3.14}, std::nullopt}) == "timed_out");
  CHECK(code_of({Exited{0}, std::nullopt}) == "crashed");
  CHECK(code_of({Exited{0}, Json(3)}) == "malformed");
  CHECK(code_of({Exited{0}, Json{{"edits", "all"}}}) == "malformed");
  CHECK(code_of({Exited{0}, Json{{"edits", list_of(add_to_task(1))}, {"reason", 3}}}) == "malformed");
  CHECK(code_of(proposes(Json::array())) == "no_edits");
  CHECK(code_of(proposes({add_to_task(1)}, std::string(70000, 'x'))) == "limit");
  CHECK(code_of(proposes(Json(std::string("\xff\xfe")))) == "malformed");
  Json deep = Json::array();
  for (int i = 0; i < 200; ++i) {
    Json outer = Json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  CHECK(code_of(proposes(deep)) == "malformed");
}

TEST_CASE("edits that do not type-check are refused with the tooling's code and words") {
  FakeRun run;
  const CandidateRecord candidate = run.propose({add_to_task(kIllTyped)});
  CHECK(candidate.outcome == "refused");
  CHECK(candidate.code == "type_check");
  CHECK(candidate.message == "no such type");
  CHECK(candidate.edits == list_of(add_to_task(kIllTyped)));
}

TEST_CASE("a program that does not compile is an outcome of the candidate") {
  FakeRun run;
  const CandidateRecord candidate = run.propose({add_to_meta(kUncompilable - 5)});
  CHECK(candidate.outcome == "compile_failed");
  CHECK(candidate.code == "compile");
}

TEST_CASE("a program that is in the pool already is a duplicate") {
  FakeRun run;
  const CandidateRecord candidate = run.propose({add_to_task(0)});
  CHECK(candidate.outcome == "duplicate");
  CHECK(candidate.message == "the same program as agent 0");
}

TEST_CASE("of two slots that make the same program the first keeps it") {
  FakeRun run;
  run.world.improve = [](const Json&, const auto&) { return proposes({add_to_task(5)}); };
  run.options = {.generations = 1, .batch = 4};
  run.workers = 4;
  REQUIRE(run.search());
  CHECK(run.pool.agents().size() == 2);
  CHECK(run.pool.candidates()[0].outcome == "archived");
  for (std::size_t slot = 1; slot < 4; ++slot) {
    CHECK(run.pool.candidates()[slot].outcome == "duplicate");
    CHECK(run.pool.candidates()[slot].message == "the same program as slot 0 of this generation");
    CHECK(!run.pool.candidates()[slot].stage_score);
  }
}

TEST_CASE("a child that loses more than one task of the first stage is gated") {
  FakeRun run;
  run.root = fake_agent(20, 5);
  const CandidateRecord candidate = run.propose({add_to_task(-18)});
  CHECK(candidate.outcome == "gate");
  REQUIRE(candidate.stage_score);
  CHECK(*candidate.stage_score < 0.5);
  CHECK(run.pool.agents().size() == 1);
}

TEST_CASE("a child that loses one task of the first stage passes the gate") {
  FakeRun run;
  run.root = fake_agent(20, 5);
  CHECK(run.propose({add_to_task(-2)}).outcome == "archived");
}

TEST_CASE("a child that solves nothing is gated when its parent solved something") {
  FakeRun run;
  run.domain.train_size = 1;
  CHECK(run.propose({add_to_task(-3)}).outcome == "gate");
}

TEST_CASE("the random control archives what runs whatever it scores") {
  FakeRun run;
  run.strategy_name = "random";
  run.root = fake_agent(20, 5);
  CHECK(run.propose({add_to_task(-18)}).outcome == "archived");
}

TEST_CASE("a child that answers no task at all is not archived even by the random control") {
  FakeRun run;
  run.strategy_name = "random";
  const CandidateRecord candidate = run.propose({add_to_task(-10)});
  CHECK(candidate.outcome == "crashed");
  CHECK(candidate.message == "no answer: killed by signal Segmentation fault");
}

TEST_CASE("a child whose halves both compile to the parent's code has no effect and is not run") {
  FakeRun run;
  CHECK(run.propose({rename_task()}).outcome == "no_effect");
  CHECK(run.world.solves == 16);  // the root's
}

TEST_CASE("a child that answers every train task as its parent does is neutral and not scored on val") {
  FakeRun run;
  run.root = fake_agent(20, 5);  // solves everything, and so does its child
  CHECK(run.propose({add_to_task(1)}).outcome == "neutral");
  CHECK(run.world.solves == 16 + 10);
  CHECK(run.pool.agents().size() == 1);
}

TEST_CASE("a child that answers a first stage of 64 tasks as its parent does is neutral without the rest of train") {
  FakeRun run;
  run.domain.train_size = 100;
  run.domain.stage_size = 64;
  run.root = fake_agent(500, 5);  // solves everything, and so does its child
  CHECK(run.propose({add_to_task(1)}).outcome == "neutral");
  CHECK(run.world.solves == 106 + 64);
}

TEST_CASE("a child that differs in its meta half only is archived with its parent's results and without running its task half") {
  FakeRun run;
  CHECK(run.propose({add_to_meta(1)}).outcome == "archived");
  CHECK(run.world.solves == 16);
  CHECK(run.pool.agents()[1].train_results.size() == 10);
  CHECK(run.pool.agents()[1].val.mean == run.pool.agents()[0].val.mean);
}

TEST_CASE("a changed meta half that cannot propose is not archived") {
  FakeRun run;
  const CandidateRecord candidate = run.propose({add_to_meta(-5)});
  CHECK(candidate.outcome == "meta_failed");
  CHECK(candidate.code == "crashed");
  CHECK(run.pool.agents().size() == 1);
}

TEST_CASE("a changed meta half whose trial edits are refused is not archived") {
  FakeRun run;
  run.world.improve = [](const Json& self, const auto&) {
    return proposes({self.at("agent") == 0 ? add_to_meta(1) : add_to_task(kIllTyped)});
  };
  const CandidateRecord candidate = run.only_candidate();
  CHECK(candidate.outcome == "meta_failed");
  CHECK(candidate.code == "type_check");
}

TEST_CASE("a better task half does not excuse a broken meta half") {
  FakeRun run;
  CHECK(run.propose({add_to_task(5), add_to_meta(-5)}).outcome == "meta_failed");
}

TEST_CASE("test tasks are never graded during a search") {
  FakeRun run;
  REQUIRE(run.search());
  CHECK(!run.domain.test_graded);
}
