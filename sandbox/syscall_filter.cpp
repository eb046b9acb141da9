#include "sandbox/syscall_filter.h"

#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <memory>

#include "sandbox/posix.h"

namespace hyperagent {
namespace {

// clang-format off: it would give each name a line of its own
using Names = std::initializer_list<const char*>;

// What a dynamically linked C++ program with threads, forks and a dlopen()ed memfd calls, and what only restricts it further.
constexpr Names kEveryProfile = {
    // data on descriptors it has
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "close", "close_range", "lseek",
    "fcntl", "dup", "dup2", "dup3", "pipe", "pipe2", "poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "timerfd_create", "timerfd_settime", "timerfd_gettime", "signalfd",
    "signalfd4", "memfd_create", "ftruncate", "fallocate", "fsync", "fdatasync", "flock", "sendfile", "copy_file_range", "fadvise64",
    // files: an agent finds nothing it could write but /dev/null and the like (box_launcher.cpp)
    "open", "openat", "openat2", "fstat", "newfstatat", "stat", "lstat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2",
    "readlink", "readlinkat", "getcwd", "chdir", "fchdir", "getdents", "getdents64", "umask",
    // memory
    "mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "msync", "mincore", "membarrier", "pkey_alloc", "pkey_free", "pkey_mprotect",
    // threads, processes, signals
    "fork", "vfork", "exit", "exit_group", "wait4", "waitid", "kill", "tgkill", "tkill", "pidfd_open", "pidfd_send_signal", "futex",
    "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "arch_prctl", "sched_yield", "sched_getaffinity",
    "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "getcpu", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "rt_sigsuspend", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "sigaltstack",
    "restart_syscall", "pause", "setsid", "setpgid",
    // who and when
    "getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups", "getpgrp", "getpgid",
    "getsid", "uname", "sysinfo", "getrusage", "getrlimit", "setrlimit", "times", "time", "gettimeofday", "clock_gettime",
    "clock_getres", "nanosleep", "clock_nanosleep", "alarm", "getitimer", "setitimer", "getrandom", "capget",
    // restricting itself further
    "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"};

// What compilers, Python and Node need besides.
constexpr Names kToolOnly = {
    "execve", "execveat", "creat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat",
    "symlink", "symlinkat", "truncate", "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "utime", "utimes",
    "utimensat", "futimesat", "mknod", "mknodat", "sync", "syncfs", "sync_file_range", "readahead", "getxattr", "lgetxattr", "fgetxattr",
    "listxattr", "llistxattr", "flistxattr", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
    "splice", "tee", "vmsplice", "inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "socketpair", "sendto",
    "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg", "shutdown", "getsockopt", "setsockopt", "getsockname", "getpeername",
    "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete", "sched_setaffinity", "sched_setparam",
    "sched_setscheduler", "sched_setattr", "sched_getattr", "getpriority", "setpriority", "ioprio_get", "ioprio_set", "mlock", "mlock2",
    "munlock", "mlockall", "munlockall", "get_mempolicy", "shmget", "shmat", "shmdt", "shmctl", "semget", "semop", "semtimedop", "semctl",
    "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify", "mq_getsetattr",
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "prctl", "prlimit64",
    "ioctl"};  // a box has no terminal to push characters into

constexpr Names kNetwork = {"socket", "connect", "bind", "listen", "accept", "accept4"};
constexpr Names kSockets = {
    "socketpair", "sendto", "recvfrom", "sendmsg", "recvmsg", "shutdown", "getsockopt", "setsockopt", "getsockname", "getpeername"};

// Refused with EPERM in a tool; they kill an agent, but for one with a graphics driver.
constexpr Names kDangerous = {
    "mount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree", "mount_setattr",
    "unshare", "setns", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp", "bpf",
    "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "request_key", "keyctl",
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl",
    "quotactl_fd", "syslog", "sethostname", "setdomainname", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "iopl",
    "ioperm", "modify_ldt", "open_by_handle_at", "name_to_handle_at", "fanotify_init", "fanotify_mark", "lookup_dcookie", "move_pages",
    "migrate_pages", "mbind", "set_mempolicy", "vhangup", "nfsservctl", "personality", "capset", "memfd_secret"};

// Things an innocent library tries and does without.
constexpr Names kAgentRefused = {
    "creat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
    "symlinkat", "truncate", "chmod", "fchmod", "fchmodat", "utimensat", "sched_setaffinity", "sched_setparam", "sched_setscheduler",
    "getpriority", "setpriority", "mlock", "mlock2", "munlock", "mlockall", "munlockall", "get_mempolicy", "mbind", "set_mempolicy",
    "shmget", "shmat", "shmdt", "shmctl"};

// clang-format on

constexpr std::uint64_t kNewNamespaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                            CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};

// Collects the first failure, so that rules read as a table.
class Rules {
 public:
  explicit Rules(std::uint32_t fallback) : fallback_(fallback), context_(seccomp_init(fallback)) {
    if (!context_) return;
    keep(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));  // 32-bit and x32 entries
    // A binary search over the number: fewer instructions per call. Old libraries lack it.
    seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  }
  void each(Names names, std::uint32_t action) {
    for (const char* name : names) one(name, action, {});
  }
  void one(const char* name, std::uint32_t action, std::initializer_list<scmp_arg_cmp> conditions) {
    const int number = seccomp_syscall_resolve_name(name);
    // Not a call of this machine, or nothing new: the fallback holds (the library refuses a rule that repeats it).
    if (number < 0 || action == fallback_ || !context_) return;
    keep(seccomp_rule_add_array(context_.get(), action, number, static_cast<unsigned>(conditions.size()), conditions.begin()));
  }
  Result<std::vector<sock_filter>> compile() const {
    if (!context_ || failure_ != 0) return failed(failure_ == 0 ? ENOMEM : -failure_);
    Fd memory(::memfd_create("filter", MFD_CLOEXEC));
    if (!memory) return failed(errno);
    if (const int error = seccomp_export_bpf(context_.get(), memory.get()); error != 0) return failed(-error);
    const off_t bytes = ::lseek(memory.get(), 0, SEEK_END);
    std::vector<sock_filter> filter(static_cast<std::size_t>(bytes) / sizeof(sock_filter));
    if (::pread(memory.get(), filter.data(), filter.size() * sizeof(sock_filter), 0) != bytes) return failed(EIO);
    return filter;
  }

 private:
  static Error failed(int error) { return environment_error("cannot compile a system call filter: " + errno_text(error)); }
  void keep(int status) {
    if (status != 0 && failure_ == 0) failure_ = status;
  }
  struct Release {
    void operator()(void* context) const { seccomp_release(context); }
  };
  std::uint32_t fallback_;
  std::unique_ptr<void, Release> context_;
  int failure_ = 0;
};

void allow_clone(Rules& rules) {
  std::uint64_t all = 0;
  for (const std::uint64_t flag : kNewNamespaces) all |= flag;
  rules.one("clone", SCMP_ACT_ALLOW, {SCMP_A0_64(SCMP_CMP_MASKED_EQ, all, 0)});
  rules.one("clone3", SCMP_ACT_ERRNO(ENOSYS), {});  // its flags lie in memory, unseen by a filter: glibc falls back to clone
}

Result<std::vector<sock_filter>> tool_filter() {
  Rules rules(SCMP_ACT_ERRNO(ENOSYS));
  rules.each(kEveryProfile, SCMP_ACT_ALLOW);
  rules.each(kToolOnly, SCMP_ACT_ALLOW);
  rules.each(kNetwork, SCMP_ACT_ERRNO(EACCES));
  rules.each(kDangerous, SCMP_ACT_ERRNO(EPERM));
  allow_clone(rules);
  for (const std::uint64_t flag : kNewNamespaces) rules.one("clone", SCMP_ACT_ERRNO(EPERM), {SCMP_A0_64(SCMP_CMP_MASKED_EQ, flag, flag)});
  return rules.compile();
}

Result<std::vector<sock_filter>> agent_filter(const ExecTicket& ticket, bool gpu) {
  // What a driver's library tries nobody can list for all versions: it is refused, and may do without.
  Rules rules(gpu ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_KILL_PROCESS);
  rules.each(kEveryProfile, SCMP_ACT_ALLOW);
  rules.each(kNetwork, SCMP_ACT_ERRNO(EACCES));
  rules.each(kSockets, SCMP_ACT_ERRNO(EACCES));
  rules.each(kAgentRefused, SCMP_ACT_ERRNO(EPERM));
  rules.one("ioctl", gpu ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM), {});
  allow_clone(rules);
  rules.one("prlimit64", SCMP_ACT_ALLOW, {SCMP_A0_32(SCMP_CMP_EQ, 0)});  // its own limits, never a neighbour's: the runner has the same user
  for (const int option : {PR_SET_NAME, PR_GET_NAME, PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_SET_DUMPABLE, PR_GET_DUMPABLE,
                           PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_GET_SECCOMP, PR_SET_VMA, PR_CAPBSET_READ})
    rules.one("prctl", SCMP_ACT_ALLOW, {SCMP_A0_32(SCMP_CMP_EQ, static_cast<std::uint32_t>(option))});
  rules.one("execve", SCMP_ACT_ALLOW,
            {SCMP_A3_64(SCMP_CMP_EQ, ticket[0]), SCMP_A4_64(SCMP_CMP_EQ, ticket[1]), SCMP_A5_64(SCMP_CMP_EQ, ticket[2])});
  return rules.compile();
}

}  // namespace

Result<ExecTicket> draw_exec_ticket() {
  ExecTicket ticket;
  if (::getrandom(ticket.data(), sizeof ticket, 0) != static_cast<ssize_t>(sizeof ticket))
    return environment_error("cannot draw random bytes: " + errno_text(errno));
  return ticket;
}

Result<std::vector<sock_filter>> compile_filter(SyscallProfile profile, const ExecTicket& ticket, bool gpu) {
  return profile == SyscallProfile::Tool ? tool_filter() : agent_filter(ticket, gpu);
}

}  // namespace hyperagent
