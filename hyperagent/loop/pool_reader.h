// The pool as worker threads see it, while the loop's thread adds to it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "hyperagent/core/lru.h"
#include "hyperagent/core/pool.h"

namespace hyperagent {

// One for a run; thread-safe. A pool is made for one thread, so one question is answered at a time.
class PoolReader {
 public:
  explicit PoolReader(const Pool& pool) : pool_(pool) {}

  // Held by the loop's thread while it changes the pool.
  std::mutex& changing() { return changing_; }
  // By the loop's thread: takes in what was added since.
  void extend() {
    std::lock_guard lock(indexing_);
    const std::vector<AgentRecord>& agents = pool_.agents();
    for (; indexed_ < agents.size(); ++indexed_)
      if (!agents[indexed_].ast_hash.empty()) by_hash_.emplace(agents[indexed_].ast_hash, agents[indexed_].id);
  }

  // Asked for every candidate, hence not of the pool itself, which may be writing.
  std::optional<int> find(const std::string& ast_hash) const {
    std::lock_guard lock(indexing_);
    const auto found = by_hash_.find(ast_hash);
    return found == by_hash_.end() ? std::nullopt : std::optional(found->second);
  }
  AgentRecord record(int id) const {
    std::lock_guard lock(changing_);
    return pool_.agents()[static_cast<std::size_t>(id)];
  }
  // What agents may know of one another: of the first `count`, oldest first.
  std::vector<Json> told(int count) const {
    std::lock_guard lock(changing_);
    std::vector<Json> all;
    for (int id = 0; id < count; ++id) all.push_back(told_of(pool_.agents()[static_cast<std::size_t>(id)]));
    return all;
  }
  static Json told_of(const AgentRecord& agent) {
    return {{"agent", agent.id}, {"parent", agent.parents.empty() ? Json() : Json(agent.parents.front())}, {"reason", agent.reason},
            {"train", agent.train.n > 0 ? Json(agent.train.mean) : Json()}, {"score", selection_score(agent)}};
  }
  Result<std::shared_ptr<const AgentSource>> source(int id) {
    if (auto known = sources_.find(id)) return known;
    std::unique_lock lock(changing_);
    auto source = pool_.source(id);
    lock.unlock();
    if (!source) return source.error();
    return sources_.put(id, std::move(*source));
  }

 private:
  const Pool& pool_;
  mutable std::mutex changing_;
  mutable std::mutex indexing_;
  std::unordered_map<std::string, int> by_hash_;
  std::size_t indexed_ = 0;
  Lru<int, AgentSource> sources_{256};
};

// The agents that a generation knows: those the pool had when it was begun, whatever was added since.
class KnownAgents {
 public:
  KnownAgents(PoolReader& reader, int count) : reader_(reader), count_(count) {}

  int size() const { return count_; }
  bool has(const Json& id) const { return id.is_number_integer() && id >= 0 && id < count_; }
  std::optional<int> find(const std::string& ast_hash) const {
    const auto found = reader_.find(ast_hash);
    return found && *found < count_ ? found : std::nullopt;
  }
  AgentRecord record(int id) const { return reader_.record(id); }
  std::vector<Json> told() const { return reader_.told(count_); }
  Result<std::shared_ptr<const AgentSource>> source(int id) const { return reader_.source(id); }
  // Null when there is no agent of this id.
  Result<std::shared_ptr<const AgentSource>> donor(const Json& id) const {
    if (!has(id)) return std::shared_ptr<const AgentSource>();
    return source(id.get<int>());
  }

 private:
  PoolReader& reader_;
  int count_;
};

}  // namespace hyperagent
