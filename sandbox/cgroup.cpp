#include "sandbox/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

namespace hyperagent {
namespace {

constexpr const char* kPrefix = "hyperagent-";

bool has_word(const std::string& list, const std::string& word, char separator) {
  std::istringstream words(list);
  for (std::string entry; std::getline(words, entry, separator);)
    if (entry == word) return true;
  return false;
}

// The path of our group in the hierarchy whose controller list has `controller` ("" is v2), from /proc/self/cgroup.
std::string own_path(const std::string& self_cgroup, const std::string& controller) {
  std::istringstream lines(self_cgroup);
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? controllers.empty() : has_word(controllers, controller, ',')) return line.substr(second + 1);
  }
  return {};
}

// mountinfo: id parent major:minor ROOT POINT options [optional...] - TYPE source SUPER. An empty controller means cgroup2.
std::string own_folder(const std::string& self_cgroup, const std::string& mountinfo, const std::string& controller) {
  const std::string path = own_path(self_cgroup, controller);
  if (path.empty()) return {};
  std::istringstream lines(mountinfo);
  for (std::string line; std::getline(lines, line);) {
    const auto dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream before(line.substr(0, dash)), after(line.substr(dash + 3));
    std::string id, parent, device, root, point, type, source, super;
    before >> id >> parent >> device >> root >> point;
    after >> type >> source >> super;
    if (controller.empty() ? type != "cgroup2" : type != "cgroup" || !has_word(super, controller, ',')) continue;
    // In a container the mount shows only the part below `root`.
    if (root == "/") return path == "/" ? point : point + path;
    if (path.rfind(root, 0) == 0) return point + path.substr(root.size());
    return point;
  }
  return {};
}

std::string parent_folder(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool make_folder(const std::string& path) { return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST; }

void remove_folder(const std::string& path) {
  // The last process leaves its group a moment after its pid is gone.
  for (int attempt = 0; attempt < 200; ++attempt) {
    if (::rmdir(path.c_str()) == 0 || errno != EBUSY) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::vector<std::string> subfolders(const std::string& path) {
  std::vector<std::string> names;
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) return names;
  while (const dirent* entry = ::readdir(folder))
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  ::closedir(folder);
  return names;
}

// Groups of hosts that were killed before they could clean up: "hyperagent-PID-DRAW" whose process is gone. rmdir of a group
// that has processes fails, so a wrong guess (a host in another pid namespace) harms nothing: make_box makes its group again.
void sweep(const std::string& folder) {
  for (const std::string& name : subfolders(folder)) {
    if (name.rfind(kPrefix, 0) != 0) continue;
    const int pid = std::atoi(name.c_str() + std::string(kPrefix).size());
    if (pid <= 0 || ::kill(pid, 0) == 0 || errno != ESRCH) continue;
    const std::string dead = folder + "/" + name;
    for (const std::string& box : subfolders(dead)) ::rmdir((dead + "/" + box).c_str());
    ::rmdir(dead.c_str());
  }
}

// The controllers must be handed down through our group before a box's group has their files.
bool prepare_v2(const std::string& group) { return make_folder(group) && write_text(group + "/cgroup.subtree_control", "+memory +pids"); }

// Number of `key` in lines "key number" of v1 memory.oom_control and v2 memory.events.
long long counter(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  std::string name;
  for (long long number = 0; lines >> name >> number;)
    if (name == key) return number;
  return 0;
}

}  // namespace

CgroupPlace locate_cgroups(const std::string& self_cgroup, const std::string& mountinfo) {
  CgroupPlace place;
  place.memory = own_folder(self_cgroup, mountinfo, "memory");
  place.pids = own_folder(self_cgroup, mountinfo, "pids");
  if (!place.memory.empty() || !place.pids.empty()) {
    place.kind = CgroupKind::V1;
    return place;
  }
  const std::string unified = own_folder(self_cgroup, mountinfo, "");
  if (!unified.empty()) place = {CgroupKind::V2, unified, unified};
  return place;
}

BoxGroup& BoxGroup::operator=(BoxGroup&& other) {
  if (this == &other) return *this;
  remove();
  kind_ = other.kind_;
  memory_ = std::exchange(other.memory_, {});
  folders_ = std::exchange(other.folders_, {});
  doors_ = std::exchange(other.doors_, {});
  return *this;
}

long long BoxGroup::memory_kills() const {
  if (memory_.empty()) return 0;
  const auto text = read_text(memory_ + (kind_ == CgroupKind::V1 ? "/memory.oom_control" : "/memory.events"));
  return text ? counter(*text, "oom_kill") : 0;
}

void BoxGroup::remove() {
  doors_.clear();
  for (const std::string& folder : folders_) remove_folder(folder);
  folders_.clear();
}

CgroupParent::~CgroupParent() {
  for (const std::string& folder : {memory_, pids_})
    if (!folder.empty()) ::rmdir(folder.c_str());
}

// A group can often be made yet not entered (v2 wants write access to the common ancestor), so a child tries.
bool CgroupParent::usable() const {
  BoxLimits limits;
  limits.memory_bytes = 64ll << 20;
  auto box = make_box(0, limits);
  if (!box) return false;
  int kind = 0;
  const long child = ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    for (const Fd& door : box->doors())
      if (::syscall(SYS_write, door.get(), "0", 1) != 1) kind = 1;
    ::syscall(SYS_exit_group, kind);
  }
  int status = 1;
  while (child > 0 && ::waitpid(static_cast<pid_t>(child), &status, 0) < 0 && errno == EINTR) {
  }
  return child > 0 && status == 0;
}

CgroupParent CgroupParent::discover() {
  const auto self = read_text("/proc/self/cgroup");
  const auto mounts = read_text("/proc/self/mountinfo");
  if (!self || !mounts) return {};
  const CgroupPlace place = locate_cgroups(*self, *mounts);
  unsigned draw = 0;  // two launchers of one process number their boxes apart
  if (::getrandom(&draw, sizeof draw, 0) != sizeof draw) return {};
  std::string name = "/";
  name.append(kPrefix).append(std::to_string(::getpid())).append("-").append(std::to_string(draw));
  if (place.kind == CgroupKind::V2) {
    // A group with processes cannot hand controllers down unless it is the root, so our group is a child or a sibling of our own.
    for (const std::string& folder : {place.memory, parent_folder(place.memory)}) {
      sweep(folder);
      CgroupParent parent;
      parent.kind_ = CgroupKind::V2;
      parent.memory_ = parent.pids_ = folder + name;
      if (prepare_v2(parent.memory_) && parent.usable()) return parent;
    }
    return {};
  }
  // Each v1 controller stands for itself.
  CgroupParent both;
  for (const bool memory : {true, false}) {
    const std::string& folder = memory ? place.memory : place.pids;
    if (folder.empty()) continue;
    sweep(folder);
    CgroupParent one;
    one.kind_ = CgroupKind::V1;
    (memory ? one.memory_ : one.pids_) = folder + name;
    if (!make_folder(folder + name) || !one.usable()) continue;
    (memory ? both.memory_ : both.pids_) = std::exchange(memory ? one.memory_ : one.pids_, {});
    both.kind_ = CgroupKind::V1;
  }
  return both;
}

Result<BoxGroup> CgroupParent::make_box(unsigned number, const BoxLimits& limits) const {
  BoxGroup box;
  if (kind_ == CgroupKind::None) return box;
  box.kind_ = kind_;
  const auto failed = [](const std::string& what) {
    return environment_error("cannot set up the control group " + what + ": " + errno_text(errno) + "; run `hyperagent doctor`");
  };
  std::vector<std::string> parents;
  if (!memory_.empty()) parents.push_back(memory_);
  if (!pids_.empty() && pids_ != memory_) parents.push_back(pids_);
  for (const std::string& parent : parents) {
    const std::string folder = parent + "/box-" + std::to_string(number);
    if (!make_folder(folder)) {
      if (kind_ == CgroupKind::V2 ? !prepare_v2(parent) : !make_folder(parent)) return failed(parent);
      if (!make_folder(folder)) return failed(folder);
    }
    box.folders_.push_back(folder);
    if (parent == memory_) {
      box.memory_ = folder;
      if (limits.memory_bytes > 0) {
        const std::string bytes = std::to_string(limits.memory_bytes);
        if (!write_text(folder + (kind_ == CgroupKind::V1 ? "/memory.limit_in_bytes" : "/memory.max"), bytes)) return failed(folder);
        // Swap must not stretch the limit; these files are absent without swap accounting.
        if (kind_ == CgroupKind::V1) write_text(folder + "/memory.memsw.limit_in_bytes", bytes);
        if (kind_ == CgroupKind::V2) write_text(folder + "/memory.swap.max", "0");
      }
    }
    if (parent == pids_ && limits.processes > 0)
      if (!write_text(folder + "/pids.max", std::to_string(limits.processes + 1))) return failed(folder);  // and the box's init
    // Under v1 a thread that moves itself need not wait until no process of the machine forks or ends (5 to 30 ms); who enters here has one thread.
    Fd door(::open((folder + (kind_ == CgroupKind::V1 ? "/tasks" : "/cgroup.procs")).c_str(), O_WRONLY | O_CLOEXEC));
    if (!door) return failed(folder);
    box.doors_.push_back(std::move(door));
  }
  return box;
}

}  // namespace hyperagent
