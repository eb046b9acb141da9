// A fixed crew of threads that work through numbered items. The threads live as long as the object: boxes started from a thread may be
// bound to its life.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace hyperagent {

class WorkerThreads {
 public:
  using Work = std::function<void(std::size_t item, std::size_t worker)>;

  explicit WorkerThreads(std::size_t count);
  ~WorkerThreads();
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;

  // Calls work(item, worker) once for each item in [0, items), handing items out in order; returns when all are done. `watch` is called
  // from the calling thread about every 20 ms meanwhile.
  void run(std::size_t items, const Work& work, const std::function<void()>& watch);

 private:
  void serve(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const Work* work_ = nullptr;
  std::size_t items_ = 0, next_ = 0, finished_ = 0;
  bool closing_ = false;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace hyperagent
