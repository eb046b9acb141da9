#include "hyperagent/cli/console.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hyperagent {

std::string json_line(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

void Console::print(std::string_view text) {
  std::lock_guard lock(mutex_);
  clear_live();
  if (const int error = write(out_, text); error != 0 && error != EPIPE && error_ == 0) error_ = error;
}

void Console::print_json(const Json& value) { print(json_line(value)); }

void Console::note(std::string_view text) {
  std::lock_guard lock(mutex_);
  clear_live();
  write(err_, text);
}

void Console::live(std::string_view line) {
  std::lock_guard lock(mutex_);
  write(err_, "\r\033[K" + std::string(line));
  live_ = true;
}

void Console::end_live() {
  std::lock_guard lock(mutex_);
  clear_live();
}

void Console::clear_live() {
  if (live_) write(err_, "\r\033[K");
  live_ = false;
}

int Console::write(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {  // whoever gave us the descriptor made it non-blocking
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

Result<void> Console::failure() const {
  std::lock_guard lock(mutex_);
  if (error_ == 0) return {};
  return environment_error(std::string("cannot write to standard output: ") + std::strerror(error_));
}

}  // namespace hyperagent
