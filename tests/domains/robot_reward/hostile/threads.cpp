// Leaves threads behind that spin for ever.
#include <atomic>
#include <thread>

#include <ha/robot.h>

float reward(const ha::robot::State&) {
  static std::atomic<int> started{0};
  if (started.fetch_add(1) < 3) {
    try {
      std::thread([] {
        for (volatile long i = 0;; i = i + 1) {}
      }).detach();
    } catch (...) {
    }
  }
  return 0.0f;
}
