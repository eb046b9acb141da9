// A box: one untrusted program in its own namespaces, without network, on a read-only system, with limits.
// The sandbox directory implements it; tests have a fake. A box that could not be set up is our Error, never an outcome.
//
//   auto process = launcher.start({.argv = {"/opt/ha/ha-runner"}, .limits = {.wall_seconds = 5}});
//   if (!process) return process.error();
//   (*process)->send(request);                    // one frame to the program's standard input
//   auto reply = (*process)->receive(2.0);        // one frame from its standard output
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hyperagent/core/outcome.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

// Zero means "no limit of this kind". All limits hold for the whole process tree where the kernel can do that.
struct BoxLimits {
  double wall_seconds = 0;          // the whole tree is killed
  double cpu_seconds = 0;           // per process (RLIMIT_CPU is whole seconds, rounded up)
  long long memory_bytes = 1ll << 30;
  int processes = 16;
  long long output_bytes = 64ll << 20;  // frames on standard output, in sum; standard error keeps its last 64 KiB
  long long file_bytes = 64ll << 20;    // largest file and size of the private /tmp
};

// Which system calls the program may make. Both deny network, mounts, tracing, keys, modules, io_uring, bpf and new namespaces.
enum class SyscallProfile {
  Tool,   // may also start programs and fork (compiler worker, Python)
  Agent,  // may fork (the runner does) but never execute another program
};

struct BoxMount {
  std::string host_path;
  std::string box_path;
};

// Danger, which has to be named: the program may talk to the graphics driver, a part of the kernel of some million lines that is not written to be
// attacked, by ioctl() on these device files. Its address space is then unlimited, because the driver's library reserves more than any machine has
// (the memory group still counts), it sees /proc as a tool does, may write what is its own there and read a part of /sys, and calls that would end
// another agent fail. For a training on a device only.
struct UnfilteredGpuDriver {
  std::vector<std::string> files;  // "/dev/nvidiactl" ...
};

struct BoxSpec {
  std::vector<std::string> argv;       // argv[0]: absolute path inside the box
  std::vector<BoxMount> read_only;     // files or folders besides the read-only system (/usr, /lib, /lib64, /bin, /etc/alternatives)
  std::vector<std::pair<std::string, std::string>> environment;  // the whole environment: nothing is inherited
  BoxLimits limits;
  SyscallProfile profile = SyscallProfile::Agent;
  std::optional<UnfilteredGpuDriver> gpu = {};
};

// A running box. Frames are a 4-byte little-endian length and that many bytes. Not thread-safe; one owner.
// The destructor kills the whole tree.
class BoxProcess {
 public:
  virtual ~BoxProcess() = default;
  // From now on sending, receiving and waiting for the end take no longer than this in sum, else the box is killed as TimedOut; until the next call.
  virtual void allow(double seconds) = 0;
  // False when the program no longer reads (it ended or was killed): wait() says why.
  virtual bool send(std::string_view frame) = 0;
  // The next whole frame; nothing on end of output, on a limit, or when `timeout_seconds` pass (then the box is killed as TimedOut).
  virtual std::optional<std::string> receive(double timeout_seconds) = 0;
  // Waits until receive() would return at once, `seconds` at most; false when they passed. Ends nothing.
  virtual bool ready(double seconds) = 0;
  // Closes the program's input, waits for its end (limits still hold) and says how it ended. Idempotent.
  virtual RunOutcome wait() = 0;
  virtual void kill() = 0;
  virtual std::string standard_error() const = 0;  // the last 64 KiB
};

// Thread-safe.
class BoxLauncher {
 public:
  virtual ~BoxLauncher() = default;
  virtual Result<std::unique_ptr<BoxProcess>> start(const BoxSpec& spec) = 0;
};

}  // namespace hyperagent
