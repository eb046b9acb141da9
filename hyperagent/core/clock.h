// Time and cancellation, passed in so that the loop can be tested without either.
#pragma once

#include <atomic>

namespace hyperagent {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual double seconds() const = 0;  // monotonic, since an arbitrary start
};

class SystemClock : public Clock {
 public:
  double seconds() const override;
};

// Set once by Ctrl-C, a time limit or a failure; read by everyone who might wait.
using CancelFlag = std::atomic<bool>;

}  // namespace hyperagent
