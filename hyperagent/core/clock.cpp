#include "hyperagent/core/clock.h"

#include <chrono>

namespace hyperagent {

double SystemClock::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace hyperagent
