// A fixed crew of threads that work through jobs in the order in which they were added. The threads live as long as the object: boxes started
// from a thread may be bound to its life.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace hyperagent {

class WorkerThreads {
 public:
  using Job = std::function<void(std::size_t worker)>;

  explicit WorkerThreads(std::size_t count);
  ~WorkerThreads();  // waits for the jobs that were begun; the others are dropped
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;

  void add(Job job);
  // Returns when `reached` holds; it is asked after every job and about every 20 ms. Called from the thread that adds.
  void wait_until(const std::function<bool()>& reached);

 private:
  void serve(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace hyperagent
