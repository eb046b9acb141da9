#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "hyperagent/cli/console.h"
#include "hyperagent/cli/event_log.h"
#include "tests/cli/fixture.h"

using namespace hyperagent;

TEST_CASE("a reader that went away is not a failure") {
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  Console console(ends[1], ends[1]);
  console.print("nobody reads this\n");
  CHECK(console.failure().has_value());
  ::close(ends[1]);
}

TEST_CASE("a full disk behind standard output is reported") {
  const int full = ::open("/dev/full", O_WRONLY);
  if (full < 0) {
    WARN("SKIPPED: there is no /dev/full");
    return;
  }
  Console console(full, full);
  console.print("x");
  CHECK_FALSE(console.failure().has_value());
  ::close(full);
}

TEST_CASE("text that is not UTF-8 does not stop a line of JSON") { CHECK(json_line({{"a", "\xff"}}) == "{\"a\":\"\xef\xbf\xbd\"}\n"); }

TEST_CASE("an event log that was cut in the middle of a line goes on with whole events") {
  cli_test::TemporaryDirectory folder;
  const std::string path = folder.write("events.jsonl", "{\"event\":\"session\"}\n{\"event\":\"gener");
  {
    auto log = EventLog::open(path);
    REQUIRE(log);
    REQUIRE(log->append({{"event", "done"}}));
  }
  const auto events = read_events(path);
  REQUIRE(events.size() == 2);
  CHECK(events[1]["event"] == "done");
  CHECK(events[1].contains("time"));
}

TEST_CASE("an event log on a full disk is an error of the environment") {
  auto log = EventLog::open("/dev/full");
  if (!log) {
    WARN("SKIPPED: there is no /dev/full");
    return;
  }
  const auto written = log->append({{"event", "done"}});
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == ErrorKind::Environment);
}

TEST_CASE("the time a run used is the last word of each of its sessions") {
  CHECK(seconds_used({{{"event", "session"}}, {{"event", "generation"}, {"seconds", 4.0}}, {{"event", "generation"}, {"seconds", 5.0}},
                      {{"event", "session"}}, {{"event", "done"}, {"seconds", 2.0}}}) == 7.0);
}
