#include "sandbox/box_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

#include "hyperagent/core/pipe_write.h"

namespace hyperagent {
namespace {

constexpr std::size_t kErrorBytes = 64 << 10;
constexpr std::size_t kBlockBytes = 64 << 10;
constexpr double kForever = std::numeric_limits<double>::infinity();
// The host's own deadline is a little later than init's, so that init's report usually arrives first.
constexpr double kGraceSeconds = 0.05;

void set_nonblocking(const Fd& fd) { ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

int poll_timeout(double deadline) {
  if (deadline == kForever) return -1;
  const double left = std::ceil((deadline - monotonic_seconds()) * 1000);
  return static_cast<int>(std::clamp(left, 0.0, 3'600'000.0));
}

}  // namespace

void kill_and_reap(const Fd& process) {
  ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
  siginfo_t info;
  while (::waitid(P_PIDFD, static_cast<id_t>(process.get()), &info, WEXITED | __WALL) < 0 && errno == EINTR) {
  }
}

NamespaceBox::NamespaceBox(BoxEnds ends) : ends_(std::move(ends)), block_(kBlockBytes), allowed_until_(kForever) {
  for (const Fd* fd : {&ends_.input, &ends_.output, &ends_.error_output, &ends_.report}) set_nonblocking(*fd);
}

NamespaceBox::~NamespaceBox() { reap(); }

double NamespaceBox::wall_deadline() const {
  return std::min(allowed_until_, ends_.limits.wall_seconds > 0 ? ends_.began + ends_.limits.wall_seconds + kGraceSeconds : kForever);
}

void NamespaceBox::allow(double seconds) { allowed_until_ = monotonic_seconds() + seconds; }

bool NamespaceBox::send(std::string_view frame) {
  if (why_ || end_ || outcome_ || !ends_.input || frame.size() > std::numeric_limits<std::uint32_t>::max()) return false;
  // Header and body go out as one text: a program that waits for whole frames is then woken once.
  std::string bytes(4, '\0');
  for (int i = 0; i < 4; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(frame.size() >> (8 * i));
  bytes.append(frame);
  std::string_view outgoing = bytes;
  while (!outgoing.empty()) {
    if (pump(wall_deadline(), &outgoing) == Turn::Deadline) stop(TimedOut{ends_.limits.wall_seconds});
    if (why_ || !ends_.input) return false;
  }
  return true;
}

std::optional<std::string> NamespaceBox::receive(double timeout_seconds) {
  const double deadline = std::isfinite(timeout_seconds) ? monotonic_seconds() + std::max(0.0, timeout_seconds) : kForever;
  for (;;) {
    if (auto frame = take_frame()) return frame;
    if (why_ || outcome_ || !ends_.output) return std::nullopt;
    if (pump(std::min(deadline, wall_deadline()), nullptr) == Turn::Deadline)
      stop(TimedOut{deadline < wall_deadline() ? timeout_seconds : ends_.limits.wall_seconds});
  }
}

bool NamespaceBox::ready(double seconds) {
  const double deadline = monotonic_seconds() + std::max(0.0, seconds);
  for (bool passed = false;;) {
    const auto size = promised();
    if ((size && (unread_.size() - taken_ - 4 >= *size || over_limit(*size))) || why_ || outcome_ || !ends_.output) return true;
    if (passed) return wall_deadline() <= deadline;
    passed = pump(std::min(deadline, wall_deadline()), nullptr) == Turn::Deadline;
  }
}

RunOutcome NamespaceBox::wait() {
  if (outcome_) return *outcome_;
  ends_.input.reset();
  discard_output_ = true;
  unread_.clear();
  taken_ = 0;
  while (!why_ && ends_.report)
    if (pump(wall_deadline(), nullptr) == Turn::Deadline) stop(TimedOut{ends_.limits.wall_seconds});
  // Init has reported and is ending, and everyone in the box with it: what they still had in the pipes follows. The kill makes
  // that certain should init be stuck.
  if (!why_ && end_)
    while (ends_.output || ends_.error_output)
      if (pump(monotonic_seconds() + 2, nullptr) == Turn::Deadline) break;
  reap();
  return *outcome_;
}

void NamespaceBox::kill() {
  if (!outcome_) stop(Signalled{SIGKILL});
}

std::string NamespaceBox::standard_error() const {
  return errors_.size() <= kErrorBytes ? errors_ : errors_.substr(errors_.size() - kErrorBytes);
}

// One wait for anything to happen and the handling of it.
NamespaceBox::Turn NamespaceBox::pump(double deadline, std::string_view* outgoing) {
  std::array<pollfd, 4> waited{{{outgoing != nullptr ? ends_.input.get() : -1, POLLOUT, 0},
                                {ends_.output.get(), POLLIN, 0},
                                {ends_.error_output.get(), POLLIN, 0},
                                {ends_.report.get(), POLLIN, 0}}};
  const int ready = ::poll(waited.data(), waited.size(), poll_timeout(deadline));
  if (ready > 0) {
    if (waited[0].revents != 0) {
      const ssize_t written = write_without_signal(ends_.input.get(), *outgoing);
      if (written >= 0) outgoing->remove_prefix(static_cast<std::size_t>(written));
      if (written < 0 && errno != EAGAIN && errno != EINTR) ends_.input.reset();
    }
    if (waited[1].revents != 0) read_output();
    if (waited[2].revents != 0) read_errors();
    if (waited[3].revents != 0) read_report();
  }
  // A stream that never pauses must not outrun the deadline; what is there when it passes is taken in.
  return deadline != kForever && monotonic_seconds() >= deadline ? Turn::Deadline : Turn::Moved;
}

void NamespaceBox::read_output() {
  const ssize_t n = ::read(ends_.output.get(), block_.data(), block_.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return ends_.output.reset();
  output_seen_ += n;
  if (ends_.limits.output_bytes > 0 && output_seen_ > ends_.limits.output_bytes) return stop(OverOutput{ends_.limits.output_bytes});
  if (!discard_output_) unread_.append(block_.data(), static_cast<std::size_t>(n));
}

void NamespaceBox::read_errors() {
  const ssize_t n = ::read(ends_.error_output.get(), block_.data(), block_.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return ends_.error_output.reset();
  errors_.append(block_.data(), static_cast<std::size_t>(n));
  if (errors_.size() > 2 * kErrorBytes) errors_.erase(0, errors_.size() - kErrorBytes);
}

void NamespaceBox::read_report() {
  Report report;
  const ssize_t n = ::read(ends_.report.get(), &report, sizeof report);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n == static_cast<ssize_t>(sizeof report)) end_ = report;
  ends_.report.reset();
}

std::optional<std::uint32_t> NamespaceBox::promised() const {
  if (unread_.size() - taken_ < 4) return std::nullopt;
  std::uint32_t size = 0;
  for (int i = 3; i >= 0; --i) size = size << 8 | static_cast<unsigned char>(unread_[taken_ + static_cast<std::size_t>(i)]);
  return size;
}

// Whether the frame whose header is there promises more than the box may still write.
bool NamespaceBox::over_limit(std::uint32_t promised) const {
  const long long missing = static_cast<long long>(promised) - static_cast<long long>(unread_.size() - taken_ - 4);
  return ends_.limits.output_bytes > 0 && missing > ends_.limits.output_bytes - output_seen_;
}

std::optional<std::string> NamespaceBox::take_frame() {
  const auto size = promised();
  if (!size) return std::nullopt;
  const std::size_t have = unread_.size() - taken_;
  if (have - 4 >= *size) {
    std::string frame = unread_.substr(taken_ + 4, *size);
    taken_ += 4 + *size;
    if (taken_ == unread_.size() || taken_ > kBlockBytes) {
      unread_.erase(0, taken_);
      taken_ = 0;
    }
    return frame;
  }
  // No need to wait for it, nor to make room.
  if (over_limit(*size) && !why_ && !outcome_)
    stop(OverOutput{ends_.limits.output_bytes});
  return std::nullopt;
}

void NamespaceBox::stop(RunOutcome why) {
  if (!why_) why_ = std::move(why);
  ::syscall(SYS_pidfd_send_signal, ends_.process.get(), SIGKILL, nullptr, 0);
}

void NamespaceBox::reap() {
  if (outcome_) return;
  kill_and_reap(ends_.process);  // returns when the last process of the tree is gone
  if (ends_.report) read_report();
  if (ends_.error_output)  // the last words before a kill; bounded by what a pipe holds
    for (int blocks = 0; blocks < 16 && ends_.error_output; ++blocks) read_errors();
  outcome_ = classify(ends_.group.memory_kills());
  ends_.group.remove();
  for (Fd* fd : {&ends_.input, &ends_.output, &ends_.error_output, &ends_.report, &ends_.lifeline, &ends_.process}) fd->reset();
}

RunOutcome NamespaceBox::classify(long long memory_kills) const {
  const BoxLimits& limits = ends_.limits;
  if (why_) return *why_;
  if (end_ && end_->kind == ReportKind::WallLimit) return TimedOut{limits.wall_seconds};
  if (end_ && end_->kind == ReportKind::Ended && end_->exited != 0 && (end_->status == 0 || memory_kills == 0)) return Exited{end_->status};
  if (memory_kills > 0) return OverMemory{limits.memory_bytes};
  if (!end_ || end_->kind != ReportKind::Ended) return Signalled{SIGKILL};  // init itself was killed, by someone outside
  if (end_->status == SIGSYS)
    return Violation{ends_.profile == SyscallProfile::Agent ? "a system call that agents may not make (SIGSYS)"
                                                            : "a system call that tools may not make (SIGSYS)"};
  // SIGXCPU can be caught; the kernel then kills one second later.
  const double cpu_seconds = 1e-9 * static_cast<double>(end_->cpu_nanoseconds);
  if (limits.cpu_seconds > 0 && (end_->status == SIGXCPU || (end_->status == SIGKILL && cpu_seconds >= limits.cpu_seconds)))
    return TimedOut{limits.cpu_seconds};
  return Signalled{end_->status};
}

}  // namespace hyperagent
