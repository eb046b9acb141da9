#include "hyperagent/model/bandit.h"

#include <algorithm>
#include <cmath>

namespace hyperagent::model {

std::vector<Arm> arms_of(const Pool& pool, const std::vector<std::string>& models) {
  std::vector<Arm> arms;
  for (const std::string& name : models) arms.push_back({name, 0, 0, 0});
  for (const AgentRecord& parent : pool.agents())
    for (const CandidateRecord& candidate : pool.candidates_of(parent.id)) {
      if (!candidate.model.is_object()) continue;
      const auto arm = std::find_if(arms.begin(), arms.end(), [&](const Arm& a) { return a.model == candidate.model.value("name", ""); });
      if (arm == arms.end()) continue;
      arm->pulls += 1;
      const double dollars = candidate.model.value("cost", 0.0);
      arm->cost += dollars > 0 ? dollars : 1e-9 * (candidate.model.value("input_tokens", 0.0) + candidate.model.value("output_tokens", 0.0));
      if (!candidate.agent) continue;
      const AgentRecord& child = pool.agents()[static_cast<std::size_t>(*candidate.agent)];
      arm->reward += child.train.mean > parent.train.mean ? 1.0 : 0.25;
    }
  return arms;
}

std::size_t choose_arm(const std::vector<Arm>& arms, Rng& rng) {
  double all = 0, dearest = 0;
  for (const Arm& arm : arms) {
    all += arm.pulls;
    if (arm.pulls > 0) dearest = std::max(dearest, arm.cost / arm.pulls);
  }
  std::vector<double> values;
  for (const Arm& arm : arms) {
    if (arm.pulls == 0) {
      values.push_back(1e9);
      continue;
    }
    const double cheap = dearest > 0 ? 1 - arm.cost / arm.pulls / dearest : 0;
    values.push_back(arm.reward / arm.pulls + std::sqrt(2 * std::log(std::max(all, 1.0)) / arm.pulls) + kCheapness * cheap);
  }
  const double best = *std::max_element(values.begin(), values.end());
  std::vector<std::size_t> tied;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] >= best - 1e-12) tied.push_back(i);
  return tied[rng.below(tied.size())];
}

}  // namespace hyperagent::model
