// ha-runner: the in-box side of AgentRunner. Reads one frame with the agent's shared object, then one frame per batch of inputs; they are
// worked on in forked children, so that a crash is one input's, and a child in which an input left a trace takes no other.
//
// Theory of operation. Frames (core/box.h) on standard input and output carry a batch of inputs as CBOR, all else as JSON:
//   host -> runner   {"entry": "solve"|"improve", "inputs": [CBOR...], "calls": [[NAME, arguments as JSON text]...], "replies":
//   [[[reply]|null...]...]} child -> host    {"at": I, "call": NAME, "arguments": ..., "served": [K...]}      answered by {"at": I,
//   "reply": ...} child -> host    {"at": I, "value": ..., "exit": 0, "served": [K...]}             what the entry returned for input I of
//   the batch runner -> host   {"at": I, "exit": STATUS} or {"at": I, "signal": N}              for a child that ended without
// "replies" holds, for each input, the replies to "calls" as far as the host foresees them: an agent that makes the call is served without
// a round trip, once a call and within the first kMostForeseen calls, so that a host that counts calls comes to the same end either way. A
// fork and its end cost three times a small solve(), so a child that is as it was before the input (Keepsakes) takes the next one too.
// Inputs to come lie in its memory, still encoded; an agent that goes and looks for them finds what it will be asked anyway. Not looked at,
// and so carried along for at most 64 inputs: open descriptors, mapped memory, what the C library remembers besides random numbers, and the
// bytes of freed memory. A child that lies in these frames lies about its own agent's answers only: the host grades what was returned and
// nothing else. The pipe ends live on descriptors an agent's prints cannot reach: 0 and 1 are pointed at /dev/null.
#include <dlfcn.h>
#include <fcntl.h>
#include <ha/agent.h>
#include <link.h>
#include <malloc.h>
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
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hyperagent/api/src/value_data.h"
#include "hyperagent/core/agent_runner.h"

namespace {

using Json = nlohmann::json;
using Solve = ha::Answer(const ha::Task&, ha::Host&);
using Improve = ha::Proposal(const ha::Self&, ha::Host&);

constexpr int kIn = 30, kOut = 31;
// The mangled names of the entry points declared in <ha/agent.h>.
constexpr const char* kSolve = "_Z5solveRKN2ha4TaskERNS_4HostE";
constexpr const char* kImprove = "_Z7improveRKN2ha4SelfERNS_4HostE";
constexpr std::uint32_t kLargestFrame = 256u << 20;
constexpr int kMostInputs = 64;                   // of one child
constexpr std::size_t kMostVariables = 1u << 20;  // bytes; the variables of an agent with more are not compared
constexpr std::size_t kLeakedBytes = 64u << 10;   // of a child that takes another input; what the C++ library sets up late fits in

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

// The inputs that were sent together.
struct Batch {
  bool solving = false;
  std::vector<Json> inputs;  // encoded, each
  std::vector<std::pair<std::string, std::string>> calls;
  Json replies;

  const Json* reply(std::size_t at, std::size_t call) const {
    if (at >= replies.size() || !replies[at].is_array() || call >= replies[at].size()) return nullptr;
    const Json& reply = replies[at][call];
    return reply.is_array() && reply.size() == 1 ? &reply[0] : nullptr;
  }
};

// Nothing for what is no batch: a reply that an ended child did not wait for.
std::optional<Batch> batch_from(const std::string& frame) {
  Json message = Json::from_cbor(frame, true, false);
  if (!message.is_object() || !message.contains("entry")) return std::nullopt;
  Batch batch;
  batch.solving = message["entry"] == "solve";
  for (Json& input : message["inputs"]) batch.inputs.push_back(std::move(input));
  for (Json& call : message["calls"]) batch.calls.emplace_back(call.at(0).get<std::string>(), call.at(1).get<std::string>());
  batch.replies = std::move(message["replies"]);
  return batch;
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

// Serves the calls made for one input of a batch.
class PipeHost : public ha::Host {
 public:
  PipeHost(const Batch& batch, std::size_t at) : batch_(batch), at_(at) {}

  ha::Value call(std::string_view name, const ha::Value& arguments) override {
    const Json& asked = ha::to_json(arguments);
    if (const Json* reply = foreseen(name, asked)) return ha::from_json(*reply);
    write_all(framed({{"at", at_}, {"call", name}, {"arguments", asked}, {"served", take_served()}}));
    for (;;) {
      const auto frame = read_frame();
      if (!frame) _exit(112);
      Json message = Json::parse(*frame, nullptr, false);
      // Others were meant for an input whose child ended before it read them.
      if (message.is_object() && message.contains("reply") && message["at"] == at_) return ha::from_json(std::move(message["reply"]));
    }
  }

  // Which foreseen replies were used since this was asked last.
  Json take_served() { return std::exchange(served_, Json::array()); }

 private:
  const Json* foreseen(std::string_view name, const Json& arguments) {
    if (++calls_ > hyperagent::kMostForeseen || batch_.calls.empty()) return nullptr;
    const std::string text = arguments.dump(-1, ' ', false, Json::error_handler_t::replace);
    for (std::size_t i = 0; i < batch_.calls.size(); ++i) {
      if (used_[i] || batch_.calls[i].first != name || batch_.calls[i].second != text) continue;
      const Json* reply = batch_.reply(at_, i);
      if (reply == nullptr) return nullptr;
      used_[i] = true;
      served_.push_back(i);
      return reply;
    }
    return nullptr;
  }

  const Batch& batch_;
  const std::size_t at_;
  std::size_t calls_ = 0;
  std::vector<bool> used_ = std::vector<bool>(batch_.calls.size());
  Json served_ = Json::array();
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

// The frame that answers one input.
std::string answer(void* library, const Batch& batch, std::size_t at) {
  void* entry = dlsym(library, batch.solving ? kSolve : kImprove);
  if (entry == nullptr) {
    std::fprintf(stderr, "the agent defines no %s\n", batch.solving ? "solve" : "improve");
    _exit(113);
  }
  PipeHost host(batch, at);
  const ha::Value input = ha::from_json(Json::from_cbor(batch.inputs[at].get_binary()));
  try {
    Json value = batch.solving ? solve_value(entry, input, host) : improve_value(entry, input, host);
    return framed({{"at", at}, {"value", std::move(value)}, {"exit", 0}, {"served", host.take_served()}});
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "uncaught exception: %s\n", thrown.what());
    _exit(114);
  } catch (...) {
    std::fprintf(stderr, "uncaught exception\n");
    _exit(114);
  }
}

// What the runner and its child share.
struct Progress {
  volatile std::size_t done;  // inputs of the batch that have their answers, or the runner's word on what ended them
  // Whether input `done` is being worked on. Set while nothing of it has been looked at, and taken back only when all that could still
  // crash (destructors on a broken heap) is over: else the runner's word on this child would be taken for the answer to the next input.
  volatile bool at_work;
};

[[noreturn]] void work(void* library, const Batch& batch, Progress& progress) {
  prctl(PR_SET_DUMPABLE, 0);
  const Keepsakes keepsakes(library);
  for (int inputs = 1;; ++inputs) {
    const std::size_t at = progress.done;
    progress.at_work = true;
    const std::string answered = answer(library, batch, at);
    const bool another = inputs < kMostInputs && at + 1 < batch.inputs.size() && keepsakes.none();
    progress.at_work = false;
    progress.done = at + 1;
    write_all(answered);
    if (!another) _exit(0);
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
  void* page = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return 104;
  Progress& progress = *static_cast<Progress*>(page);
  while (const auto frame = read_frame()) {
    const auto batch = batch_from(*frame);
    if (!batch) continue;
    progress.done = 0;
    while (progress.done < batch->inputs.size()) {
      const std::size_t at = progress.done;
      progress.at_work = false;
      const pid_t child = fork();
      if (child < 0) return 104;
      if (child == 0) work(library, *batch, progress);
      int status = 0;
      while (waitpid(child, &status, 0) < 0) {
      }
      kill(-1, SIGKILL);  // what the child left running: all but this process and the box's init
      if (!progress.at_work && progress.done > at) continue;
      const std::size_t ended = progress.done;
      progress.done = ended + 1;
      write_all(framed(WIFSIGNALED(status) ? Json{{"at", ended}, {"signal", WTERMSIG(status)}}
                                           : Json{{"at", ended}, {"exit", WEXITSTATUS(status)}}));
    }
  }
  return 0;
}
