#include <catch2/catch.hpp>

#include "hyperagent/report/show_text.h"
#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

const AgentSource kSource = {{{"agent.json", "{}\n"}, {"task/solve.cpp", "int a;\nint b;\n"}}};

CandidateRecord proposal(const std::string& outcome, const std::string& code) {
  CandidateRecord record;
  record.outcome = outcome;
  record.code = code;
  return record;
}

}  // namespace

TEST_CASE("an agent is shown with scores, origin, edits and files") {
  const AgentRecord agent = cli_test::child(3, 1, 0.4);
  const std::string text = show_text({agent, kSource, {}, {4, 5}, true}, false);
  CHECK_THAT(text, Contains("agent 3 (best)") && Contains("from agent 1 in generation 3") && Contains("0.400 +- 0.100 (n=10)"));
  CHECK_THAT(text, Contains("set_literal in solve: 0.5 -> 0.7") && Contains("task/solve.cpp  2 lines") && Contains("2: 4, 5"));
  CHECK_THAT(text, !Contains("int a;"));
}

TEST_CASE("the source is shown on request") {
  const AgentRecord agent = cli_test::root();
  CHECK_THAT(show_text({agent, kSource, {}, {}, false}, true), Contains("--- task/solve.cpp\nint a;\n"));
}

TEST_CASE("proposals are counted by outcome and by refusal") {
  const AgentRecord agent = cli_test::root();
  const std::vector<CandidateRecord> proposals = {proposal("refused", "type_check"), proposal("refused", "parse"), proposal("archived", "")};
  CHECK_THAT(show_text({agent, kSource, proposals, {}, false}, false),
             Contains("3 proposals: 1 archived, 2 refused") && Contains("by reason: 1 parse, 1 type_check"));
  CHECK(show_json({agent, kSource, proposals, {}, false})["proposals"]["outcomes"]["refused"] == 2);
}

TEST_CASE("unsolved train tasks are listed with why") {
  AgentRecord agent = cli_test::root();
  agent.train_results = {{"t1", 1, {}}, {"t2", 0, {{"why", "wrong answer"}}}};
  CHECK_THAT(show_text({agent, kSource, {}, {}, false}, false), Contains("1 of 2 train tasks") && Contains("t2  0.000  wrong answer"));
}
