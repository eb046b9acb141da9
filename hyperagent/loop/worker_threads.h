// A fixed crew of threads that work through jobs, about in the order in which they were added. The threads live as long as the object: boxes
// started from a thread may be bound to its life.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
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

  // `preferred`: the thread that has least to do for it. It takes such jobs first, and others take them, too.
  void add(Job job, std::optional<std::size_t> preferred = {});
  // Returns when `reached` holds; it is asked after every job and about every 20 ms, and must not wait for one. Called from the thread that
  // adds.
  void wait_until(const std::function<bool()>& reached);

 private:
  struct Queued {
    Job job;
    std::optional<std::size_t> preferred;
  };
  void serve(std::size_t worker);
  Job next_for(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::deque<Queued> jobs_;
  bool closing_ = false;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace hyperagent
