// ha-runner: the in-box side of AgentRunner. Reads one frame with the agent's shared object, then one frame per input; each
// input is worked on in a forked child, so that nothing (state, crash, leak) passes from one task to the next.
//
// Theory of operation. Frames (core/box.h) on standard input and output carry JSON:
//   host -> runner   {"entry": "solve"|"improve", "input": {...}}
//   child -> host    {"call": NAME, "arguments": ...}   answered by a frame with the reply
//   child -> host    {"value": ...}                     what the entry returned
//   runner -> host   {"exit": STATUS} or {"signal": N}  after the child has ended
// A child that lies in these frames lies about its own answers only: the host grades what was returned and nothing else. The
// pipe ends live on descriptors an agent's prints cannot reach: 0 and 1 are pointed at /dev/null.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <string>

#include <ha/agent.h>
#include <nlohmann/json.hpp>

#include "hyperagent/api/src/value_data.h"

namespace {

using Json = nlohmann::json;
using Solve = ha::Answer(const ha::Task&, ha::Host&);
using Improve = ha::Proposal(const ha::Self&, ha::Host&);

constexpr int kIn = 30, kOut = 31;
// The mangled names of the entry points declared in <ha/agent.h>.
constexpr const char* kSolve = "_Z5solveRKN2ha4TaskERNS_4HostE";
constexpr const char* kImprove = "_Z7improveRKN2ha4SelfERNS_4HostE";
constexpr std::uint32_t kLargestFrame = 256u << 20;

bool read_all(int fd, char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t got = read(fd, data, size);
    if (got <= 0) return false;
    data += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<std::string> read_frame() {
  std::uint32_t size = 0;
  if (!read_all(kIn, reinterpret_cast<char*>(&size), 4) || size > kLargestFrame) return std::nullopt;
  std::string frame(size, '\0');
  if (!read_all(kIn, frame.data(), size)) return std::nullopt;
  return frame;
}

void write_frame(const Json& json) {
  const std::string body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  const std::uint32_t size = static_cast<std::uint32_t>(body.size());
  std::string frame(reinterpret_cast<const char*>(&size), 4);
  frame += body;
  for (std::size_t done = 0; done < frame.size();) {
    const ssize_t wrote = write(kOut, frame.data() + done, frame.size() - done);
    if (wrote <= 0) _exit(111);
    done += static_cast<std::size_t>(wrote);
  }
}

class PipeHost : public ha::Host {
 public:
  ha::Value call(std::string_view name, const ha::Value& arguments) override {
    write_frame({{"call", name}, {"arguments", ha::to_json(arguments)}});
    const auto reply = read_frame();
    if (!reply) _exit(112);
    return ha::Value::parse(*reply);
  }
};

Json solve_value(void* entry, const ha::Value& input, ha::Host& host) {
  const ha::Answer answer = reinterpret_cast<Solve*>(entry)(ha::Task(input), host);
  return answer.given() ? ha::to_json(answer.value()) : Json();
}

Json improve_value(void* entry, const ha::Value& input, ha::Host& host) {
  const ha::Proposal proposal = reinterpret_cast<Improve*>(entry)(ha::Self(input), host);
  Json edits = Json::array();
  for (const ha::Value& edit : proposal.edits) edits.push_back(ha::to_json(edit));
  return {{"edits", edits}, {"reason", proposal.reason}, {"memory", ha::to_json(proposal.memory)}};
}

[[noreturn]] void work(void* library, const std::string& frame) {
  prctl(PR_SET_DUMPABLE, 0);
  const Json request = Json::parse(frame, nullptr, false);
  const bool solving = request.value("entry", "") == "solve";
  void* entry = dlsym(library, solving ? kSolve : kImprove);
  if (entry == nullptr) {
    std::fprintf(stderr, "the agent defines no %s\n", solving ? "solve" : "improve");
    _exit(113);
  }
  PipeHost host;
  const ha::Value input = ha::from_json(request.value("input", Json()));
  try {
    write_frame({{"value", solving ? solve_value(entry, input, host) : improve_value(entry, input, host)}});
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "uncaught exception: %s\n", thrown.what());
    _exit(114);
  } catch (...) {
    std::fprintf(stderr, "uncaught exception\n");
    _exit(114);
  }
  _exit(0);
}

}  // namespace

int main() {
  if (dup2(0, kIn) < 0 || dup2(1, kOut) < 0) return 100;
  const int null = open("/dev/null", O_RDWR);
  if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0) return 100;

  const auto bytes = read_frame();
  if (!bytes) return 101;
  const int file = memfd_create("agent", MFD_CLOEXEC);
  if (file < 0 || write(file, bytes->data(), bytes->size()) != static_cast<ssize_t>(bytes->size())) return 102;
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  // Global constructors of the agent run here: in the box, before any input is known.
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "cannot load the agent: %s\n", dlerror());
    return 103;
  }
  while (const auto frame = read_frame()) {
    const pid_t child = fork();
    if (child < 0) return 104;
    if (child == 0) work(library, *frame);
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {}
    if (WIFSIGNALED(status))
      write_frame({{"signal", WTERMSIG(status)}});
    else
      write_frame({{"exit", WEXITSTATUS(status)}});
  }
  return 0;
}
