#include "tests/archive/faults.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

// The C library's names cannot carry state, so this file, alone, has some.
namespace {

long g_calls = 0, g_kill_at = 0, g_fail_from = 0;
int g_error = 0;

// False: the call must fail (errno is set).
bool enter(bool& last) {
  ++g_calls;
  last = g_kill_at != 0 && g_calls >= g_kill_at;
  if (g_fail_from == 0 || g_calls < g_fail_from) return true;
  errno = g_error;
  return false;
}

void die() {
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  for (;;) pause();
}

void arm(long kill, long fail, int error) {
  g_calls = 0;
  g_kill_at = kill;
  g_fail_from = fail;
  g_error = error;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
  if (fd <= 2) return syscall(SYS_write, fd, data, size);
  bool last = false;
  if (!enter(last)) return -1;
  if (last) {
    syscall(SYS_write, fd, data, size / 2);
    die();
  }
  return syscall(SYS_write, fd, data, size);
}

int fsync(int fd) {
  bool last = false;
  if (!enter(last)) return -1;
  if (last) die();
  return static_cast<int>(syscall(SYS_fsync, fd));
}

int rename(const char* from, const char* to) noexcept {
  bool last = false;
  if (!enter(last)) return -1;
  if (last) die();
  return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

// libgit2 moves a file into place by link() and unlink(), and by rename() only where that fails.
int link(const char* from, const char* to) noexcept {
  bool last = false;
  if (!enter(last)) return -1;
  if (last) die();
  return static_cast<int>(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int unlink(const char* path) noexcept {
  // Never fails: a full disk lets files go, and that is how libgit2 takes its lock files back.
  ++g_calls;
  if (g_kill_at != 0 && g_calls >= g_kill_at) die();
  return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

int mkdir(const char* path, mode_t mode) noexcept {
  bool last = false;
  if (!enter(last)) return -1;
  if (last) die();
  return static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}
}

namespace hyperagent::faults {

void kill_at(long n) { arm(n, 0, 0); }
void fail_from(long n, int error) { arm(0, n, error); }
void disarm() { arm(0, 0, 0); }
long calls() { return g_calls; }

}  // namespace hyperagent::faults
