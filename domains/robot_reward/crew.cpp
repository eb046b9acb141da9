#include "domains/robot_reward/crew.h"

namespace hyperagent::robot {

Crew::Crew(int threads) {
  for (int i = 1; i < threads; ++i)
    threads_.emplace_back([this] {
      unsigned long seen = 0;
      std::unique_lock lock(mutex_);
      for (;;) {
        start_.wait(lock, [&] { return stop_ || job_ != seen; });
        if (stop_) return;
        seen = job_;
        lock.unlock();
        take_parts();
        lock.lock();
        if (--busy_ == 0) done_.notify_one();
      }
    });
}

Crew::~Crew() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Crew::take_parts() {
  for (int part = next_.fetch_add(1); part < parts_; part = next_.fetch_add(1)) (*work_)(part);
}

void Crew::run(int parts, const std::function<void(int)>& work) {
  if (threads_.empty() || parts <= 1) {
    for (int part = 0; part < parts; ++part) work(part);
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    work_ = &work;
    parts_ = parts;
    next_ = 0;
    busy_ = static_cast<int>(threads_.size());
    ++job_;
  }
  start_.notify_all();
  take_parts();
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return busy_ == 0; });
}

}  // namespace hyperagent::robot
