// Small owners and readers over the kernel's interface, for sandbox/ only. Everything opened here is close-on-exec.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "hyperagent/core/result.h"

namespace hyperagent {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read;
  Fd write;
};

// Both ends are numbered 3 or more, so that a box can put them on 0, 1 and 2 in any order.
Result<Pipe> make_pipe();

std::optional<std::string> read_text(const std::string& path);
bool write_text(const std::string& path, const std::string& text);  // an existing file; errno says why not

std::string errno_text(int error);  // "no such file or directory"
double monotonic_seconds();

}  // namespace hyperagent
