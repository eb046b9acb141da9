#include "hyperagent/loop/worker_threads.h"

#include <cassert>
#include <chrono>

namespace hyperagent {

WorkerThreads::WorkerThreads(std::size_t count) {
  assert(count > 0 && "no workers");
  for (std::size_t worker = 0; worker < count; ++worker) threads_.emplace_back([this, worker] { serve(worker); });
}

WorkerThreads::~WorkerThreads() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
}

void WorkerThreads::add(Job job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void WorkerThreads::wait_until(const std::function<bool()>& reached) {
  std::unique_lock lock(mutex_);
  while (!reached()) done_.wait_for(lock, std::chrono::milliseconds(20));
}

void WorkerThreads::serve(std::size_t worker) {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (closing_) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job(worker);
    lock.lock();
    done_.notify_one();
  }
}

}  // namespace hyperagent
