// ha-runner: the in-box side of AgentRunner. Reads one frame with the agent's shared object, then one frame per input; inputs are
// worked on in forked children, so that a crash is one input's, and a child in which an input left a trace takes no other.
//
// Theory of operation. Frames (core/box.h) on standard input and output carry JSON:
//   host -> runner   {"entry": "solve"|"improve", "input": {...}}
//   child -> host    {"call": NAME, "arguments": ...}   answered by a frame with the reply
//   child -> host    {"value": ...}                     what the entry returned, and {"exit": 0}
//   runner -> host   {"exit": STATUS} or {"signal": N}  for a child that ended without
// A fork and its end cost three times a small solve(), so a child that is as it was before the input (Keepsakes) takes the next one
// too. Not looked at, and so carried along for at most 64 inputs: open descriptors, mapped memory, what the C library remembers besides
// random numbers, and the bytes of freed memory.
// A child that lies in these frames lies about its own agent's answers only: the host grades what was returned and nothing else. The pipe
// ends live on descriptors an agent's prints cannot reach: 0 and 1 are pointed at /dev/null.
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
constexpr int kMostInputs = 64;                       // of one child
constexpr std::size_t kMostVariables = 1u << 20;      // bytes; the variables of an agent with more are not compared
constexpr std::size_t kLeakedBytes = 64u << 10;       // of a child that takes another input; what the C++ library sets up late fits in

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

std::string framed(const Json& json) {
  const std::string body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  const std::uint32_t size = static_cast<std::uint32_t>(body.size());
  return std::string(reinterpret_cast<const char*>(&size), 4) + body;
}

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(kOut, bytes.data(), bytes.size());
    if (wrote <= 0) _exit(111);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

class PipeHost : public ha::Host {
 public:
  ha::Value call(std::string_view name, const ha::Value& arguments) override {
    write_all(framed({{"call", name}, {"arguments", ha::to_json(arguments)}}));
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

// What one input could leave for the next: the agent's variables, its heap, threads and processes, and the C library's random numbers and
// alarm (set back).
class Keepsakes {
 public:
  explicit Keepsakes(void* library) {
    link_map* map = nullptr;
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) return;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* self) {
          auto& me = *static_cast<Keepsakes*>(self);
          if (info->dlpi_addr != me.base_) return 0;
          me.known_ = true;
          for (int i = 0; i < info->dlpi_phnum; ++i) {
            const ElfW(Phdr)& part = info->dlpi_phdr[i];
            if (part.p_type == PT_TLS && part.p_memsz > 0) me.known_ = false;
            if (part.p_type == PT_LOAD && (part.p_flags & PF_W) != 0)
              me.variables_.push_back({reinterpret_cast<const char*>(info->dlpi_addr + part.p_vaddr), part.p_memsz});
          }
          return 1;
        },
        (base_ = map->l_addr, this));
    std::size_t bytes = 0;
    for (const std::string_view variables : variables_) bytes += variables.size();
    known_ = known_ && bytes <= kMostVariables;
    if (!known_) return;
    for (const std::string_view variables : variables_) before_.emplace_back(variables);
    heap_ = in_use();
  }

  bool none() const {
    if (!known_ || !__libc_single_threaded || waitpid(-1, nullptr, WNOHANG) >= 0) return false;
    for (std::size_t i = 0; i < variables_.size(); ++i)
      if (variables_[i] != before_[i]) return false;
    if (in_use() > heap_ + kLeakedBytes) return false;
    unsigned short first[3] = {};
    srand(1);
    seed48(first);
    alarm(0);
    return true;
  }

 private:
  static std::size_t in_use() {
    const struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
  }

  ElfW(Addr) base_ = 0;
  bool known_ = false;
  std::vector<std::string_view> variables_;
  std::vector<std::string> before_;
  std::size_t heap_ = 0;
};

// The frames that answer a request, or nothing when it is none: a reply that an ended child did not wait for.
std::optional<std::string> answer(void* library, const std::string& frame) {
  const Json request = Json::parse(frame, nullptr, false);
  if (!request.is_object() || !request.contains("entry")) return std::nullopt;
  const bool solving = request["entry"] == "solve";
  void* entry = dlsym(library, solving ? kSolve : kImprove);
  if (entry == nullptr) {
    std::fprintf(stderr, "the agent defines no %s\n", solving ? "solve" : "improve");
    _exit(113);
  }
  PipeHost host;
  const ha::Value input = ha::from_json(request.value("input", Json()));
  try {
    const Json value = solving ? solve_value(entry, input, host) : improve_value(entry, input, host);
    return framed({{"value", value}}) + framed({{"exit", 0}});
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "uncaught exception: %s\n", thrown.what());
    _exit(114);
  } catch (...) {
    std::fprintf(stderr, "uncaught exception\n");
    _exit(114);
  }
}

// `at_work` is shared with the runner: whether an input is still without its answer. Set while nothing of the input has been read yet, and
// taken back only when all that could still crash (destructors on a broken heap) is over: else the runner's word on this child would be
// taken for the answer to the next input.
[[noreturn]] void work(void* library, std::string frame, volatile bool& at_work) {
  prctl(PR_SET_DUMPABLE, 0);
  const Keepsakes keepsakes(library);
  for (int inputs = 1;; ++inputs) {
    const std::optional<std::string> answered = answer(library, frame);
    const bool another = inputs < kMostInputs && keepsakes.none();
    at_work = false;
    if (answered) write_all(*answered);
    if (!another) _exit(0);
    pollfd waited{kIn, POLLIN, 0};
    while (poll(&waited, 1, -1) < 0) {}
    at_work = true;
    auto next = read_frame();
    if (!next) {
      at_work = false;
      _exit(0);
    }
    frame = std::move(*next);
  }
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
  void* page = mmap(nullptr, sizeof(bool), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return 104;
  volatile bool& at_work = *static_cast<bool*>(page);
  while (auto frame = read_frame()) {
    at_work = true;
    const pid_t child = fork();
    if (child < 0) return 104;
    if (child == 0) work(library, std::move(*frame), at_work);
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {}
    kill(-1, SIGKILL);  // what the child left running: all but this process and the box's init
    if (!at_work) continue;
    write_all(framed(WIFSIGNALED(status) ? Json{{"signal", WTERMSIG(status)}} : Json{{"exit", WEXITSTATUS(status)}}));
  }
  return 0;
}
