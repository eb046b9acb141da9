// The pool of agents a search goes on from, behind one interface: the git archive implements it, tests have a fake.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/agent.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/score.h"

namespace hyperagent {

// Everything here is deterministic: no times, no costs that depend on the machine (those go to the run's event log).
struct AgentRecord {
  int id = 0;                 // position in the pool: 0 is the first root
  std::vector<int> parents;   // ids; empty for a root (blank or seed)
  std::string origin;         // "blank", "seed NAME" or "edit"
  int generation = 0;         // 0 for roots
  std::string reason;         // the parent's words: what is expected to improve and why
  Json edits = Json::array(); // the edits that made it from its first parent
  Json memory;                // what its meta half inherits (JSON, may be null)
  std::string ast_hash;       // canonical hash of the whole program
  Score stage, train, val;    // first stage, full train split, val split
  std::vector<TaskResult> train_results, val_results;
  Json metrics;               // {"train": {...}, "val": {...}} from Domain::metrics
  Json notes;                 // further deterministic data: "object_hashes" of the halves, "cost" (as in CandidateRecord), "model"
  std::string commit;         // set by the pool when the agent is stored: its git commit id
};

// One proposal and what became of it, archived agent or not.
struct CandidateRecord {
  int generation = 0, slot = 0;
  int parent = 0;
  std::string outcome;        // "archived", "refused", "duplicate", "compile_failed", "gate", "meta_failed", "no_proposal", ...
  std::string code;           // refusal or failure code, e.g. "type_check"
  std::string message;        // in words, for people and for the parent's meta half
  std::string reason;
  Json edits = Json::array();
  std::optional<double> stage_score;
  std::optional<int> agent;   // its id when archived
  Json cost;  // {"solves": runs of its task half, "host_calls": made by them and by improve()}; nothing that depends on the machine
  Json model;                 // which language model wrote it and what that used: {"name", ...ModelUse}; null without one
};

// The score that drives selection: what val says, but no more than train and val say together; what train says for a domain without a val
// split, 0 for neither. A split says its metric "selection" where the domain has one (Domain::metrics), else its mean.
//
// Among hundreds of agents the best on val is a lucky one. Train tasks are as many again or more, and an agent that is as good as val says
// is as good there; one that has learnt its train tasks by heart gains nothing, since it is never rated above val.
double selection_score(const AgentRecord& agent);

Json to_json(const AgentRecord& record);
AgentRecord agent_record_from(const Json& json);
Json to_json(const CandidateRecord& record);
CandidateRecord candidate_record_from(const Json& json);

// One thread. Agents and candidates added since the last commit() are lost when the process dies: commit() makes the
// generation durable, all or nothing.
class Pool {
 public:
  virtual ~Pool() = default;
  virtual const std::vector<AgentRecord>& agents() const = 0;  // indexed by id; includes agents added but not yet committed
  virtual Result<AgentSource> source(int id) const = 0;
  virtual std::optional<int> find(const std::string& ast_hash) const = 0;  // the agent with this program, if any
  virtual const std::vector<CandidateRecord>& candidates_of(int parent) const = 0;  // proposals this agent made, oldest first
  virtual std::size_t candidate_count() const = 0;
  // Stores an agent; returns its id (also set in agents().back(), with the commit id).
  virtual Result<int> add(AgentRecord record, const AgentSource& source) = 0;
  virtual void add(CandidateRecord record) = 0;
  // Ends a generation: `state` is what resume needs. Returns the new head commit id.
  virtual Result<std::string> commit(int generation, const Json& state) = 0;
  virtual std::string head() const = 0;
  // The pool as it was before its last commit, to read. UserInput error before there was one.
  virtual Result<std::unique_ptr<Pool>> before() const = 0;
  virtual const Json& options() const = 0;  // as given when the pool was created
  virtual const Json& state() const = 0;    // of the last commit
  // Of agents scored on val, else of those scored on train: highest selection score, then val mean, then train mean, then smallest id; -1 for none.
  virtual int best() const = 0;
};

}  // namespace hyperagent
