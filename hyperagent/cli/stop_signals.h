// Ctrl-C and SIGTERM. The first asks for a clean stop; whoever does not manage it in time is ended by the watcher, which loses nothing:
// the archive is durable up to the last whole generation and boxes end with the host. The second ends the program at once.
//
// Theory of operation. The handler only counts, writes a byte to a pipe, and (second signal) calls _exit. A watcher thread reads the
// pipe, sets the cancel flag, and gives the rest of the program `grace_seconds`.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "hyperagent/core/clock.h"

namespace hyperagent {

inline constexpr int kInterruptedStatus = 3;

// At most one object at a time: signal handlers belong to the process.
class StopSignals {
 public:
  // `flag` is set at the first signal; it outlives this object. `on_stop` is called at the first signal, `on_overdue` when the grace time has passed, just
  // before the program ends with status 3; both from the watcher's thread.
  StopSignals(CancelFlag& flag, double grace_seconds, std::function<void()> on_stop, std::function<void()> on_overdue);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool signalled() const { return signalled_; }

 private:
  void watch();

  CancelFlag& flag_;
  double grace_seconds_;
  std::function<void()> on_stop_, on_overdue_;
  std::atomic<bool> signalled_ = false;
  int pipe_[2] = {-1, -1};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool closing_ = false;
  std::thread watcher_;
};

}  // namespace hyperagent
