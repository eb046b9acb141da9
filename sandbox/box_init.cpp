#include "sandbox/box_init.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace hyperagent {
namespace {

// Bare system calls: glibc's wrappers may be sanitizer interceptors or take locks.
template <class... Args>
long call(long number, Args... args) {
  return ::syscall(number, args...);
}

void send_report(const Blueprint& plan, const Report& report) {
  while (call(SYS_write, plan.report, &report, sizeof report) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void fail(const Blueprint& plan, SetupStep step, int error, int detail = -1) {
  Report report;
  report.kind = ReportKind::Failed;
  report.step = step;
  report.error = error;
  report.detail = detail;
  send_report(plan, report);
  for (;;) call(SYS_exit_group, 127);
}

void must(const Blueprint& plan, long result, SetupStep step, int detail = -1) {
  if (result < 0) fail(plan, step, errno, detail);
}

// `kept` is ascending.
void keep_only(const int* kept, std::size_t count) {
  unsigned next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = kept[i];
    if (static_cast<unsigned>(fd) > next) call(SYS_close_range, next, static_cast<unsigned>(fd) - 1, 0u);
    next = static_cast<unsigned>(fd) + 1;
  }
  call(SYS_close_range, next, ~0u, 0u);
}

void reset_signals() {
  struct {  // the kernel's form of sigaction
    void* handler = nullptr;
    unsigned long flags = 0;
    void* restorer = nullptr;
    std::uint64_t mask = 0;
  } fallback;
  for (int signal = 1; signal <= 64; ++signal) call(SYS_rt_sigaction, signal, &fallback, nullptr, 8);  // KILL and STOP refuse
}

void set_mask(std::uint64_t mask) { call(SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, 8); }

bool write_all(int folder, const char* name, const char* text, std::size_t size) {
  const long fd = call(SYS_openat, folder, name, O_WRONLY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool whole = call(SYS_write, fd, text, size) == static_cast<long>(size);
  const int error = errno;
  call(SYS_close, fd);
  errno = error;
  return whole;
}

// One uid and gid, mapped by ourselves: allowed to anyone for their own (effective) ids once setgroups is given up.
void map_user(const Blueprint& plan, int self) {
  if (!write_all(self, "setgroups", "deny", 4) || !write_all(self, "gid_map", plan.gid_map.data(), plan.gid_map.size()) ||
      !write_all(self, "uid_map", plan.uid_map.data(), plan.uid_map.size()))
    fail(plan, SetupStep::UserMap, errno);
}

void clone_sources(Blueprint& plan) {
  for (std::size_t i = 0; i < plan.binds.size(); ++i) {
    const Bind& bind = plan.binds[i];
    const int index = static_cast<int>(i);
    const long tree = call(SYS_open_tree, AT_FDCWD, bind.source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    must(plan, tree, SetupStep::Source, index);
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
    if (!bind.device) attributes.attr_set |= MOUNT_ATTR_NODEV;
    attributes.propagation = MS_PRIVATE;
    must(plan, call(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes), SetupStep::Source, index);
    plan.trees[i] = static_cast<int>(tree);
  }
}

long make_read_only(const char* mount) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  return call(SYS_mount_setattr, AT_FDCWD, mount, 0, &attributes, sizeof attributes);
}

void lay_out(const Blueprint& plan) {
  for (std::size_t i = 0; i < plan.layout.size(); ++i) {
    const LayoutStep& step = plan.layout[i];
    const int index = static_cast<int>(i);
    const char* path = step.path.c_str();
    long result = 0;
    switch (step.kind) {
      case LayoutStep::Kind::Folder:
        result = call(SYS_mkdirat, AT_FDCWD, path, 0755);
        break;
      case LayoutStep::Kind::File:
        // mknod, not open: an existing symlink or device at the place is not followed.
        result = call(SYS_mknodat, AT_FDCWD, path, S_IFREG | 0644, 0);
        break;
      case LayoutStep::Kind::Symlink:
        result = call(SYS_symlinkat, step.text.c_str(), AT_FDCWD, path);
        break;
      case LayoutStep::Kind::Tmpfs:
        result = call(SYS_mount, "tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, step.text.c_str());
        break;
      case LayoutStep::Kind::Proc:  // read-only, so that no program can write into a neighbour's /proc/PID/mem
      case LayoutStep::Kind::WritableProc:
        must(plan,
             call(SYS_mount, "proc", path, "proc",
                  MS_NOSUID | MS_NODEV | MS_NOEXEC | (step.kind == LayoutStep::Kind::Proc ? MS_RDONLY : 0), step.text.c_str()),
             SetupStep::Proc);
        break;
      case LayoutStep::Kind::Lock:
        result = make_read_only(path);
        break;
      case LayoutStep::Kind::Attach:
        must(plan, call(SYS_move_mount, plan.trees[step.bind], "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH), SetupStep::Attach,
             static_cast<int>(step.bind));
        break;
    }
    if (result < 0 && errno == EROFS && step.may_exist && call(SYS_faccessat, AT_FDCWD, path, F_OK) == 0) result = 0;
    if (result < 0 && !(errno == EEXIST && step.may_exist)) fail(plan, SetupStep::Layout, errno, index);
  }
}

void build_root(Blueprint& plan) {
  // Nothing we mount may travel back to the host.
  must(plan, call(SYS_mount, nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), SetupStep::PrivateMounts);
  clone_sources(plan);  // before /tmp is covered: a source may lie in there
  must(plan, call(SYS_mount, "tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0755"), SetupStep::Root);
  must(plan, call(SYS_chdir, "/tmp"), SetupStep::Root);
  lay_out(plan);
  // The old root ends up stacked over the new one and is taken off.
  must(plan, call(SYS_pivot_root, ".", "."), SetupStep::Pivot);
  must(plan, call(SYS_umount2, ".", MNT_DETACH), SetupStep::Pivot);
  must(plan, call(SYS_chdir, "/"), SetupStep::Pivot);
  must(plan, make_read_only("/"), SetupStep::ReadOnlyRoot);
}

// Root only: from here on no host uid 0, which RLIMIT_NPROC does not bind and to which root's files belong. Capabilities survive
// the change of uid so that the user namespace can also be made where that is not open to everyone.
void become_nobody(const Blueprint& plan, int self) {
  must(plan, call(SYS_prctl, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0), SetupStep::Identity);
  must(plan, call(SYS_setgroups, 0, nullptr), SetupStep::Identity);
  must(plan, call(SYS_setresgid, plan.host_gid, plan.host_gid, plan.host_gid), SetupStep::Identity);
  must(plan, call(SYS_setresuid, plan.host_uid, plan.host_uid, plan.host_uid), SetupStep::Identity);
  must(plan, call(SYS_unshare, CLONE_NEWUSER), SetupStep::UserNamespace);
  // /proc/self belongs to root while a process is not dumpable, and a change of uid makes it so.
  must(plan, call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0), SetupStep::Identity);
  map_user(plan, self);
}

void drop_capabilities(const Blueprint& plan) {
  must(plan, call(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0), SetupStep::Capabilities);
  for (int capability = 0; capability < 64; ++capability)
    if (call(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) {
      if (errno == EINVAL) break;  // past the last one
      fail(plan, SetupStep::Capabilities, errno);
    }
  call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  call(SYS_prctl, PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct nothing[2]{};
  must(plan, call(SYS_capset, &header, nothing), SetupStep::Capabilities);
  must(plan, call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), SetupStep::Privileges);
}

struct LaunchFailure {
  SetupStep step = SetupStep::Execute;
  int error = 0;
};

// As execve wants them.
std::vector<char*> words_of(std::vector<std::string>& texts) {
  std::vector<char*> words;
  for (std::string& text : texts) words.push_back(text.data());
  words.push_back(nullptr);
  return words;
}

// In the vforked child: same memory as init, which sleeps until execve or exit.
void launch(const Blueprint& plan, const std::vector<char*>& argv, const std::vector<char*>& environment, volatile LaunchFailure& failure) {
  const auto give_up = [&](SetupStep step) {
    failure.step = step;
    failure.error = errno;
    for (;;) call(SYS_exit_group, 127);
  };
  call(SYS_setsid);
  const int standard[] = {plan.input, plan.output, plan.error_output};
  for (int target = 0; target < 3; ++target)
    if (call(SYS_dup3, standard[target], target, 0) < 0) give_up(SetupStep::Fork);
  call(SYS_close_range, 3u, ~0u, 0u);
  for (const ResourceLimit& limit : plan.limits)
    if (call(SYS_prlimit64, 0, limit.resource, &limit.value, nullptr) < 0) give_up(SetupStep::Limits);
  const sock_fprog program{static_cast<unsigned short>(plan.filter.size()), const_cast<sock_filter*>(plan.filter.data())};
  set_mask(0);
  if (call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) give_up(SetupStep::Filter);
  call(SYS_execve, argv[0], argv.data(), environment.data(), plan.ticket[0], plan.ticket[1], plan.ticket[2]);
  give_up(SetupStep::Execute);
}

std::int64_t now_nanoseconds() {
  timespec now{};
  call(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000ll + now.tv_nsec;
}

// Takes in everyone who ended; reports and ends the box when it was the program.
void reap(const Blueprint& plan, long program) {
  for (;;) {
    int status = 0;
    rusage usage{};
    const long pid = call(SYS_wait4, -1, &status, WNOHANG | __WALL, &usage);
    if (pid <= 0) return;
    if (pid != program) continue;
    Report report;
    report.kind = ReportKind::Ended;
    report.exited = WIFEXITED(status) ? 1 : 0;
    report.status = report.exited ? WEXITSTATUS(status) : WTERMSIG(status);
    report.cpu_nanoseconds =
        (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000'000ll + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1'000ll;
    send_report(plan, report);
    for (;;) call(SYS_exit_group, 0);
  }
}

[[noreturn]] void watch(const Blueprint& plan, long program, std::int64_t began) {
  const std::uint64_t child_signal = 1ull << (SIGCHLD - 1);
  const long children = call(SYS_signalfd4, -1, &child_signal, 8, SFD_CLOEXEC);
  for (;;) {
    reap(plan, program);  // first: it may have ended before the descriptor was there
    timespec left{};
    timespec* timeout = nullptr;
    if (plan.wall_nanoseconds > 0) {
      const std::int64_t rest = began + plan.wall_nanoseconds - now_nanoseconds();
      if (rest <= 0) {
        Report report;
        report.kind = ReportKind::WallLimit;
        send_report(plan, report);
        call(SYS_exit_group, 0);
      }
      left = {rest / 1'000'000'000, rest % 1'000'000'000};
      timeout = &left;
    }
    pollfd waited[] = {{static_cast<int>(children), POLLIN, 0}, {plan.lifeline, 0, 0}};
    call(SYS_ppoll, waited, 2, timeout, nullptr, 8);
    if (waited[1].revents != 0) call(SYS_exit_group, 0);  // the host is gone, or done with us
    if (waited[0].revents != 0) {
      char signal[128];
      call(SYS_read, children, signal, sizeof signal);
    }
  }
}

}  // namespace

const char* describe(SetupStep step) {
  switch (step) {
    case SetupStep::Cgroup:
      return "enter the control group";
    case SetupStep::UserNamespace:
      return "create a user namespace";
    case SetupStep::UserMap:
      return "map the user of a user namespace";
    case SetupStep::PrivateMounts:
      return "make mounts private";
    case SetupStep::Source:
      return "clone a mount";
    case SetupStep::Root:
      return "mount a new root";
    case SetupStep::Layout:
      return "lay out the new root";
    case SetupStep::Attach:
      return "attach a mount";
    case SetupStep::Proc:
      return "mount /proc";
    case SetupStep::Pivot:
      return "change the root";
    case SetupStep::ReadOnlyRoot:
      return "make the root read-only";
    case SetupStep::Identity:
      return "become an unprivileged user";
    case SetupStep::Capabilities:
      return "drop capabilities";
    case SetupStep::Privileges:
      return "set no_new_privs";
    case SetupStep::Fork:
      return "start a process";
    case SetupStep::Limits:
      return "set resource limits";
    case SetupStep::Filter:
      return "install the system call filter";
    case SetupStep::Execute:
      return "execute the program";
  }
  return "set up";
}

void run_box_init(Blueprint& plan) {
  const std::int64_t began = now_nanoseconds();
  const std::vector<char*> argv = words_of(plan.argv), environment = words_of(plan.environment);
  std::vector<int> kept_at_first = plan.doors;
  kept_at_first.insert(kept_at_first.end(), {plan.input, plan.output, plan.error_output, plan.report, plan.lifeline});
  std::sort(kept_at_first.begin(), kept_at_first.end());
  keep_only(kept_at_first.data(), kept_at_first.size());
  reset_signals();   // ha-box blocks them all
  call(SYS_setsid);  // a Ctrl-C in the host's terminal is the host's to handle
  call(SYS_umask, 022);
  for (const int door : plan.doors) must(plan, call(SYS_write, door, "0", 1), SetupStep::Cgroup);
  call(SYS_unshare, CLONE_NEWCGROUP);                          // hides the group's path; nothing depends on it
  write_all(AT_FDCWD, "/proc/self/oom_score_adj", "1000", 4);  // when the machine runs out of memory, the boxes go first
  const long self = call(SYS_openat, AT_FDCWD, "/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  must(plan, self, SetupStep::UserMap);
  if (!plan.privileged) map_user(plan, static_cast<int>(self));
  build_root(plan);
  call(SYS_sethostname, "box", 3);
  if (plan.privileged) become_nobody(plan, static_cast<int>(self));
  drop_capabilities(plan);
  call(SYS_chdir, "/tmp");

  volatile LaunchFailure failure;
  const pid_t program = ::vfork();
  if (program == 0) launch(plan, argv, environment, failure);
  must(plan, program, SetupStep::Fork);
  if (failure.error != 0) fail(plan, failure.step, failure.error);
  // Only the report and the lifeline stay: the host must see the end of output when the program closes it.
  int kept[] = {plan.report, plan.lifeline};
  if (kept[0] > kept[1]) {
    kept[0] = plan.lifeline;
    kept[1] = plan.report;
  }
  keep_only(kept, 2);
  Report started;
  send_report(plan, started);
  watch(plan, program, began);
}

}  // namespace hyperagent
