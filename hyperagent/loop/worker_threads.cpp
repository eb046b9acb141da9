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

void WorkerThreads::run(std::size_t items, const Work& work, const std::function<void()>& watch) {
  std::unique_lock lock(mutex_);
  work_ = &work;
  items_ = items;
  next_ = finished_ = 0;
  wake_.notify_all();
  while (finished_ < items_) {
    done_.wait_for(lock, std::chrono::milliseconds(20));
    lock.unlock();
    watch();
    lock.lock();
  }
  work_ = nullptr;
}

void WorkerThreads::serve(std::size_t worker) {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || (work_ != nullptr && next_ < items_); });
    if (closing_) return;
    const std::size_t item = next_++;
    const Work& work = *work_;
    lock.unlock();
    work(item, worker);
    lock.lock();
    if (++finished_ == items_) done_.notify_one();
  }
}

}  // namespace hyperagent
