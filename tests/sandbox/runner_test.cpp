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

std::vector<EntryReply> run(Boxes& boxes, const std::string& agent, const std::vector<std::string>& tasks) {
  auto runner = make_boxed_runner(boxes.launcher(), {.program = HA_RUNNER});
  std::vector<Json> inputs;
  for (const std::string& task : tasks) inputs.push_back({{"id", "a"}, {"input", {{"do", task}}}});
  auto replies = runner->run(bytes_of(agent), "solve", inputs, [](std::size_t, const std::string&, const Json&) -> Result<Json> { return Json(); }, 10, {});
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
  CHECK(different(run(boxes, AGENT_KEEPS, std::vector<std::string>(150, "nothing")), "process").size() == 3);
  for (const char* what : {"count", "draw", "draw48", "leak"}) {
    INFO(what);
    const auto replies = run(boxes, AGENT_KEEPS, std::vector<std::string>(20, what));
    CHECK(different(replies, "seen").size() == 1);
    if (what == std::string("count") || what == std::string("leak")) CHECK(different(replies, "process").size() == 20);
  }
  const auto in_thread = run(boxes, AGENT_KEEPS_IN_THREAD, std::vector<std::string>(20, "count"));
  CHECK(different(in_thread, "seen") == std::set<double>{0});
}

TEST_CASE("an agent that works on is ended when nobody wants it any more") {
  Boxes boxes;
  if (!boxes) return;
  auto runner = make_boxed_runner(boxes.launcher(), {.program = HA_RUNNER});
  const Json inputs[] = {{{"id", "a"}, {"input", {{"do", "nothing"}}}}, {{"id", "b"}, {"input", {{"do", "wait"}}}}};
  const auto began = std::chrono::steady_clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  const auto replies = runner->run(bytes_of(AGENT_KEEPS), "solve", inputs, [](std::size_t, const std::string&, const Json&) -> Result<Json> { return Json(); }, 60, [&] { return passed() > 0.3; });
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
