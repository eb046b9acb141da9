// An agent that does what its input says and answers with that, with the process it ran in, and with what an earlier input left behind.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

#include <ha/agent.h>

namespace {

#ifdef IN_THREAD
thread_local int calls = 0;
#else
int calls = 0;
#endif
#ifdef LARGE
double table[4'000'000];  // 32 MB
#endif

// Past the API: a frame straight into the pipe to the host.
void write_frame(const std::string& body) {
  const std::uint32_t size = static_cast<std::uint32_t>(body.size());
  std::string frame(reinterpret_cast<const char*>(&size), 4);
  frame += body;
  for (std::size_t done = 0; done < frame.size();) {
    const ssize_t wrote = write(31, frame.data() + done, frame.size() - done);
    if (wrote <= 0) _exit(1);
    done += static_cast<std::size_t>(wrote);
  }
}

std::string about(int at, const std::string& members) { return "{\"at\":" + std::to_string(at) + "," + members + "}"; }

}  // namespace

ha::Answer solve(const ha::Task& task, ha::Host& host) {
  const std::string what = task.input().get("do").text();
  const int at = static_cast<int>(task.input().get("at").number());  // its place in the batch, which the test knows
  int seen = 0;
  if (what == "count") seen = calls++;
#ifdef LARGE
  if (what == "count") seen = static_cast<int>(table[3'999'999]++);
#endif
  if (what == "leak") std::memset(std::malloc(100'000), 1, 100'000);
  if (what == "draw") seen = std::rand();
  if (what == "draw48") seen = static_cast<int>(lrand48());
  if (what == "call") seen = static_cast<int>(host.call("anything", ha::Value::object()).number());
  if (what == "call_thrice")
    for (int i = 0; i < 3; ++i) seen = static_cast<int>(host.call("anything", ha::Value::object()).number());
  if (what == "thread") std::thread([] { usleep(20'000), std::abort(); }).detach();
  if (what == "alarm") alarm(1);
  if (what == "fork" && fork() == 0) sleep(60);
  if (what == "deep") write_frame(about(at, "\"call\":\"x\",\"arguments\":" + std::string(2'000'000, '[') + std::string(2'000'000, ']')));
  if (what == "call_and_leave") {
    write_frame(about(at, "\"call\":\"x\""));
    _exit(0);
  }
  if (what == "answer_twice") {
    for (const int about_which : {at, at + 1}) write_frame(about(about_which, "\"value\":{\"did\":\"answer_twice\"},\"exit\":0"));
  }
  if (what == "throw") throw std::runtime_error("as told");
  if (what == "crash") std::abort();
  if (what == "leave") _exit(0);
  if (what == "wait") sleep(60);
  if (what == "close") close(31), sleep(60);
  return ha::Answer(ha::Value::object().with("did", what == "long" ? std::string(1 << 20, 'l') : what).with("process", static_cast<double>(getpid())).with("seen", seen));
}

ha::Proposal improve(const ha::Self&, ha::Host&) { return {}; }
