#include <catch2/catch.hpp>

#include "hyperagent/report/phrases.h"

using namespace hyperagent;

TEST_CASE("escape sequences in an agent's words never reach the terminal") { CHECK(printable("a\x1b[2Jb\xc2\x9b" "c\n") == "a[2Jbc\n"); }

TEST_CASE("a long text is cut between characters, never inside one") {
  CHECK(one_line("na\xc3\xafve   caf\xc3\xa9\n bar", 8) == "na\xc3\xafve...");
  CHECK(one_line("short\ttext ", 40) == "short text");
}

TEST_CASE("folded text keeps to its width and its margin") { CHECK(wrapped("one two three", "  ", 9) == "  one two\n  three\n"); }

TEST_CASE("a change shows its sign, and none when it is nothing") {
  CHECK(change(0.1) == "+0.100");
  CHECK(change(-0.1) == "-0.100");
  CHECK(change(-0.0001) == "0.000");
}

TEST_CASE("a score that was never taken is not zero") {
  CHECK(score_text({}) == "none");
  CHECK(score_text({0.5, 0.1, 4}) == "0.500 +- 0.100 (n=4)");
}

TEST_CASE("durations are told in the units people use") {
  CHECK(duration(0.42) == "0.4 s");
  CHECK(duration(59.2) == "59 s");
  CHECK(duration(185) == "3 min 05 s");
  CHECK(duration(7800) == "2 h 10 min");
}

TEST_CASE("an edit is told in words") {
  CHECK(edit_text({{"op", "set_literal"}, {"function", "weight"}, {"expect", "0.5"}, {"value", "0.7"}}) == "set_literal in weight: 0.5 -> 0.7");
  CHECK(edit_text({{"op", "delete_statement"}, {"function", "solve"}, {"path", "1"}, {"expect", "x = 1;"}}) == "delete_statement in solve: x = 1;");
  CHECK(edit_text({{"op", "rename"}, {"name", "a"}, {"function", "f"}, {"to", "b"}}) == "rename a in f -> b");
  CHECK(edit_text({{"op", "graft"}, {"agent", 3}, {"function", "weight"}}) == "graft weight of agent 3");
  CHECK(edit_text({{"op", "rewrite"}, {"match", "callExpr()"}, {"code", "1"}}) == "rewrite: callExpr() -> 1");
  CHECK(edit_text({{"op", "move_statement"}, {"function", "f"}, {"path", "1"}, {"to", "0"}, {"where", "before"}}) == "move_statement in f: before the one at 0");
  CHECK(edit_text({{"op", "remove_declaration"}, {"name", "old"}}) == "remove_declaration old");
}

TEST_CASE("a malformed edit is shown as it is") { CHECK(edit_text(Json::array({1, 2})) == "[1,2]"); }

TEST_CASE("tasks below 1 are listed with why, and called unsolved only where none is solved in part") {
  const std::vector<TaskResult> results = {{"t1", 1, {}}, {"t2", 0, {{"why", "wrong answer"}}}, {"t3", 0, {{"why", 3}}}};
  const Unsolved unsolved = unsolved_tasks(results, 1);
  CHECK(unsolved.count == 2);
  CHECK(unsolved.title == "not solved");
  CHECK(unsolved.lines == "    t2  0.000  wrong answer\n    ... 1 more\n");
  CHECK(unsolved_tasks({{"t1", 0.5, {}}, {"t2", 0, {}}}, 5).title == "below 1");
  CHECK(unsolved_tasks({{"t1", 1, {}}}, 5).count == 0);
}
