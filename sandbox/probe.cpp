#include "sandbox/probe.h"

#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "sandbox/box_launcher.h"
#include "sandbox/cgroup.h"
#include "sandbox/posix.h"
#include "sandbox/syscall_filter.h"

namespace hyperagent {
namespace {

Json entry(const std::string& name, bool ok, const std::string& detail, const std::string& advice, bool optional = false) {
  return {{"name", name}, {"ok", ok}, {"detail", detail}, {"advice", ok ? "" : advice}, {"optional", optional}};
}

// 0, or why a child with these namespaces cannot be made.
int try_clone(std::uint64_t flags) {
  clone_args arguments{};
  arguments.flags = flags;
  arguments.exit_signal = SIGCHLD;
  const long child = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child == 0) ::syscall(SYS_exit_group, 0);
  if (child < 0) return errno;
  while (::waitpid(static_cast<pid_t>(child), nullptr, 0) < 0 && errno == EINTR) {
  }
  return 0;
}

Json namespaces(const std::string& name, std::uint64_t flags) {
  const bool root = ::geteuid() == 0;
  const int error = try_clone(root ? flags : flags | CLONE_NEWUSER);
  return entry(name, error == 0, error == 0 ? "available" : errno_text(error),
               "allow it: sysctl user.max_user_namespaces (more than 0), kernel.unprivileged_userns_clone=1 (Debian), "
               "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); in a container, a seccomp profile that permits clone and mount");
}

Json seccomp() {
  std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  const bool kernel = ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
  if (!kernel) return entry("seccomp", false, errno_text(errno), "use a kernel with CONFIG_SECCOMP_FILTER, version 5.12 or newer");
  std::string sizes;
  for (const SyscallProfile profile : {SyscallProfile::Tool, SyscallProfile::Agent}) {
    const auto filter = compile_filter(profile, ExecTicket{1, 2, 3});
    if (!filter) return entry("seccomp", false, filter.error().message, "install libseccomp 2.5 or newer");
    sizes += (sizes.empty() ? "filters of " : " and ") + std::to_string(filter->size());
  }
  return entry("seccomp", true, sizes + " instructions", "");
}

Json control_groups() {
  const CgroupParent groups = CgroupParent::discover();
  std::string detail = groups.kind() == CgroupKind::V1 ? "v1" : groups.kind() == CgroupKind::V2 ? "v2" : "none that can be written";
  if (groups.limits_memory()) detail += ", memory";
  if (groups.limits_processes()) detail += ", pids";
  return entry("control groups", groups.limits_memory() && groups.limits_processes(), detail,
               "boxes keep to rlimits (per process). For limits on whole boxes run as root or in a delegated group, for example "
               "systemd-run --user --scope -p Delegate=yes hyperagent ...",
               true);
}

Json landlock() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1u /* LANDLOCK_CREATE_RULESET_VERSION */);
  return entry("Landlock", version > 0, version > 0 ? "ABI " + std::to_string(version) : errno_text(errno),
               "not needed: a program may use it to restrict itself further", true);
}

std::string milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms", seconds * 1e3);
  return text;
}

BoxSpec tool(std::vector<std::string> argv) {
  BoxSpec spec;
  spec.argv = std::move(argv);
  spec.limits.wall_seconds = 10;
  spec.profile = SyscallProfile::Tool;
  return spec;
}

Json start_cost(BoxLauncher& launcher) {
  std::vector<double> seconds;
  for (int i = 0; i < 15; ++i) {
    const double began = monotonic_seconds();
    auto box = launcher.start(tool({"/bin/true"}));
    const std::string advice = "see the failing lines of this list";
    if (!box) return entry("a box", false, box.error().message, advice);
    const RunOutcome outcome = (*box)->wait();
    if (!succeeded(outcome)) return entry("a box", false, "/bin/true " + describe(outcome), advice);
    seconds.push_back(monotonic_seconds() - began);
  }
  std::nth_element(seconds.begin(), seconds.begin() + 7, seconds.end());
  return entry("a box", true, "/bin/true from start to end takes " + milliseconds(seconds[7]) + " (median of 15)", "");
}

Json python(BoxLauncher& launcher) {
  const std::string advice = "install python3 from the distribution (below /usr): needed only for tasks in Python";
  auto box = launcher.start(tool({"/usr/bin/python3", "-I", "-c", "import sys; sys.stderr.write('%d.%d.%d' % sys.version_info[:3])"}));
  if (!box) return entry("python3 in a box", false, box.error().message, advice, true);
  const RunOutcome outcome = (*box)->wait();
  return entry("python3 in a box", succeeded(outcome), succeeded(outcome) ? (*box)->standard_error() : describe(outcome), advice, true);
}

}  // namespace

Json probe() {
  Json list = Json::array();
  const int error = try_clone(CLONE_NEWUSER);
  list.push_back(entry("user namespaces", error == 0, error == 0 ? "available" : errno_text(error),
                       "set user.max_user_namespaces above 0, or permit them in the container's profile"));
  list.push_back(namespaces("pid namespaces", CLONE_NEWPID));
  list.push_back(namespaces("network namespaces", CLONE_NEWNET));
  list.push_back(namespaces("mount namespaces", CLONE_NEWNS));
  list.push_back(seccomp());
  list.push_back(control_groups());
  list.push_back(landlock());
  auto launcher = make_box_launcher();
  if (!launcher) {
    list.push_back(entry("a box", false, launcher.error().message, "see the failing lines of this list"));
    return list;
  }
  list.push_back(start_cost(**launcher));
  list.push_back(python(**launcher));
  return list;
}

}  // namespace hyperagent
