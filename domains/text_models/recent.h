// A bounded, thread-safe memory of shared objects: the least recently used one is forgotten first. What is forgotten is
// computed again, so the bound changes time and memory only, never a result.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace hyperagent::text_models {

template <class T>
class Recent {
 public:
  explicit Recent(std::size_t most) : most_(most) {}

  // The object of that key, made empty when there is none. It stays alive for its holders after it was forgotten here.
  std::shared_ptr<T> at(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    Entry& entry = entries_[key];
    if (!entry.object) entry.object = std::make_shared<T>();
    entry.used = ++clock_;
    std::shared_ptr<T> object = entry.object;
    if (entries_.size() > most_) forget_oldest();
    return object;
  }

 private:
  struct Entry {
    std::shared_ptr<T> object;
    std::uint64_t used = 0;
  };

  void forget_oldest() {
    auto oldest = entries_.begin();
    for (auto it = entries_.begin(); it != entries_.end(); ++it)
      if (it->second.used < oldest->second.used) oldest = it;
    entries_.erase(oldest);
  }

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::uint64_t clock_ = 0;
  std::size_t most_;
};

}  // namespace hyperagent::text_models
