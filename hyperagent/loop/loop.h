// The search: generations of candidates, made in parallel, stored in slot order.
//
//   Loop loop({pool, *strategy, domain, workers, clock, cancel, progress}, options);
//   auto blank = loop.add_root(source, "blank", "blank");
//   auto summary = loop.run();      // also resumes: it goes on from pool.state()
//
// Theory of operation. A generation is a fixed batch of slots. Everything a slot depends on is fixed when its generation is begun: its
// parent (drawn from the pool as it stands then, with a random stream of its own, Rng::at(seed, {generation, slot})), the parent's Self,
// the agents it may know of. So neither the number of workers nor their timing shows in any result. When all slots are done, candidates and
// agents are stored in slot order and the generation is committed, all or nothing. A generation that is stopped (Ctrl-C, time limit) or fails
// (an Error of ours, twice in a row) is given up as a whole; a resumed run makes it again, identically.
//
// With `overlap` two generations are under way: g + 1 is begun when g - 1 was committed, so that no worker waits for the last slots of g, or
// for g - 1 to be written. Every generation then knows the archive without the one before it. A resumed run, which finds g committed, begins
// g + 1 from the pool as it was before that commit (known_to_next). What is under way when a run has reached its end is archived; a
// failure in g + 1 ends the run once g is.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/clock.h"
#include "hyperagent/core/domain.h"
#include "hyperagent/core/pool.h"
#include "hyperagent/loop/candidate.h"
#include "hyperagent/loop/evaluate.h"
#include "hyperagent/loop/options.h"
#include "hyperagent/loop/summary.h"
#include "hyperagent/loop/worker_threads.h"
#include "hyperagent/search/strategy.h"

namespace hyperagent {

// Hears of the run as it goes: {"event": "root" | "agent" | "generation", ...}. Called from the thread that calls the loop.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void on_event(const Json& event) = 0;
};

// All borrowed; they outlive the loop.
struct LoopParts {
  Pool& pool;
  Strategy& strategy;
  const Domain& domain;
  std::vector<Worker> workers;  // at least one; the loop has one thread for each
  const Clock& clock;
  CancelFlag& cancel;  // set by the caller to stop; the loop sets it at its time limit and on a failure
  Progress& progress;
  // Called once, from the loop's thread, when what is under way is given up: shall make the workers' running calls return soon (kill their
  // boxes), and not wait for them. Without it the loop waits for the calls in progress, which have limits of their own.
  std::function<void()> interrupt = {};
  Approver* approver = nullptr;  // asked about edits that need approval; without one they are queued
  Completions* completions = nullptr;  // language models; none: agents are told so
};

// One thread. Errors are our own failures; the generations committed before stay. After an Error the loop is spent: reopen the pool.
class Loop {
 public:
  Loop(LoopParts parts, LoopOptions options);

  // Compiles, evaluates and adds an agent without a parent; the id of the same program when the pool has it already. A user error when
  // it does not compile (with Clang's words) or answers no task at all. Not durable before commit_roots() or run().
  // `origin`: "blank" or "seed NAME"; `name` is for messages.
  Result<int> add_root(const AgentSource& source, const std::string& origin, const std::string& name);

  // Makes added roots durable: as generation 0, or as a generation of their own when the search has begun.
  Result<void> commit_roots();

  // Goes on with a proposal of `parent` that was queued: when `approved` it takes the way of any candidate, else it is turned down for good.
  // A generation of its own, committed; what became of it.
  Result<CandidateRecord> settle_queued(int parent, const Proposal& proposal, bool approved);

  // Searches until an option says stop or someone does; summary.stopped says which. The summary is valid for "interrupted", too.
  Result<LoopSummary> run();

 private:
  struct Generation {
    Generation(int number_, std::vector<Slot> slots_) : number(number_), slots(std::move(slots_)), results(slots.size()), times(slots.size()), worker(slots.size()) {}

    const int number;
    const std::vector<Slot> slots;
    Claims claims;
    // By slot, written by the thread that works on it.
    std::vector<std::optional<SlotResult>> results;  // empty: not finished
    std::vector<StageTimes> times;
    std::vector<std::size_t> worker;  // who that was
    std::atomic<bool> failed = false;
    std::optional<Error> failure;       // the first one of ours; to be read when all slots are done
    std::atomic<std::size_t> done = 0;  // slots nobody works on any more
    bool complete() const;
  };

  Result<std::string> search();  // why it stopped; "interrupted" also where the time is up

  // The stages of a generation, in order. `seen` is what it knows of the pool.
  Result<void> begin(const Pool& seen);
  Result<std::shared_ptr<const ParentView>> parent_view(const Pool& seen, int id, const RunView& run);
  void work(Generation& generation);
  void work_on(Generation& generation, std::size_t slot, std::size_t worker);
  std::unique_lock<std::mutex> wait_for(const Generation& generation);
  void settle_duplicates(Generation& generation) const;
  Result<void> archive(Generation& generation, bool alone = false);

  std::string reason_to_stop(const Pool& seen) const;
  std::string budget_spent() const;  // "tokens", "cost" or ""
  int generations_begun() const { return generation_ + static_cast<int>(under_way_.size()); }
  int candidates_begun() const;
  int slots_left() const;  // of the next generation
  Result<RunView> view(const Pool& seen, int generation);
  double share_used(int generation) const;
  Json state(bool alone) const;
  void report_agent(const AgentRecord& agent, const char* event) const;
  void report_generation(const Generation& generation) const;
  std::optional<double> seconds_left() const;
  LoopSummary summary(const std::string& stopped) const;

  LoopParts parts_;
  const LoopOptions options_;
  const Json description_;
  const std::vector<std::size_t> stage_tasks_;
  Programs programs_;
  PoolReader reader_;
  StopSignal stop_;
  const Workshop shop_;
  std::mutex failing_;  // over Generation::failure
  Tally tally_;
  ModelUse use_;         // of everything committed
  int generation_ = -1;  // the last one committed; -1: none
  int stale_ = 0;        // generations since the best agent changed
  bool roots_pending_ = false;
  std::size_t summed_ = 0;  // agents in score_sum_
  double score_sum_ = 0;
  std::map<int, std::size_t> compiled_by_;  // agent -> the worker whose toolchain has it at hand
  StageTimes times_;
  double started_ = 0;        // of this run()
  int generations_here_ = 0;  // of this run()
  std::size_t candidates_here_ = 0;
  std::deque<std::unique_ptr<Generation>> under_way_;  // begun and not committed, the oldest first
  bool interrupted_ = false;                           // parts_.interrupt was called
  WorkerThreads threads_;  // last: they work on all of the above
};

// What the next generation knows of a run's pool where that is not the pool as it is: overlapping, it knows all but the last one, unless
// nothing was under way beside that one. Null: the pool.
Result<std::unique_ptr<Pool>> known_to_next(const Pool& pool, const LoopOptions& options);

// The first stage of a run: first_stage() train indexes drawn by the seed, sorted.
std::vector<std::size_t> draw_stage_tasks(const Domain& domain, std::uint64_t seed);

}  // namespace hyperagent
