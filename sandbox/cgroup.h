// Memory and process limits of a whole box through control groups, v1 or v2, below our own group. Optional: where no group can be
// made (an ordinary user without delegation) a box has rlimits only.
#pragma once

#include <string>
#include <vector>

#include "hyperagent/core/box.h"
#include "sandbox/posix.h"

namespace hyperagent {

enum class CgroupKind { None, V1, V2 };

// Where our own group is, from the texts of /proc/self/cgroup and /proc/self/mountinfo. An empty path: no such controller.
struct CgroupPlace {
  CgroupKind kind = CgroupKind::None;
  std::string memory;
  std::string pids;  // the same folder as `memory` under v2
};
CgroupPlace locate_cgroups(const std::string& self_cgroup, const std::string& self_mountinfo);

// One box's groups; removed by remove() or the destructor, once nothing lives in them.
class BoxGroup {
 public:
  BoxGroup() = default;
  BoxGroup(BoxGroup&&) = default;
  BoxGroup& operator=(BoxGroup&& other);
  ~BoxGroup() { remove(); }
  // The box's init writes "0" to each of these to move itself in.
  const std::vector<Fd>& doors() const { return doors_; }
  void close_doors() { doors_.clear(); }
  // How many processes the kernel killed because the box was over its memory limit.
  long long memory_kills() const;
  void remove();

 private:
  friend class CgroupParent;
  CgroupKind kind_ = CgroupKind::None;
  std::string memory_;
  std::vector<std::string> folders_;
  std::vector<Fd> doors_;
};

// Our group of boxes. Thread-safe after discover().
class CgroupParent {
 public:
  // Finds a place, makes our group there, checks that a process can be moved in, and clears away what dead hosts left.
  static CgroupParent discover();
  CgroupParent() = default;
  CgroupParent(CgroupParent&&) = default;
  CgroupParent& operator=(CgroupParent&&) = default;
  ~CgroupParent();
  CgroupKind kind() const { return kind_; }
  bool limits_memory() const { return !memory_.empty(); }
  bool limits_processes() const { return !pids_.empty(); }
  Result<BoxGroup> make_box(unsigned number, const BoxLimits& limits) const;

 private:
  bool usable() const;
  CgroupKind kind_ = CgroupKind::None;
  std::string memory_;  // our group per controller; empty: not limited
  std::string pids_;
};

}  // namespace hyperagent
