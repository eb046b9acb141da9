#include "hyperagent/cli/stop_signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <chrono>

namespace hyperagent {
namespace {

// The one global of the program: a signal handler can reach nothing else.
std::atomic<int> handler_pipe = -1;
std::atomic<int> handled = 0;
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may only use lock-free atomics");

extern "C" void on_signal(int) {
  const int before = errno;
  if (handled.fetch_add(1) > 0) ::_exit(kInterruptedStatus);
  const char byte = 's';
  [[maybe_unused]] const ssize_t written = ::write(handler_pipe.load(), &byte, 1);
  errno = before;
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

StopSignals::StopSignals(CancelFlag& flag, double grace_seconds, std::function<void()> on_stop, std::function<void()> on_overdue)
    : flag_(flag), grace_seconds_(grace_seconds), on_stop_(std::move(on_stop)), on_overdue_(std::move(on_overdue)) {
  assert(handler_pipe == -1 && "signals are handled by one object at a time");
  if (::pipe2(pipe_, O_CLOEXEC) != 0) return;  // no descriptors left: the default action stays, Ctrl-C ends the program
  handled = 0;
  handler_pipe = pipe_[1];
  watcher_ = std::thread([this] { watch(); });
  handle(on_signal);
}

StopSignals::~StopSignals() {
  if (!watcher_.joinable()) return;
  handle(SIG_DFL);
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  ended_.notify_all();
  const char byte = 'e';
  [[maybe_unused]] const ssize_t written = ::write(pipe_[1], &byte, 1);
  watcher_.join();
  handler_pipe = -1;
  ::close(pipe_[0]);
  ::close(pipe_[1]);
}

void StopSignals::watch() {
  char byte = 0;
  while (::read(pipe_[0], &byte, 1) < 0 && errno == EINTR) {
  }
  if (byte != 's') return;
  signalled_ = true;
  flag_ = true;
  on_stop_();
  std::unique_lock lock(mutex_);
  if (ended_.wait_for(lock, std::chrono::duration<double>(grace_seconds_), [this] { return closing_; })) return;
  on_overdue_();
  ::_exit(kInterruptedStatus);
}

}  // namespace hyperagent
