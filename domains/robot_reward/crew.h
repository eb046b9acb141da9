// Threads that work on numbered parts of a job. Which thread takes which part never shows in a result: parts write to places of their own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace hyperagent::robot {

// One owner calls run(); the others sleep in between. One thread: everything runs in the caller.
class Crew {
 public:
  explicit Crew(int threads);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  // Calls work(0) .. work(parts - 1), each once; returns when all are done.
  void run(int parts, const std::function<void(int)>& work);
  int threads() const { return static_cast<int>(threads_.size()) + 1; }

 private:
  void take_parts();

  std::mutex mutex_;
  std::condition_variable start_, done_;
  const std::function<void(int)>* work_ = nullptr;
  std::atomic<int> next_{0};
  int parts_ = 0, busy_ = 0;
  unsigned long job_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace hyperagent::robot
