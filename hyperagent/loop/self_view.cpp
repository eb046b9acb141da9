#include "hyperagent/loop/self_view.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "hyperagent/core/rng.h"
#include "hyperagent/loop/proposal.h"
#include "hyperagent/search/strategy.h"

namespace hyperagent {
namespace {

constexpr std::size_t kLineage = 20;
constexpr std::size_t kHistory = 200;
constexpr std::size_t kHistoryBytes = 512 << 10;  // model-written edits are long: the newest that fit
constexpr std::size_t kFailures = 20;
constexpr std::size_t kWords = 500;  // bytes of a past proposal's reason and of what was said of it
constexpr int kAncestors = 200;  // how far up the history looks

Json mean_of(const Score& score) { return score.n == 0 ? Json() : Json(score.mean); }

Json lineage_entry(const AgentRecord& agent) {
  return {
      {"agent", agent.id}, {"reason", agent.reason}, {"edits", agent.edits}, {"train", mean_of(agent.train)}, {"val", mean_of(agent.val)}};
}

// Only the first parent: the one whose meta half made the agent.
const AgentRecord* parent_of(const Pool& pool, const AgentRecord& agent) {
  return agent.parents.empty() ? nullptr : &pool.agents()[static_cast<std::size_t>(agent.parents.front())];
}

Json lineage_of(const Pool& pool, const AgentRecord& agent) {
  Json lineage = Json::array();
  for (const AgentRecord* at = &agent; at != nullptr && lineage.size() < kLineage; at = parent_of(pool, *at))
    lineage.push_back(lineage_entry(*at));
  std::reverse(lineage.begin(), lineage.end());
  return lineage;
}

double gain_of(const Pool& pool, const AgentRecord& parent, const CandidateRecord& candidate) {
  if (candidate.agent) return pool.agents()[static_cast<std::size_t>(*candidate.agent)].train.mean - parent.train.mean;
  if (candidate.outcome == "gate" && candidate.stage_score) return *candidate.stage_score - parent.stage.mean;
  return 0;
}

// `in_words`: with reasons and messages, which only a language model reads.
Json history_of(const Pool& pool, const AgentRecord& agent, bool in_words) {
  Json history = Json::array();  // newest first while it is gathered
  std::size_t bytes = 0;
  int ancestors = 0;
  for (const AgentRecord* at = &agent; at != nullptr && ancestors < kAncestors; at = parent_of(pool, *at), ++ancestors) {
    const std::vector<CandidateRecord>& made = pool.candidates_of(at->id);
    for (auto candidate = made.rbegin(); candidate != made.rend(); ++candidate) {
      if (candidate->edits.empty()) continue;  // no proposal: nothing to learn about edits
      bytes += candidate->edits.dump().size();
      if (history.size() >= kHistory || bytes > kHistoryBytes) {
        std::reverse(history.begin(), history.end());
        return history;
      }
      history.push_back({{"agent", at->id}, {"edits", candidate->edits}, {"outcome", candidate->outcome}, {"gain", gain_of(pool, *at, *candidate)}});
      if (in_words) history.back().update({{"reason", cut_text(candidate->reason, kWords)}, {"message", cut_text(candidate->message, kWords)}});
    }
  }
  std::reverse(history.begin(), history.end());
  return history;
}

Json failures_of(const AgentRecord& agent) {
  Json failures = Json::array();
  for (const TaskResult& result : agent.train_results)
    if (result.score < 1) failures.push_back(to_json(result));
  return failures;
}

void put_own(Json& self, const AgentRecord& agent) {
  self["agent"] = agent.id;
  self["score"] = selection_score(agent);
  self["train_score"] = mean_of(agent.train);
  self["memory"] = agent.memory;
  self["failures"] = failures_of(agent);
}

}  // namespace

Json self_of(const Pool& pool, const AgentRecord& agent, const RunView& run) {
  Json self = {{"generation", run.generation}, {"progress", run.progress}, {"archive", run.archive}, {"domain", run.domain}};
  if (!run.model.is_null()) self["model"] = run.model;
  put_own(self, agent);
  self["lineage"] = lineage_of(pool, agent);
  self["history"] = history_of(pool, agent, !run.model.is_null());
  return self;
}

Json self_of_child(const Json& parent_self, const AgentRecord& child) {
  Json self = parent_self;
  put_own(self, child);
  Json& lineage = self["lineage"];
  lineage.push_back(lineage_entry(child));
  if (lineage.size() > kLineage) lineage.erase(0);
  return self;
}

Json with_seed(const Json& self, std::uint64_t seed, const Json& functions) {
  Json complete = self;
  complete["seed"] = seed & ((1ull << 53) - 1);
  complete["functions"] = functions;
  Json& failures = complete["failures"];
  if (failures.size() <= kFailures) return complete;
  std::vector<std::size_t> order(failures.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(seed);
  for (std::size_t i = 0; i < kFailures; ++i) std::swap(order[i], order[i + rng.below(order.size() - i)]);
  std::sort(order.begin(), order.begin() + kFailures);
  Json drawn = Json::array();
  for (std::size_t i = 0; i < kFailures; ++i) drawn.push_back(std::move(failures[order[i]]));
  failures = std::move(drawn);
  return complete;
}

}  // namespace hyperagent
