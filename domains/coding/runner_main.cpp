// ha-program-runner: runs in a box (profile Agent, no LLVM). Loads a library of program variants and runs the tests on each.
//
// In: one frame of JSON {"tests": [argument list as JSON text ...], "fuel", "depth", "memory", "seconds", "exhaust"}, one frame with the
// library. Out: one frame {"runs": [{"results": [{"status", "steps", "value"?, "what"?}], "coverage": [[line ...] ...]}]}.
//
// Theory of operation. Each variant runs in a forked child that writes one line of JSON a test to a pipe of its own. A test that
// crashes or uses up its fuel takes the child with it; the next test goes on in a new one. A child's word is believed only as
// the value its own test returned: expected values are not in this process.
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <typeinfo>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

using Json = nlohmann::json;

// The library's side of these is in cpp_harness.h.
constexpr int kLines = 4096;
struct State {
  long long fuel;
  int depth;
  void (*stop)(int why);
  unsigned char* lines;
  int variant;
};
using AnyFunction = void (*)();
struct Variant {
  AnyFunction function;
  void (*call)(AnyFunction function, const char* arguments, std::string& result);
  int number;
};
struct Library {
  State* state = nullptr;
  unsigned char* lines = nullptr;  // shared memory: what ran before a crash is still known
  const Variant* variants = nullptr;
  int count = 0;
};

constexpr std::size_t kResultBytes = 1 << 20;
constexpr int kPipe = 3;

struct Request {
  std::vector<std::string> tests;
  long long fuel = 0, memory = 0;
  int depth = 0, exhaust = 0;
  double seconds = 0;
};

double now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

std::optional<std::string> read_frame() {
  const auto exactly = [](char* data, std::size_t size) {
    while (size > 0) {
      const ssize_t n = read(0, data, size);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      data += n;
      size -= static_cast<std::size_t>(n);
    }
    return true;
  };
  unsigned char head[4];
  if (!exactly(reinterpret_cast<char*>(head), 4)) return std::nullopt;
  std::string body(head[0] | head[1] << 8 | head[2] << 16 | static_cast<std::size_t>(head[3]) << 24, '\0');
  if (!exactly(body.data(), body.size())) return std::nullopt;
  return body;
}

void write_frame(const std::string& body) {
  const auto n = static_cast<std::uint32_t>(body.size());
  const unsigned char head[4] = {static_cast<unsigned char>(n), static_cast<unsigned char>(n >> 8), static_cast<unsigned char>(n >> 16),
                                 static_cast<unsigned char>(n >> 24)};
  write_all(1, reinterpret_cast<const char*>(head), 4);
  write_all(1, body.data(), body.size());
}

// --- in the child ---

// Globals because stop() is called from the program and has no argument to carry them.
State* g_state = nullptr;
long long g_fuel = 0;  // at the start of a test

void put(const char* status, const std::string& more) {
  std::string line = std::string("{\"status\":\"") + status + "\",\"steps\":" + std::to_string(g_fuel - g_state->fuel) + ",\"lines\":[";
  bool first = true;
  for (int i = 0; i < kLines; ++i) {
    if (g_state->lines[i] == 0) continue;
    if (!first) line += ',';
    first = false;
    line += std::to_string(i);
  }
  line += "]" + (more.size() > kResultBytes ? std::string() : more) + "}\n";
  write_all(kPipe, line.data(), line.size());
}

[[noreturn]] void stop(int why) {
  if (why == 0) put("fuel", "");
  else put("exception", ",\"what\":\"recursion limit\"");
  _exit(0);
}

[[noreturn]] void child(const Library& library, const Variant& variant, const Request& request, std::size_t first, int pipe) {
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
  dup2(pipe, kPipe);
  close_range(kPipe + 1, ~0u, 0);
  const auto set = [](int what, rlim_t value) {
    rlimit limit{};
    getrlimit(static_cast<__rlimit_resource>(what), &limit);
    if (limit.rlim_max != RLIM_INFINITY && value > limit.rlim_max) value = limit.rlim_max;
    limit.rlim_cur = value;
    setrlimit(static_cast<__rlimit_resource>(what), &limit);
  };
  set(RLIMIT_AS, static_cast<rlim_t>(request.memory));
  set(RLIMIT_CPU, static_cast<rlim_t>(std::ceil(request.seconds)));
  set(RLIMIT_CORE, 0);
  set(RLIMIT_STACK, 96u << 20);  // room for `depth` calls of unoptimised code
  mallopt(M_PERTURB, 0x5a);      // reading uninitialised or freed memory gives the same answer every time
  g_state = library.state;
  for (std::size_t i = first; i < request.tests.size(); ++i) {
    std::memset(library.lines, 0, kLines);
    g_state->lines = library.lines;
    g_state->fuel = g_fuel = request.fuel;
    g_state->depth = request.depth;
    g_state->stop = stop;
    g_state->variant = variant.number;
    std::string result;
    std::string what;
    try {
      variant.call(variant.function, request.tests[i].c_str(), result);
    } catch (const std::exception& error) {
      what = std::string(error.what()).rfind("ha: ", 0) == 0 ? error.what() : typeid(error).name();
    } catch (...) {
      what = "unknown";
    }
    if (what.empty()) put("value", ",\"value\":" + result);
    else put("exception", ",\"what\":" + Json(what).dump(-1, ' ', true, Json::error_handler_t::replace));
  }
  _exit(0);
}

// --- in the parent ---

struct ChildOutput {
  std::string text;
  std::string end;  // "ended", "time", "output", "crash"
  int signal = 0;
};

ChildOutput run_child(const Library& library, const Variant& variant, const Request& request, std::size_t first) {
  ChildOutput out;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) _exit(3);  // no pipe: our failure, and a box without a reply says so
  const pid_t pid = fork();
  if (pid < 0) _exit(3);
  if (pid == 0) child(library, variant, request, first, ends[1]);
  close(ends[1]);
  out.end = "ended";
  const double until = now() + request.seconds;
  char buffer[1 << 16];
  for (;;) {
    pollfd poll_for{ends[0], POLLIN, 0};
    const double left = until - now();
    const int ready = left <= 0 ? 0 : poll(&poll_for, 1, static_cast<int>(left * 1000) + 1);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) { out.end = "time"; break; }
    const ssize_t n = read(ends[0], buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    out.text.append(buffer, static_cast<std::size_t>(n));
    if (out.text.size() > 2 * kResultBytes * (request.tests.size() + 1)) { out.end = "output"; break; }
  }
  close(ends[0]);
  kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    out.signal = WTERMSIG(status);
    if (out.end == "ended" && out.signal == SIGXCPU) out.end = "time";
  }
  return out;
}

Json run_variant(const Library& library, const Variant& variant, const Request& request) {
  Json run = {{"results", Json::array()}, {"coverage", Json::array()}};
  Json& results = run["results"];
  Json& coverage = run["coverage"];
  const auto add = [&](Json result, Json lines) {
    results.push_back(std::move(result));
    coverage.push_back(std::move(lines));
  };
  int exhausted = 0;
  while (results.size() < request.tests.size()) {
    if (exhausted >= request.exhaust) {  // endless on so many tests already: the others would only cost time
      add({{"status", "skipped"}}, Json::array());
      continue;
    }
    const ChildOutput out = run_child(library, variant, request, results.size());
    bool ended_itself = false;  // its last record explains why it stopped
    for (std::size_t at = 0, end; (end = out.text.find('\n', at)) != std::string::npos && results.size() < request.tests.size(); at = end + 1) {
      const Json record = Json::parse(out.text.substr(at, end - at), nullptr, false);
      const std::string status = record.is_object() ? record.value("status", "") : "";
      Json result = {{"status", status}, {"steps", record.is_object() && record.contains("steps") && record["steps"].is_number_integer() ? record["steps"] : Json(0)}};
      Json lines = Json::array();
      if (record.is_object() && record.contains("lines") && record["lines"].is_array()) {
        for (const Json& line : record["lines"]) if (line.is_number_integer()) lines.push_back(line);
      }
      if (status == "value" && record.contains("value")) result["value"] = record["value"];
      else if (status == "exception") result["what"] = record.contains("what") && record["what"].is_string() ? record["what"] : Json("");
      else if (status == "fuel") ++exhausted;
      else result = {{"status", "exception"}, {"what", "the result cannot be read"}};
      ended_itself = status == "fuel" || status == "exception";
      add(std::move(result), std::move(lines));
    }
    if (results.size() < request.tests.size() && !ended_itself) {
      exhausted += out.end == "time" ? 1 : 0;
      Json lines = Json::array();
      for (int i = 0; i < kLines; ++i) if (library.lines[i] != 0) lines.push_back(i);
      add({{"status", out.end == "time" ? "time" : "crash"}, {"what", out.signal != 0 ? "signal " + std::to_string(out.signal) : ""}}, lines);
    }
  }
  return run;
}

Library load(const std::string& bytes) {
  const int fd = memfd_create("program", MFD_CLOEXEC);
  if (fd < 0 || !write_all(fd, bytes.data(), bytes.size())) return {};
  void* handle = dlopen(("/proc/self/fd/" + std::to_string(fd)).c_str(), RTLD_NOW | RTLD_LOCAL);
  close(fd);
  if (handle == nullptr) {
    const char* why = dlerror();
    if (why != nullptr) write_all(2, why, std::strlen(why));
    return {};
  }
  Library library;
  void* shared = mmap(nullptr, kLines, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return {};
  library.lines = static_cast<unsigned char*>(shared);
  library.state = static_cast<State*>(dlsym(handle, "ha_program_state"));
  library.variants = static_cast<const Variant*>(dlsym(handle, "ha_program_variants"));
  const auto* count = static_cast<const int*>(dlsym(handle, "ha_program_count"));
  library.count = count == nullptr ? 0 : *count;
  return library;
}

}  // namespace

int main() {
  const auto head = read_frame();
  const auto bytes = head ? read_frame() : std::nullopt;
  if (!bytes) return 1;
  const Json json = Json::parse(*head, nullptr, false);
  if (!json.is_object()) return 1;
  Request request;
  for (const Json& test : json["tests"]) request.tests.push_back(test.get<std::string>());
  request.fuel = json["fuel"];
  request.depth = json["depth"];
  request.memory = json["memory"];
  request.seconds = json["seconds"];
  request.exhaust = json["exhaust"];
  // Loading runs the library's initialisers, which a patch may define: a box that ends here without a reply is its fault.
  const Library library = load(*bytes);
  if (library.state == nullptr || library.variants == nullptr) return 2;
  Json reply = {{"runs", Json::array()}};
  for (int v = 0; v < library.count; ++v) {
    const Variant& variant = library.variants[v];
    reply["runs"].push_back(variant.function == nullptr ? Json(nullptr) : run_variant(library, variant, request));
  }
  write_frame(reply.dump(-1, ' ', true, Json::error_handler_t::replace));
  return 0;
}
