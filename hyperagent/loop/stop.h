// When to give up the work at hand: Ctrl-C, the time limit, or a failure of ours in another thread. Thread-safe.
#pragma once

#include <atomic>
#include <limits>
#include <mutex>

#include "hyperagent/core/clock.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

class StopSignal {
 public:
  StopSignal(const Clock& clock, CancelFlag& cancel) : clock_(clock), cancel_(cancel) {}

  void set_deadline(double seconds) { deadline_ = seconds; }
  // True once someone asked to stop; passing the deadline asks too, and tells everyone who watches the cancel flag.
  bool requested() {
    if (cancel_) return true;
    if (held_ > 0 || clock_.seconds() < deadline_) return false;
    timed_out_ = true;
    cancel_ = true;
    return true;
  }
  // Owned: nobody is asked anything (see Hold), nor will be while the caller keeps it. Not owned: somebody is being asked.
  std::unique_lock<std::mutex> without_questions() {
    std::unique_lock lock(holding_);
    if (held_ > 0) lock.unlock();
    return lock;
  }
  bool timed_out() const { return timed_out_; }
  void request() { cancel_ = true; }

  // While one lives the time limit stands still: somebody is asked, and what they take to answer is not the search's.
  class Hold {
   public:
    explicit Hold(StopSignal& stop) : stop_(stop) {
      std::lock_guard lock(stop_.holding_);
      if (stop_.held_++ == 0) stop_.held_since_ = stop_.clock_.seconds();
    }
    ~Hold() {
      std::lock_guard lock(stop_.holding_);
      if (stop_.held_ == 1) stop_.deadline_ = stop_.deadline_ + stop_.clock_.seconds() - stop_.held_since_;
      --stop_.held_;
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    StopSignal& stop_;
  };

 private:
  const Clock& clock_;
  CancelFlag& cancel_;
  std::atomic<double> deadline_ = std::numeric_limits<double>::infinity();
  std::atomic<bool> timed_out_ = false;
  std::mutex holding_;  // of the two below, for writers
  std::atomic<int> held_ = 0;
  double held_since_ = 0;
};

// A failure of ours may be passing (a box that could not start under load), so every step gets a second try before the run stops.
template <class Step>
auto retried(StopSignal& stop, Step step) -> decltype(step()) {
  auto result = step();
  if (result || stop.requested() || result.error().kind == ErrorKind::Interrupted) return result;
  return step();
}

inline Error stopped_error() { return interrupted_error("stopped on request; resume goes on from the last whole generation"); }

}  // namespace hyperagent
