// What ha-runner lets pass from one input to the next: nothing.
#include <chrono>
#include <fstream>
#include <set>
#include <sstream>

#include "sandbox/agent_runner.h"
#include "tests/sandbox/box_fixture.h"

using namespace hyperagent;

namespace {

std::string bytes_of(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

Result<Json> zero(std::size_t, const std::string&, const Json&) { return Json(0); }

Result<std::vector<EntryReply>> run(AgentRunner& runner, const std::string& agent, const std::vector<std::string>& tasks,
                                    const HostCalls& calls = {zero}) {
  std::vector<Json> inputs;
  for (const std::string& task : tasks)
    inputs.push_back({{"id", "a"}, {"input", {{"do", task}, {"at", inputs.empty() ? 0 : inputs.size() - 1}}}});
  return runner.run(bytes_of(agent), "solve", inputs, calls, 10, {});
}

std::vector<EntryReply> run(Boxes& boxes, const std::string& agent, const std::vector<std::string>& tasks) {
  auto runner = make_boxed_runner(boxes.launcher(), {.program = HA_RUNNER});
  auto replies = run(*runner, agent, tasks);
  if (!replies) FAIL(replies.error().message);
  return *replies;
}

std::set<double> different(const std::vector<EntryReply>& replies, const char* what) {
  std::set<double> values;
  for (const EntryReply& reply : replies) {
    REQUIRE(reply.value);
    values.insert((*reply.value)[what].get<double>());
  }
  return values;
}

}  // namespace

TEST_CASE("an agent that leaves nothing behind shares a process among inputs, one that does gets a new one") {
  Boxes boxes;
  if (!boxes) return;
  // The first input goes alone, the others in batches of 64.
  CHECK(different(run(boxes, AGENT_KEEPS, std::vector<std::string>(150, "nothing")), "process").size() == 4);
  for (const char* what : {"count", "draw", "draw48", "leak"}) {
    INFO(what);
    const auto replies = run(boxes, AGENT_KEEPS, std::vector<std::string>(20, what));
    CHECK(different(replies, "seen").size() == 1);
    if (what == std::string("count") || what == std::string("leak")) CHECK(different(replies, "process").size() == 20);
  }
  for (const char* agent : {AGENT_KEEPS_IN_THREAD, AGENT_KEEPS_MUCH})
    CHECK(different(run(boxes, agent, std::vector<std::string>(20, "count")), "seen") == std::set<double>{0});
}

TEST_CASE("whatever an input leaves behind, each answer belongs to its own input") {
  Boxes boxes;
  if (!boxes) return;
  std::vector<std::string> tasks;
  for (const char* left : {"thread", "alarm", "fork", "deep", "call_and_leave", "count", "leak"})
    for (const char* what : {left, "nothing", "call", "nothing"}) tasks.push_back(what);
  const auto replies = run(boxes, AGENT_KEEPS, tasks);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    INFO(i << " " << tasks[i]);
    REQUIRE(replies[i].value.has_value() == (tasks[i] != "call_and_leave"));
    if (replies[i].value) CHECK((*replies[i].value)["did"] == tasks[i]);
  }
}

TEST_CASE("an agent that answers for an input it has not been asked yet is found out, and none of its answers counts any more") {
  Boxes boxes;
  if (!boxes) return;
  auto runner = make_boxed_runner(boxes.launcher(), {.program = HA_RUNNER});
  const auto replies = run(*runner, AGENT_KEEPS, {"nothing", "nothing", "answer_twice", "nothing", "nothing"});
  REQUIRE(replies);
  REQUIRE(replies->size() == 5);
  for (std::size_t i = 0; i < replies->size(); ++i) {
    INFO(i);
    CHECK_FALSE((*replies)[i].value);
    CHECK(std::holds_alternative<Violation>((*replies)[i].outcome));
  }
  const auto later = run(*runner, AGENT_KEEPS, {"nothing"});
  REQUIRE(later);
  CHECK(std::holds_alternative<Violation>(later->front().outcome));
  const auto other = run(*runner, AGENT_KEEPS_IN_THREAD, {"nothing"});
  REQUIRE(other);
  CHECK(other->front().value);
}

TEST_CASE("answers that are long together take a new box, and none is lost") {
  Boxes boxes;
  if (!boxes) return;
  const auto replies = run(boxes, AGENT_KEEPS, std::vector<std::string>(70, "long"));
  for (const EntryReply& reply : replies) {
    REQUIRE(reply.value);
    CHECK((*reply.value)["did"].get<std::string>().size() > 1'000'000);
  }
}

TEST_CASE("replies that the host foresees save the round trip, and count like calls") {
  Boxes boxes;
  if (!boxes) return;
  auto runner = make_boxed_runner(boxes.launcher(), {.program = HA_RUNNER});
  int answered = 0, foreseen = 0, served = 0;
  HostCalls calls;
  calls.answer = [&](std::size_t index, const std::string&, const Json&) -> Result<Json> {
    ++answered;
    return Json(index);
  };
  calls.foresee = [&](std::size_t index, const std::string&, const Json&) -> std::optional<Json> {
    ++foreseen;
    return Json(index);
  };
  calls.served = [&](std::size_t, int count) { served += count; };
  std::vector<std::string> tasks(20, "call");
  tasks[10] = "call_thrice";
  tasks[12] = "deep";  // is answered, and not kept to be foreseen: a copy of it would end the host
  const auto replies = run(*runner, AGENT_KEEPS, tasks, calls);
  REQUIRE(replies);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    INFO(i);
    REQUIRE((*replies)[i].value);
    if (i != 12) CHECK((*(*replies)[i].value)["seen"] == i);
  }
  CHECK(foreseen >= 19);
  CHECK(answered == 1 + 2 + 1);  // the first input, which goes alone, the second and third call of the one that makes three, and "deep"
  CHECK(served == 18);           // of the 20 inputs all but the first and "deep"
}

TEST_CASE("an agent's box serves the next run, another agent gets its own, and none survives an error of ours") {
  Boxes boxes;
  if (!boxes) return;
  auto runner = make_boxed_runner(boxes.launcher(), {.program = HA_RUNNER});
  const auto process = [&](const char* agent) {
    const auto replies = run(*runner, agent, {"nothing"});
    REQUIRE(replies);
    REQUIRE(replies->front().value);
    return (*replies->front().value)["process"].get<int>();
  };
  const int first = process(AGENT_KEEPS);
  REQUIRE(run(*runner, AGENT_KEEPS, {"count"}));
  CHECK(process(AGENT_KEEPS) > first);  // process numbers go on: the same box, where "count" ended a process
  CHECK(process(AGENT_KEEPS_IN_THREAD) <= first);
  CHECK_FALSE(run(*runner, AGENT_KEEPS, {"call"},
                  {[](std::size_t, const std::string&, const Json&) -> Result<Json> { return environment_error("ours"); }}));
  CHECK(process(AGENT_KEEPS) == first);
  const auto dead = run(*runner, AGENT_KEEPS, {"close"});
  REQUIRE(dead);
  CHECK_FALSE(dead->front().value);
  CHECK(process(AGENT_KEEPS) == first);
}

TEST_CASE("an agent that works on is ended when nobody wants it any more") {
  Boxes boxes;
  if (!boxes) return;
  auto runner = make_boxed_runner(boxes.launcher(), {.program = HA_RUNNER});
  const Json inputs[] = {{{"id", "a"}, {"input", {{"do", "nothing"}}}}, {{"id", "b"}, {"input", {{"do", "wait"}}}}};
  const auto began = std::chrono::steady_clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  const auto replies = runner->run(bytes_of(AGENT_KEEPS), "solve", inputs,
                                   {[](std::size_t, const std::string&, const Json&) -> Result<Json> { return Json(); }}, 60,
                                   [&] { return passed() > 0.3; });
  REQUIRE_FALSE(replies);
  CHECK(replies.error().kind == ErrorKind::Interrupted);
  CHECK(passed() < 1.5);
}

TEST_CASE("a crash, an exception and an early end are of one input only") {
  Boxes boxes;
  if (!boxes) return;
  const auto replies = run(boxes, AGENT_KEEPS, {"nothing", "crash", "nothing", "nothing", "throw", "nothing", "leave", "nothing"});
  REQUIRE(replies.size() == 8);
  for (const std::size_t good : {0u, 2u, 3u, 5u, 7u}) CHECK(replies[good].value);
  CHECK(std::holds_alternative<Signalled>(replies[1].outcome));
  REQUIRE(std::holds_alternative<Exited>(replies[4].outcome));
  CHECK(std::get<Exited>(replies[4].outcome).status == 114);
  CHECK(succeeded(replies[6].outcome));
  for (const std::size_t bad : {1u, 4u, 6u}) CHECK_FALSE(replies[bad].value);
}
