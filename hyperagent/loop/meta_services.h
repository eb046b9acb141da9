// The host calls of one improve(): questions about the agent's own program, and sources of other archived agents. Metered by count, never
// by time, so that the same agent gets the same replies on any machine.
//
//   meta.sites {}                        -> {"groups": [{"function","half","kind","sites"}]}
//   meta.draw {"function","kind","seed"} -> {"edit": {...} | null}
//   meta.check {"edits"}                 -> {"ok": true} | {"refused": {"code","message"}}
//   meta.outline {}                      -> the outline of the whole program
//   meta.source {"agent": id}            -> {"agent", "files": {path: text}}
//
// Anything else, wrong arguments and a spent budget reply {"error": "why"}. One object per improve(), one thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "hyperagent/core/pool.h"
#include "hyperagent/core/toolchain.h"
#include "hyperagent/core/lru.h"
#include "hyperagent/loop/programs.h"

namespace hyperagent {

// A pool as worker threads see it while nobody adds to it: one question at a time, because a pool is made for one thread.
class PoolReader {
 public:
  explicit PoolReader(const Pool& pool) : pool_(pool) {}
  // Null when there is no agent of this id.
  Result<std::shared_ptr<const AgentSource>> donor(const Json& id) {
    if (!id.is_number_integer() || id < 0 || id >= size()) return std::shared_ptr<const AgentSource>();
    return source(id.get<int>());
  }
  std::optional<int> find(const std::string& ast_hash) const {
    std::lock_guard lock(mutex_);
    return pool_.find(ast_hash);
  }
  int size() const {
    std::lock_guard lock(mutex_);
    return static_cast<int>(pool_.agents().size());
  }
  Result<std::shared_ptr<const AgentSource>> source(int id) {
    if (auto known = sources_.find(id)) return known;
    std::unique_lock lock(mutex_);
    auto source = pool_.source(id);
    lock.unlock();
    if (!source) return source.error();
    return sources_.put(id, std::move(*source));
  }

 private:
  const Pool& pool_;
  mutable std::mutex mutex_;
  Lru<int, AgentSource> sources_{256};
};

class MetaServices {
 public:
  // All borrowed. `source` and `ast_hash` are those of the agent whose improve() runs; `domain` is Domain::describe().
  MetaServices(Toolchain& toolchain, Programs& programs, PoolReader& pool, const Json& domain, const AgentSource& source,
               const std::string& ast_hash, int budget)
      : toolchain_(toolchain), programs_(programs), pool_(pool), domain_(domain), source_(source), ast_hash_(ast_hash), left_(budget) {}

  // An Error is our own failure.
  Result<Json> call(const std::string& name, const Json& arguments);

 private:
  Result<Json> draw(const Json& arguments);
  Result<Json> check(const Json& arguments);
  Result<Json> source(const Json& arguments);

  Toolchain& toolchain_;
  Programs& programs_;
  PoolReader& pool_;
  const Json& domain_;
  const AgentSource& source_;
  const std::string& ast_hash_;
  int left_;
};

}  // namespace hyperagent
