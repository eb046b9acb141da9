// One writing process per archive: an advisory lock on a file that also names its holder.
#pragma once

#include <string>

#include "hyperagent/core/result.h"

namespace hyperagent {

// Move-only owner of the lock; destruction (or the death of the process, however it dies) gives it back, so there are no stale locks.
// The lock belongs to the open file: a child forked without exec holds it too until it ends (archive/README.md, "Surprising").
class ProcessLock {
 public:
  // Creates `path` if needed. UserInput error that names the holder's process id when another one holds it.
  static Result<ProcessLock> take(const std::string& path);
  ProcessLock() = default;  // holds nothing
  ProcessLock(ProcessLock&& other) noexcept;
  ProcessLock& operator=(ProcessLock&& other) noexcept;
  ~ProcessLock();

 private:
  explicit ProcessLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace hyperagent
