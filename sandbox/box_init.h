// The inside of a box until the program runs, and process 1 of it afterwards.
//
// Theory of operation. The host prepares everything in a Blueprint, and ha-box (box_starter.h), which has one thread, clones a child for each. The child
//   1. keeps only its own descriptors and enters its control groups;
//   2. clones the mounts it will need, lays them out on a tmpfs, pivots into it and makes it read-only;
//   3. becomes an unprivileged user inside a user namespace without capabilities and sets no_new_privs;
//   4. vforks the program, which sets its limits, installs the filter and executes;
//   5. stays as init: reaps, keeps the wall-clock limit, and ends when the program ends, when time is up, or when the host is gone
//      (its lifeline pipe closes; PR_SET_PDEATHSIG would follow the *thread* that started the box). Process 1's end kills the tree.
// Init is not dumpable, so a program of the same uid can reach neither its memory nor its descriptors.
// The report pipe is held by init alone; hence a status cannot be forged.
#pragma once

#include <linux/filter.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sandbox/syscall_filter.h"

namespace hyperagent {

enum class SetupStep : std::int32_t {
  Cgroup,
  UserNamespace,
  UserMap,
  PrivateMounts,
  Source,
  Root,
  Layout,
  Attach,
  Proc,
  Pivot,
  ReadOnlyRoot,
  Identity,
  Capabilities,
  Privileges,
  Fork,
  Limits,
  Filter,
  Execute,
};
const char* describe(SetupStep step);  // "create a user namespace"

enum class ReportKind : std::int32_t { Started, Failed, Ended, WallLimit };

// One record on the report pipe: smaller than PIPE_BUF, so it arrives whole.
struct Report {
  ReportKind kind = ReportKind::Started;
  SetupStep step = SetupStep::Execute;  // Failed
  std::int32_t error = 0;               // Failed: errno
  std::int32_t detail = -1;             // Failed: index into binds or layout
  std::int32_t exited = 0;              // Ended: 1 exited, 0 killed by a signal
  std::int32_t status = 0;              // Ended: exit status or signal
  std::int64_t cpu_nanoseconds = 0;     // Ended: of the program
};

struct Bind {
  std::string source;
  std::string target;  // relative to the new root
  bool device = false;
};

struct LayoutStep {
  enum class Kind { Folder, File, Symlink, Tmpfs, Proc, WritableProc, Attach, Lock } kind;  // Lock: read-only from here on
  std::string path;                                                           // relative to the new root
  std::string text;                                                           // Symlink: target; Tmpfs, Proc: options
  std::size_t bind = 0;                                                       // Attach: index into binds
  bool may_exist = false;
};

struct ResourceLimit {
  int resource;
  rlimit value;
};

struct Blueprint {
  bool privileged = false;  // the host may take any uid; otherwise the box keeps the user's own
  unsigned host_uid = 0;    // what the box's user is on the host
  unsigned host_gid = 0;
  std::string uid_map;
  std::string gid_map;
  std::vector<Bind> binds;
  std::vector<int> trees;  // one slot per bind, filled inside
  std::vector<LayoutStep> layout;
  std::vector<int> doors;  // of control groups: files that take in who writes "0" to them
  int input = -1, output = -1, error_output = -1, report = -1, lifeline = -1;
  std::vector<ResourceLimit> limits;
  std::vector<sock_filter> filter;
  ExecTicket ticket{};
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=value
  std::int64_t wall_nanoseconds = 0;  // 0: no limit
};

// Never returns.
[[noreturn]] void run_box_init(Blueprint& blueprint);

}  // namespace hyperagent
