#include "hyperagent/core/pool.h"

#include <algorithm>

namespace hyperagent {
namespace {

Json results_json(const std::vector<TaskResult>& results) {
  Json array = Json::array();
  for (const TaskResult& result : results) array.push_back(to_json(result));
  return array;
}

std::vector<TaskResult> results_from(const Json& array) {
  std::vector<TaskResult> results;
  for (const Json& item : array) results.push_back(task_result_from(item));
  return results;
}

// What the domain wants agents of a split compared by; its mean where it says nothing.
double evidence(const AgentRecord& agent, const char* split, const Score& score) {
  if (!agent.metrics.is_object() || !agent.metrics.contains(split)) return score.mean;
  const Json& metrics = agent.metrics.at(split);
  if (!metrics.is_object() || !metrics.contains("selection") || !metrics.at("selection").is_number()) return score.mean;
  return metrics.at("selection").get<double>();
}

}  // namespace

double selection_score(const AgentRecord& agent) {
  const double val = evidence(agent, "val", agent.val), train = evidence(agent, "train", agent.train);
  const double val_n = static_cast<double>(agent.val.n), train_n = static_cast<double>(agent.train.n);
  if (agent.val.n == 0) return agent.train.n > 0 ? train : 0;
  return std::min(val, (val * val_n + train * train_n) / (val_n + train_n));
}

Json to_json(const AgentRecord& r) {
  return {{"id", r.id}, {"parents", r.parents}, {"origin", r.origin}, {"generation", r.generation}, {"reason", r.reason},
          {"edits", r.edits}, {"memory", r.memory}, {"ast_hash", r.ast_hash}, {"stage", to_json(r.stage)},
          {"train", to_json(r.train)}, {"val", to_json(r.val)}, {"train_results", results_json(r.train_results)},
          {"val_results", results_json(r.val_results)}, {"metrics", r.metrics}, {"notes", r.notes}};
}

AgentRecord agent_record_from(const Json& j) {
  AgentRecord r;
  r.id = j.value("id", 0);
  r.parents = j.value("parents", std::vector<int>{});
  r.origin = j.value("origin", "");
  r.generation = j.value("generation", 0);
  r.reason = j.value("reason", "");
  r.edits = j.value("edits", Json::array());
  r.memory = j.value("memory", Json());
  r.ast_hash = j.value("ast_hash", "");
  r.stage = score_from(j.value("stage", Json()));
  r.train = score_from(j.value("train", Json()));
  r.val = score_from(j.value("val", Json()));
  r.train_results = results_from(j.value("train_results", Json::array()));
  r.val_results = results_from(j.value("val_results", Json::array()));
  r.metrics = j.value("metrics", Json());
  r.notes = j.value("notes", Json());
  return r;
}

Json to_json(const CandidateRecord& r) {
  Json j = {{"generation", r.generation}, {"slot", r.slot}, {"parent", r.parent}, {"outcome", r.outcome}, {"code", r.code},
            {"message", r.message}, {"reason", r.reason}, {"edits", r.edits}};
  if (r.stage_score) j["stage_score"] = *r.stage_score;
  if (r.agent) j["agent"] = *r.agent;
  if (!r.cost.is_null()) j["cost"] = r.cost;
  if (!r.model.is_null()) j["model"] = r.model;
  return j;
}

CandidateRecord candidate_record_from(const Json& j) {
  CandidateRecord r;
  r.generation = j.value("generation", 0);
  r.slot = j.value("slot", 0);
  r.parent = j.value("parent", 0);
  r.outcome = j.value("outcome", "");
  r.code = j.value("code", "");
  r.message = j.value("message", "");
  r.reason = j.value("reason", "");
  r.edits = j.value("edits", Json::array());
  if (j.contains("stage_score")) r.stage_score = j.at("stage_score").get<double>();
  if (j.contains("agent")) r.agent = j.at("agent").get<int>();
  r.cost = j.value("cost", Json());
  r.model = j.value("model", Json());
  return r;
}

}  // namespace hyperagent
