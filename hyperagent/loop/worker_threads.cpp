#include "hyperagent/loop/worker_threads.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace hyperagent {
namespace {

constexpr std::size_t kLookedAt = 4;  // of the queue: further on would leave the oldest jobs waiting

}  // namespace

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

void WorkerThreads::add(Job job, std::optional<std::size_t> preferred) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back({std::move(job), preferred});
  }
  wake_.notify_one();
}

void WorkerThreads::wait_until(const std::function<bool()>& reached) {
  std::unique_lock lock(mutex_);
  while (!reached()) done_.wait_for(lock, std::chrono::milliseconds(20));
}

WorkerThreads::Job WorkerThreads::next_for(std::size_t worker) {
  const auto end = jobs_.begin() + static_cast<std::ptrdiff_t>(std::min(jobs_.size(), kLookedAt));
  auto chosen = std::find_if(jobs_.begin(), end, [&](const Queued& queued) { return queued.preferred == worker; });
  if (chosen == end) chosen = jobs_.begin();
  Job job = std::move(chosen->job);
  jobs_.erase(chosen);
  return job;
}

void WorkerThreads::serve(std::size_t worker) {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (closing_) return;
    const Job job = next_for(worker);
    lock.unlock();
    job(worker);
    lock.lock();
    done_.notify_one();
  }
}

}  // namespace hyperagent
