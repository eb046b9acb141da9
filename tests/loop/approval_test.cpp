// Edits that a person has to agree to, and edits that take from other agents.
#include <catch2/catch.hpp>

#include "hyperagent/loop/grafts.h"
#include "tests/loop/fakes.h"

using namespace hyperagent;

namespace {

class FakeApprover : public Approver {
 public:
  explicit FakeApprover(Approval answer) : answer_(answer) {}
  Result<Approval> decide(const ApprovalRequest& request) override {
    asked.push_back(request.after.files.at("task/solve.cpp"));
    why = request.why;
    return answer_;
  }
  std::vector<std::string> asked, why;

 private:
  Approval answer_;
};

// A run in which every edit needs approval.
struct GuardedRun : FakeRun {
  GuardedRun() {
    world.needs_approval = [](const Json&) { return std::vector<std::string>{"task/solve.cpp:1: ask first"}; };
  }
};

// A fresh loop over the run's pool, as `hyperagent approve` makes one.
Result<CandidateRecord> settle(FakeRun& run, const CandidateRecord& queued, bool approved) {
  auto strategy = make_strategy(run.strategy_name);
  FakeToolchain toolchain(run.world);
  FakeRunner runner(run.world);
  run.cancel = false;
  Loop loop({run.pool, **strategy, run.domain, {{&toolchain, &runner}}, run.clock, run.cancel, run.progress}, run.options);
  return loop.settle_queued(queued.parent, {queued.edits, queued.reason, Json()}, approved);
}

}  // namespace

TEST_CASE("an edit that needs approval is queued when nobody can be asked, and nothing of it runs") {
  GuardedRun run;
  const CandidateRecord candidate = run.propose({add_to_task(5)});
  CHECK(candidate.outcome == "queued");
  CHECK(candidate.code == "needs_approval");
  CHECK(candidate.message == "task/solve.cpp:1: ask first");
  CHECK(run.world.solves == 10 + 6);  // the root only
}

TEST_CASE("a person who is asked decides whether a candidate goes on") {
  for (const auto& [answer, outcome] : {std::pair(Approval::Approved, "archived"), {Approval::Rejected, "rejected"}, {Approval::Later, "queued"}}) {
    GuardedRun run;
    FakeApprover approver(answer);
    run.approver = &approver;
    CHECK(run.propose({add_to_task(5)}).outcome == outcome);
    CHECK(approver.asked == std::vector<std::string>{"8"});
    CHECK(approver.why == std::vector<std::string>{"task/solve.cpp:1: ask first"});
  }
}

TEST_CASE("the time a person takes to answer does not count against the time limit") {
  class SlowApprover : public Approver {
   public:
    explicit SlowApprover(FakeClock& clock) : clock_(clock) {}
    Result<Approval> decide(const ApprovalRequest&) override {
      clock_.now = clock_.now + 1000;
      return Approval::Approved;
    }

   private:
    FakeClock& clock_;
  };
  GuardedRun run;
  SlowApprover approver(run.clock);
  run.approver = &approver;
  run.options.max_seconds = 10;
  CHECK(run.propose({add_to_task(5)}).outcome == "archived");
  CHECK(run.clock.now >= 1000);
}

TEST_CASE("an edit that needs no approval is not asked about") {
  FakeRun run;
  FakeApprover approver(Approval::Rejected);
  run.approver = &approver;
  CHECK(run.propose({add_to_task(5)}).outcome == "archived");
  CHECK(approver.asked.empty());
}

TEST_CASE("a queued edit that is approved later takes the way of any candidate, in a generation of its own") {
  GuardedRun run;
  const CandidateRecord queued = run.propose({add_to_task(5)});
  auto settled = settle(run, queued, true);
  REQUIRE(settled);
  CHECK(settled->outcome == "archived");
  REQUIRE(settled->agent == 1);
  CHECK(run.pool.agents()[1].reason == "because");
  CHECK(run.pool.agents()[1].train.mean == Approx(0.4));
  CHECK(run.pool.generations == std::vector<int>{0, 1, 2});
}

TEST_CASE("a queued edit that is turned down stays turned down in the archive") {
  GuardedRun run;
  const CandidateRecord queued = run.propose({add_to_task(5)});
  auto settled = settle(run, queued, false);
  REQUIRE(settled);
  CHECK(settled->outcome == "rejected");
  CHECK(run.pool.agents().size() == 1);
  CHECK(run.pool.candidates().back().edits == queued.edits);
}

TEST_CASE("a graft is handed the source of the agent it names, and never one that its proposer wrote") {
  const auto source = std::make_shared<const AgentSource>(fake_agent(3, 5));
  const auto lookup = [&](const Json& agent) -> Result<std::shared_ptr<const AgentSource>> { return agent == 4 ? source : nullptr; };
  const Json edits = {{{"op", "graft"}, {"agent", 4}, {"function", "f"}, {"donor", "mine"}},
                      {{"op", "graft"}, {"agent", 5}, {"function", "f"}, {"donor", "mine"}},
                      {{"op", "rename"}, {"donor", "mine"}},
                      "no edit"};
  auto resolved = with_donors(edits, lookup);
  REQUIRE(resolved);
  CHECK((*resolved)[0]["donor"] == source->files);
  CHECK_FALSE((*resolved)[1].contains("donor"));
  CHECK_FALSE((*resolved)[2].contains("donor"));
  CHECK((*resolved)[3] == "no edit");
  CHECK(with_donors("x", lookup).value() == "x");
}

TEST_CASE("a generation knows the agents there were when it was begun, and none that came later") {
  FakeRun run;
  run.propose({add_to_task(5)});
  PoolReader reader(run.pool);
  reader.extend();
  const std::string first = run.pool.agents()[0].ast_hash, second = run.pool.agents()[1].ast_hash;
  const KnownAgents early(reader, 1), late(reader, 2);
  CHECK(early.find(first) == 0);
  CHECK_FALSE(early.find(second));
  CHECK(late.find(second) == 1);
  CHECK(*early.donor(1) == nullptr);
  CHECK(early.told().size() == 1);
  CHECK(late.told().size() == 2);
}

TEST_CASE("ids that no agent of the pool has give no donor") {
  FakeRun run;
  run.propose({add_to_task(5)});
  PoolReader reader(run.pool);
  const KnownAgents agents(reader, 2);
  CHECK((*agents.donor(1))->files.at("task/solve.cpp") == "8");
  for (const Json& id : {Json(2), Json(-1), Json("1"), Json(1.5), Json()}) CHECK(*agents.donor(id) == nullptr);
}
