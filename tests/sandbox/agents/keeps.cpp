// An agent that does what its input says and answers with the process it ran in, and with what an earlier input left behind.
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <unistd.h>

#include <ha/agent.h>

namespace {
#ifdef IN_THREAD
thread_local int calls = 0;
#else
int calls = 0;
#endif
}  // namespace

ha::Answer solve(const ha::Task& task, ha::Host&) {
  const std::string what = task.input().get("do").text();
  int seen = 0;
  if (what == "count") seen = calls++;
  if (what == "leak") std::memset(std::malloc(100'000), 1, 100'000);
  if (what == "draw") seen = std::rand();
  if (what == "draw48") seen = static_cast<int>(lrand48());
  if (what == "throw") throw std::runtime_error("as told");
  if (what == "crash") std::abort();
  if (what == "leave") _exit(0);
  if (what == "wait") sleep(60);
  return ha::Answer(ha::Value::object().with("process", static_cast<double>(getpid())).with("seen", seen));
}

ha::Proposal improve(const ha::Self&, ha::Host&) { return {}; }
