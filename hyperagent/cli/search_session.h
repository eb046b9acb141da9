// A search from its first agents to its last words: shared by run, resume and seed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "archive/git_pool.h"
#include "hyperagent/cli/agent_source.h"
#include "hyperagent/cli/command.h"
#include "hyperagent/cli/event_log.h"
#include "hyperagent/cli/model_flags.h"
#include "hyperagent/cli/progress.h"
#include "hyperagent/cli/run_directory.h"
#include "hyperagent/cli/stop_signals.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/loop/loop.h"
#include "hyperagent/search/strategy.h"

namespace hyperagent {

// What a search that a run directory describes needs again: for every command that goes on with a run.
struct SearchTools {
  std::unique_ptr<Strategy> strategy;
  std::unique_ptr<model::RunCompletions> models;  // null without any
  std::unique_ptr<Workbench> workbench;
  std::unique_ptr<Domain> domain;  // uses the workbench's boxes: ends first

  static Result<SearchTools> open(const Environment& environment, const RunDirectory& directory, int workers);
};

class SearchSession {
 public:
  // All borrowed, outliving the session.
  struct Parts {
    Environment& environment;
    Workbench& workbench;
    const Domain& domain;
    Strategy& strategy;
    RunDirectory& directory;
    GitPool& pool;
    LoopOptions options;  // max_seconds: what is left of it
    bool json = false;
    Approver* approver = nullptr;  // without one, edits that need approval are queued
    Completions* completions = nullptr;
  };

  // Opens the event log and takes over Ctrl-C. `command` is for the log.
  static Result<std::unique_ptr<SearchSession>> begin(Parts parts, const std::string& command);

  // Evaluates agents and makes them roots, all or none; their ids. Interrupted error when stopped on the way.
  Result<std::vector<int>> add_roots(const std::vector<LoadedAgent>& agents);

  // Goes on with a queued proposal, or turns it down; what became of it.
  Result<CandidateRecord> settle_queued(const CandidateRecord& queued, bool approved);

  // Searches, prints the result, and returns the exit status.
  Result<int> run();

 private:
  SearchSession(Parts parts, EventLog log);
  void on_overdue();
  Error stopped_or(const Error& error) const;
  std::string resume_command() const;
  std::string result_text(const LoopSummary& summary) const;
  std::string nothing_archived(const LoopSummary& summary) const;

  Parts parts_;
  EventLog log_;
  SystemClock clock_;
  CancelFlag cancel_ = false;
  ProgressPrinter printer_;
  StopSignals signals_;  // after what its callbacks use, so that it ends first
  Loop loop_;
};

// For a shell: quoted when it has to be.
std::string shell_word(const std::string& word);

}  // namespace hyperagent
