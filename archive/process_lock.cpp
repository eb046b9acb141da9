#include "archive/process_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace hyperagent {
namespace {

// The holder's id as it wrote it, or "" when it has not yet (it locks before it writes).
std::string holder_of(int fd) {
  char text[32] = {};
  const ssize_t size = ::pread(fd, text, sizeof text - 1, 0);
  std::string id;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) id += text[i];
  return id;
}

}  // namespace

Result<ProcessLock> ProcessLock::take(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return environment_error("cannot open the lock file " + path + ": " + std::strerror(errno));
  ProcessLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return environment_error("cannot lock " + path + ": " + std::strerror(errno));
    const std::string holder = holder_of(fd);
    return user_error("the archive is in use: process " + (holder.empty() ? "(unknown)" : holder) + " holds " + path +
                      "; wait until it ends or stop it");
  }
  // The id is for people only: failing to write it (disk full) must not keep anyone from the archive.
  const std::string id = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, id.data(), id.size(), 0) < 0) errno = 0;
  return lock;
}

ProcessLock::ProcessLock(ProcessLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

ProcessLock& ProcessLock::operator=(ProcessLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

ProcessLock::~ProcessLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace hyperagent
