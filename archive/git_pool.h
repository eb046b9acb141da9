// The archive: the pool of agents as a bare git repository that any git client can clone, log, diff and check out.
//
//   auto pool = GitPool::create("run/archive.git", options);      // or GitPool::open("run/archive.git") to resume
//   (*pool)->add(record, source);                                 // the agent's commit is on disk, but not yet in the history
//   (*pool)->commit(0, state);                                    // the generation is durable: all of it, or (on an error) none
//
// Theory of operation. Objects are written and synced as agents are added; one atomic move of refs/heads/main then makes the
// whole generation visible. A process killed at any moment leaves main at the last whole generation, and objects nobody points
// to, which are ignored (and reused when the resumed run makes the same agents again). Opening reads the ledger and one
// record.json an agent; from then on everything but source files is answered from memory. Ids depend on nothing but the calls made:
// no clock, no host name, no reflog.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "archive/git_store.h"
#include "archive/ledger.h"
#include "archive/process_lock.h"
#include "hyperagent/core/pool.h"

namespace hyperagent {

// One thread: libgit2's objects cannot be shared across threads. One writing process: create() and open() hold a lock until the
// pool is destroyed. References from agents() and candidates_of() are valid until the next add().
class GitPool : public Pool {
 public:
  // A new archive. The directory must not exist or be empty (or be what a killed create() left); parent directories are made.
  // UserInput error when there is one already.
  static Result<std::unique_ptr<GitPool>> create(const std::string& git_dir, const Json& options);
  // To go on writing. UserInput error when there is no archive, or when another process (named) is writing to it.
  static Result<std::unique_ptr<GitPool>> open(const std::string& git_dir);
  // Takes no lock and writes nothing: shows the last whole generation as of now, also while another process is writing.
  static Result<std::unique_ptr<GitPool>> open_read_only(const std::string& git_dir);

  const std::vector<AgentRecord>& agents() const override { return agents_; }
  Result<AgentSource> source(int id) const override;
  std::optional<int> find(const std::string& ast_hash) const override;
  const std::vector<CandidateRecord>& candidates_of(int parent) const override;
  std::size_t candidate_count() const override { return candidate_count_; }
  // id, commit of the record are set here. UserInput error: a parent that does not exist, a file path git refuses, a record that
  // JSON cannot hold (a score that is not a number), a read-only pool. After any error the pool is as before.
  // What agents() then shows is what a reopened pool would (text that is not UTF-8 has become U+FFFD).
  Result<int> add(AgentRecord record, const AgentSource& source) override;
  void add(CandidateRecord record) override;  // a stage score that is not a number is no score
  // Generations go forward; the same number again (seeds added between runs) extends that generation. After an error nothing is
  // lost: what was added is still pending, and commit() may be called again once there is room on the disk.
  Result<std::string> commit(int generation, const Json& state) override;
  std::string head() const override { return head_; }
  Result<std::unique_ptr<Pool>> before() const override;
  const Json& options() const override { return options_; }
  const Json& state() const override { return state_; }  // null before the first commit
  int best() const override { return best_; }

  // "best", "blank" (the first root of that origin), an id, or the beginning of a commit id (4 or more hex digits, unique).
  // An id wins over a commit id. UserInput error that lists what would have matched.
  Result<int> resolve(const std::string& name) const;

 private:
  GitPool(std::string git_dir, GitStore store, ProcessLock lock, bool writable);
  Result<void> load();
  Result<void> load(const ObjectId& head);
  Result<void> load_generation(const TreeEntry& file);
  Result<Json> read_json(const ObjectId& blob, const std::string& what) const;
  // The tree that holds generations/ with `added` put in; last_generation_'s file is extended when it is the same one.
  Result<ObjectId> write_generations(const LedgerGeneration& added);
  Result<ObjectId> write_ledger(const ObjectId& generations, const Json& state);
  void remember(AgentRecord record);
  void remember(CandidateRecord record);

  std::string git_dir_;
  ProcessLock lock_;
  GitStore store_;
  bool writable_;

  std::vector<AgentRecord> agents_;
  std::unordered_map<std::string, int> by_hash_;
  std::map<ObjectId, int> by_commit_;  // ordered: a prefix is a range
  std::map<int, std::vector<CandidateRecord>> candidates_;
  const std::vector<CandidateRecord> no_candidates_;
  std::size_t candidate_count_ = 0;
  int best_ = -1;
  int blank_ = -1;

  ObjectId head_;
  ObjectId generations_tree_;  // of head_; empty before the first generation
  int last_generation_ = -1;
  Json options_, state_;
  LedgerGeneration pending_;  // since the last commit
};

}  // namespace hyperagent
