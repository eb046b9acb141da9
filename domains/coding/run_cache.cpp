#include "domains/coding/run_cache.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

namespace hyperagent {

namespace fs = std::filesystem;

std::string RunCache::path(const std::string& key) const { return folder_ + "/" + key.substr(0, 2) + "/" + key + ".json"; }

std::shared_ptr<const Json> RunCache::find(const std::string& key) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = documents_.find(key);
    if (found != documents_.end()) return found->second;
  }
  if (folder_.empty()) return nullptr;
  std::ifstream file(path(key), std::ios::binary);
  if (!file) return nullptr;
  Json document = Json::parse(file, nullptr, false);
  // The key inside guards against a file cut short or put in the wrong place.
  if (!document.is_object() || document.value("key", "") != key || !document.contains("document")) return nullptr;
  auto shared = std::make_shared<const Json>(std::move(document["document"]));
  const std::lock_guard lock(mutex_);
  return documents_.emplace(key, std::move(shared)).first->second;
}

std::shared_ptr<const Json> RunCache::store(const std::string& key, Json document) {
  auto shared = std::make_shared<const Json>(std::move(document));
  {
    const std::lock_guard lock(mutex_);
    documents_[key] = shared;
  }
  if (folder_.empty()) return shared;
  static std::atomic<unsigned> counter{0};
  std::error_code failed;
  const fs::path target = path(key);
  fs::create_directories(target.parent_path(), failed);
  // Another process may write the same key: a private name, then an atomic rename.
  const fs::path draft = target.string() + "." + std::to_string(getpid()) + "." + std::to_string(counter++);
  bool written = false;
  {
    std::ofstream file(draft, std::ios::binary);
    file << Json{{"key", key}, {"document", *shared}}.dump(-1, ' ', false, Json::error_handler_t::replace);
    file.close();
    written = file.good();
  }
  if (written) fs::rename(draft, target, failed);
  if (!written || failed) fs::remove(draft, failed);
  return shared;
}

void RunCache::forget(const std::string& key) {
  const std::lock_guard lock(mutex_);
  documents_.erase(key);
}

}  // namespace hyperagent
