// Documents by content hash, in memory and, when a folder is given, on disk. Thread-safe. A damaged or missing file is a miss.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "hyperagent/core/json.h"

namespace hyperagent {

class RunCache {
 public:
  explicit RunCache(std::string folder) : folder_(std::move(folder)) {}
  std::shared_ptr<const Json> find(const std::string& key);
  // Keeps the document; a disk that is full or read-only costs time later, nothing else.
  std::shared_ptr<const Json> store(const std::string& key, Json document);
  // Drops the document from memory (its owner keeps it in another form); the disk keeps it.
  void forget(const std::string& key);

 private:
  std::string path(const std::string& key) const;
  const std::string folder_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Json>> documents_;
};

}  // namespace hyperagent
