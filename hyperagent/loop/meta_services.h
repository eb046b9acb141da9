// The host calls of one improve(): questions about the agent's own program, and sources of other archived agents. Metered by count, never
// by time, so that the same agent gets the same replies on any machine.
//
//   meta.sites {}                        -> {"groups": [{"function","half","kind","sites"}]}
//   meta.sites {"function"}              -> {"sites": [{"function","file","path","line","text","edits"}]}: the first 40 places of one function
//   meta.draw {"function","kind","seed"} -> {"edit": {...} | null}
//   meta.check {"edits"}                 -> {"ok": true} | {"refused": {"code","message"}}
//   meta.outline {}                      -> the outline of the whole program
//   meta.source {"agent": id}            -> {"agent", "files": {path: text}}
//   meta.api {}                          -> {"headers": {name: text}}: what agents may call here, as C++
//   meta.agents {}                       -> {"agents": [{"agent","parent","reason","train","score"}]}: the best 20
//   meta.diff {"agent": id}              -> {"agent","reason","train","parent_train","edits"}: what made it of its parent
//   meta.tasks {"tasks": [id]}           -> {"tasks": [{"id","input","answer"?}]}: at most 10 train tasks, and what is right where that may be told
//   meta.try {"edits","tasks": [id]}     -> {"results": [{"task","score","detail"}]} | {"refused"}: at most 5 train tasks, 4 times; runs with a model
//
// Anything else, wrong arguments and a spent budget reply {"error": "why"}. One object per improve(), one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hyperagent/core/toolchain.h"
#include "hyperagent/loop/pool_reader.h"
#include "hyperagent/loop/programs.h"

namespace hyperagent {

class MetaServices {
 public:
  // All borrowed. `source` and `ast_hash` are those of the agent whose improve() runs; `domain` is Domain::describe().
  MetaServices(Toolchain& toolchain, Programs& programs, const KnownAgents& agents, const Json& domain, const AgentSource& source,
               const std::string& ast_hash, int budget)
      : toolchain_(toolchain), programs_(programs), agents_(agents), domain_(domain), source_(source), ast_hash_(ast_hash), left_(budget) {}

  // Runs a program of the agent's making on train tasks: {"results"}, {"refused"} or {"error"}.
  using Trials = std::function<Result<Json>(const AgentSource& program, const std::vector<std::string>& tasks)>;
  void allow_trials(Trials trials) { trials_ = std::move(trials); }
  // Train tasks by id, as meta.tasks tells them; null for one there is not.
  using Tasks = std::function<Json(const std::string& id)>;
  void allow_tasks(Tasks tasks) { tasks_ = std::move(tasks); }

  // An Error is our own failure.
  Result<Json> call(const std::string& name, const Json& arguments);

 private:
  Result<Json> draw(const Json& arguments);
  Result<Json> sites_in(const std::string& function);
  Result<Json> check(const Json& arguments);
  Result<Json> source(const Json& arguments);
  Result<Json> api();
  Result<Json> diff(const Json& arguments);
  Result<Json> try_edits(const Json& arguments);
  Json tasks(const Json& arguments) const;

  Toolchain& toolchain_;
  Programs& programs_;
  const KnownAgents& agents_;
  const Json& domain_;
  const AgentSource& source_;
  const std::string& ast_hash_;
  int left_;
  Trials trials_;
  Tasks tasks_;
  int trials_left_ = 4;
};

}  // namespace hyperagent
