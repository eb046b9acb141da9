#include "sandbox/box_launcher.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <mutex>
#include <optional>
#include <sstream>

#include "sandbox/box_init.h"
#include "sandbox/box_process.h"
#include "sandbox/box_starter.h"
#include "sandbox/syscall_filter.h"

namespace hyperagent {
namespace {

constexpr unsigned kBoxUser = 1000;              // inside
constexpr unsigned kPreferredBase = 0x70000000;  // host uids that no distribution or container tool hands out
constexpr unsigned kPreferredCount = 65536;
constexpr int kSetupMilliseconds = 30'000;
constexpr const char* kAdvice = "; run `hyperagent doctor`";

using Step = LayoutStep;

// Host ids a privileged host may give to boxes, one at a time.
struct IdRange {
  unsigned base = 0;
  unsigned count = 0;  // 0: none to give
};

// From /proc/self/uid_map or gid_map: in a container only part of the ids exists.
IdRange spare_ids(const char* map) {
  const auto text = read_text(map);
  std::istringstream lines(text.value_or(""));
  IdRange best;
  for (unsigned long long inside = 0, outside = 0, count = 0; lines >> inside >> outside >> count;) {
    if (inside <= kPreferredBase && kPreferredBase + kPreferredCount <= inside + count) return {kPreferredBase, kPreferredCount};
    const unsigned usable = static_cast<unsigned>(std::min<unsigned long long>(count / 2, 4096));
    // The top id of a range is often nobody.
    if (usable > best.count) best = {static_cast<unsigned>(inside + count - usable - 2), usable};
  }
  return best.count >= 16 ? best : IdRange{};
}

bool has_capabilities() {
  const auto status = read_text("/proc/self/status");
  const auto at = status ? status->find("CapEff:") : std::string::npos;
  if (at == std::string::npos) return false;
  const unsigned long long effective = std::stoull(status->substr(at + 7), nullptr, 16);
  for (const int needed : {CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID, CAP_SETPCAP})
    if ((effective >> needed & 1) == 0) return false;
  return true;
}

std::string beside_this_program(const char* name) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return (program.parent_path() / name).string();
}

// "/a//b/" -> "a/b"; nothing for a path that is not absolute, leaves the root or is the root.
std::optional<std::string> inside_path(const std::string& path) {
  if (path.empty() || path[0] != '/' || path.find('\0') != std::string::npos) return std::nullopt;
  std::string clean;
  std::istringstream parts(path);
  for (std::string part; std::getline(parts, part, '/');) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return std::nullopt;
    clean += (clean.empty() ? "" : "/") + part;
  }
  if (clean.empty()) return std::nullopt;
  return clean;
}

// Folders, links and mounts of the new root, in the order in which they must be made.
class Layout {
 public:
  void folder(const std::string& path) { steps_.push_back({Step::Kind::Folder, path, {}, 0, true}); }
  void folders_above(const std::string& path) {
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) folder(path.substr(0, slash));
  }
  void symlink(const std::string& path, const std::string& target) { steps_.push_back({Step::Kind::Symlink, path, target, 0, false}); }
  void tmpfs(const std::string& path, const std::string& options) { steps_.push_back({Step::Kind::Tmpfs, path, options, 0, false}); }
  void proc(const std::string& path, const std::string& options) { steps_.push_back({Step::Kind::Proc, path, options, 0, false}); }
  void writable_proc(const std::string& path) { steps_.push_back({Step::Kind::WritableProc, path, {}, 0, false}); }
  void lock(const std::string& path) { steps_.push_back({Step::Kind::Lock, path, {}, 0, false}); }
  void bind(const std::string& source, const std::string& target, const struct stat& seen) {
    folders_above(target);
    if (S_ISDIR(seen.st_mode))
      folder(target);
    else
      steps_.push_back({Step::Kind::File, target, {}, 0, true});
    steps_.push_back({Step::Kind::Attach, target, {}, binds_.size(), false});
    binds_.push_back({source, target, S_ISCHR(seen.st_mode)});
  }
  std::vector<LayoutStep> steps_;
  std::vector<Bind> binds_;
};

// The part that is the same for every box of this machine.
Layout system_layout() {
  Layout layout;
  struct stat seen;
  for (const std::string name : {"usr", "lib", "lib64", "lib32", "libx32", "bin", "sbin", "etc/alternatives", "etc/ld.so.cache"}) {
    const std::string host = "/" + name;
    if (::lstat(host.c_str(), &seen) != 0) continue;
    if (S_ISLNK(seen.st_mode)) {
      std::error_code error;
      const auto target = std::filesystem::read_symlink(host, error);
      if (!error) layout.symlink(name, target.string());
    } else {
      layout.bind(host, name, seen);
    }
  }
  layout.folder("dev");
  for (const std::string name : {"null", "zero", "full", "random", "urandom"})
    if (::stat(("/dev/" + name).c_str(), &seen) == 0) layout.bind("/dev/" + name, "dev/" + name, seen);
  layout.symlink("dev/fd", "/proc/self/fd");
  layout.symlink("dev/stdin", "/proc/self/fd/0");
  layout.symlink("dev/stdout", "/proc/self/fd/1");
  layout.symlink("dev/stderr", "/proc/self/fd/2");
  layout.symlink("dev/shm", "/tmp");  // shared memory and semaphores of Python, within the limit of /tmp
  layout.folder("proc");
  layout.folder("tmp");
  return layout;
}

// Soft and hard limits never above what the host itself has: raising needs a capability.
void limit(std::vector<ResourceLimit>& limits, int resource, rlim_t soft, rlim_t hard) {
  rlimit now{RLIM_INFINITY, RLIM_INFINITY};
  ::getrlimit(static_cast<__rlimit_resource_t>(resource), &now);
  hard = std::min(hard, now.rlim_max);
  limits.push_back({resource, {std::min(soft, hard), hard}});
}

std::vector<ResourceLimit> resource_limits(const BoxSpec& spec) {
  std::vector<ResourceLimit> limits;
  const auto same = [&](int resource, rlim_t value) { limit(limits, resource, value, value); };
  const BoxLimits& asked = spec.limits;
  if (asked.memory_bytes > 0 && !spec.gpu) same(RLIMIT_AS, static_cast<rlim_t>(asked.memory_bytes));
  if (asked.file_bytes > 0) same(RLIMIT_FSIZE, static_cast<rlim_t>(asked.file_bytes));
  if (asked.cpu_seconds > 0) {
    const rlim_t seconds = static_cast<rlim_t>(std::ceil(asked.cpu_seconds));
    limit(limits, RLIMIT_CPU, seconds, seconds + 1);  // a program that catches SIGXCPU is killed a second later
  }
  if (asked.processes > 0) same(RLIMIT_NPROC, static_cast<rlim_t>(asked.processes) + 1);  // and init, which has the same user
  same(RLIMIT_NOFILE, spec.profile == SyscallProfile::Tool ? 1024 : 256);
  same(RLIMIT_CORE, 0);
  same(RLIMIT_MEMLOCK, 64 << 10);
  same(RLIMIT_MSGQUEUE, 0);
  same(RLIMIT_RTPRIO, 0);
  // An unlimited stack would also switch the address layout to the old, predictable one.
  limit(limits, RLIMIT_STACK, 8 << 20, RLIM_INFINITY);
  return limits;
}

class NamespaceLauncher final : public BoxLauncher {
 public:
  static Result<std::unique_ptr<BoxLauncher>> make(BoxLauncherOptions options) {
    std::unique_ptr<NamespaceLauncher> launcher(new NamespaceLauncher);
    auto ticket = draw_exec_ticket();
    if (!ticket) return ticket.error();
    launcher->ticket_ = *ticket;
    for (const SyscallProfile profile : {SyscallProfile::Tool, SyscallProfile::Agent}) {
      auto filter = compile_filter(profile, *ticket);
      if (!filter) return filter.error();
      (profile == SyscallProfile::Tool ? launcher->tool_filter_ : launcher->agent_filter_) = std::move(*filter);
    }
    auto gpu_filter = compile_filter(SyscallProfile::Agent, *ticket, true);
    if (!gpu_filter) return gpu_filter.error();
    launcher->gpu_filter_ = std::move(*gpu_filter);
    launcher->layout_ = system_layout();
    launcher->users_ = spare_ids("/proc/self/uid_map");
    launcher->groups_ = spare_ids("/proc/self/gid_map");
    launcher->privileged_ = ::geteuid() == 0 && has_capabilities() && launcher->users_.count > 0 && launcher->groups_.count > 0;
    launcher->starter_.emplace(options.starter.empty() ? beside_this_program("ha-box") : options.starter);
    if (options.control_groups) launcher->cgroups_ = CgroupParent::discover();
    unsigned first = 0;  // so that two hosts rarely give their boxes the same uid
    if (::getrandom(&first, sizeof first, 0) == sizeof first) launcher->next_user_ = first;
    return std::unique_ptr<BoxLauncher>(std::move(launcher));
  }

  Result<std::unique_ptr<BoxProcess>> start(const BoxSpec& spec) override;

 private:
  NamespaceLauncher() = default;
  Result<Blueprint> draw_up(const BoxSpec& spec);
  Result<void> add_mounts(const BoxSpec& spec, Layout& layout) const;

  ExecTicket ticket_{};
  std::vector<sock_filter> tool_filter_;
  std::vector<sock_filter> agent_filter_;
  std::vector<sock_filter> gpu_filter_;
  Layout layout_;
  IdRange users_, groups_;
  bool privileged_ = false;
  CgroupParent cgroups_;
  std::mutex starting_;
  std::optional<BoxStarter> starter_;
  std::atomic<unsigned> next_user_{0};
  std::atomic<unsigned> next_box_{1};
};

Result<void> NamespaceLauncher::add_mounts(const BoxSpec& spec, Layout& layout) const {
  std::vector<std::pair<std::string, std::string>> mounts;  // box path, host path
  std::vector<BoxMount> wanted = spec.read_only;
  if (spec.gpu) {
    for (const std::string& file : spec.gpu->files) wanted.push_back({file, file});
    // Where its library sees that the kernel's part is loaded, and which devices there are.
    for (const char* folder : {"/sys/module", "/sys/bus/pci", "/sys/devices"})
      if (::access(folder, X_OK) == 0) wanted.push_back({folder, folder});
  }
  for (const BoxMount& mount : wanted) {
    auto path = inside_path(mount.box_path);
    if (!path) return user_error("cannot mount at '" + mount.box_path + "' in a box: not an absolute path below the root");
    mounts.emplace_back(*path, mount.host_path);
  }
  std::stable_sort(mounts.begin(), mounts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });  // outer before inner
  for (const auto& [path, host] : mounts) {
    struct stat seen;
    if (::stat(host.c_str(), &seen) != 0) return user_error("cannot mount '" + host + "' into a box: " + errno_text(errno));
    const mode_t needed = S_ISDIR(seen.st_mode) ? S_IXOTH : S_IROTH;
    if (privileged_ && (seen.st_mode & needed) == 0)
      return user_error("cannot mount '" + host + "' into a box: root's boxes run as an unprivileged user, who may not read it; run " +
                        "`chmod -R o+rX` on it");
    layout.bind(host, path, seen);
  }
  return {};
}

Result<Blueprint> NamespaceLauncher::draw_up(const BoxSpec& spec) {
  if (spec.argv.empty() || !inside_path(spec.argv[0])) return user_error("cannot start a box: the program is not an absolute path");
  Blueprint plan;
  Layout layout = layout_;
  const std::string size = spec.limits.file_bytes > 0 ? ",size=" + std::to_string(spec.limits.file_bytes) : "";
  // An agent sees processes only: what else /proc tells is about the host (its command line, load, up-time). libcuda wants all of it, and ends
  // where it cannot name its threads by /proc/self/task/N/comm.
  if (spec.gpu)
    layout.writable_proc("proc");
  else
    layout.proc("proc", spec.profile == SyscallProfile::Agent ? "subset=pid" : "");
  layout.tmpfs("tmp", "mode=1777,nr_inodes=65536" + size);
  if (auto added = add_mounts(spec, layout); !added) return added.error();
  // An agent works on one input after another in processes that must leave each other nothing; memory files are its scratch.
  if (spec.profile == SyscallProfile::Agent) layout.lock("tmp");
  plan.layout = std::move(layout.steps_);
  plan.binds = std::move(layout.binds_);
  plan.privileged = privileged_;
  const unsigned turn = next_user_.fetch_add(1);
  plan.host_uid = privileged_ ? users_.base + turn % users_.count : ::geteuid();
  plan.host_gid = privileged_ ? groups_.base + turn % groups_.count : ::getegid();
  plan.uid_map = std::to_string(kBoxUser) + " " + std::to_string(plan.host_uid) + " 1\n";
  plan.gid_map = std::to_string(kBoxUser) + " " + std::to_string(plan.host_gid) + " 1\n";
  plan.limits = resource_limits(spec);
  plan.filter = spec.profile == SyscallProfile::Tool ? tool_filter_ : spec.gpu ? gpu_filter_ : agent_filter_;
  plan.ticket = ticket_;
  plan.wall_nanoseconds = static_cast<std::int64_t>(std::min(spec.limits.wall_seconds, 1e9) * 1e9);
  return plan;
}

Error setup_error(const Report& report, const Blueprint& plan, const std::string& program) {
  const std::size_t index = static_cast<std::size_t>(report.detail);
  std::string what = describe(report.step);
  if (report.step == SetupStep::Execute) what = "start '" + program + "' in a box";
  if (report.step == SetupStep::Source && index < plan.binds.size()) what = "take '" + plan.binds[index].source + "' into a box";
  if (report.step == SetupStep::Attach && index < plan.binds.size())
    what = "mount '" + plan.binds[index].source + "' at '/" + plan.binds[index].target + "' in a box";
  if (report.step == SetupStep::Layout && index < plan.layout.size()) what = "make '/" + plan.layout[index].path + "' in a box";
  return environment_error("cannot " + what + ": " + errno_text(report.error) + kAdvice);
}

Result<std::unique_ptr<BoxProcess>> NamespaceLauncher::start(const BoxSpec& spec) {
  auto drawn = draw_up(spec);
  if (!drawn) return drawn.error();
  Blueprint& plan = *drawn;
  plan.argv = spec.argv;
  for (const auto& [name, value] : spec.environment) plan.environment.push_back(name + "=" + value);

  auto input = make_pipe(), output = make_pipe(), errors = make_pipe(), report = make_pipe(), lifeline = make_pipe();
  for (const auto* pipe : {&input, &output, &errors, &report, &lifeline})
    if (!*pipe) return pipe->error();
  auto group = cgroups_.make_box(next_box_.fetch_add(1), spec.limits);
  if (!group) return group.error();
  for (const Fd& door : group->doors()) plan.doors.push_back(door.get());
  plan.input = input->read.get();
  plan.output = output->write.get();
  plan.error_output = errors->write.get();
  plan.report = report->write.get();
  plan.lifeline = lifeline->read.get();

  BoxEnds ends;
  ends.began = monotonic_seconds();
  auto process = [&] {
    const std::scoped_lock lock(starting_);
    return starter_->start(plan);
  }();
  if (!process) return process.error();
  ends.process = std::move(*process);
  for (Fd* fd : {&input->read, &output->write, &errors->write, &report->write, &lifeline->read}) fd->reset();
  group->close_doors();
  ends.input = std::move(input->write);
  ends.output = std::move(output->read);
  ends.error_output = std::move(errors->read);
  ends.report = std::move(report->read);
  ends.lifeline = std::move(lifeline->write);
  ends.group = std::move(*group);
  ends.limits = spec.limits;
  ends.profile = spec.profile;

  Report first;
  pollfd waited{ends.report.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&waited, 1, kSetupMilliseconds)) < 0 && errno == EINTR) {
  }
  const bool whole = ready > 0 && ::read(ends.report.get(), &first, sizeof first) == static_cast<ssize_t>(sizeof first);
  if (whole && first.kind == ReportKind::Started) return std::unique_ptr<BoxProcess>(std::make_unique<NamespaceBox>(std::move(ends)));
  kill_and_reap(ends.process);
  if (whole) return setup_error(first, plan, spec.argv[0]);
  const std::string why = ready > 0 ? "it ended without a word" : "it took more than 30 s";
  return environment_error("cannot set up a box: " + why + kAdvice);
}

}  // namespace

Result<std::unique_ptr<BoxLauncher>> make_box_launcher(BoxLauncherOptions options) { return NamespaceLauncher::make(options); }

}  // namespace hyperagent
