#include "hyperagent/search/dgmh.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <string>

namespace hyperagent {

double dgmh_weight(double score, double top_mean, int children, double slope) {
  return 1 / (1 + std::exp(-slope * (score - top_mean))) * std::exp(-std::pow(children / 8.0, 3));
}

std::vector<int> DgmhStrategy::choose_parents(const Pool& pool, std::span<Rng> rngs) {
  assert(!pool.agents().empty() && "no agents to choose from");
  extend(pool);
  const double top = top_mean();
  std::vector<double> weights;
  std::vector<const std::vector<std::size_t>*> buckets;
  double sum = 0;
  for (const auto& [key, niches] : buckets_) {
    weights.push_back(dgmh_weight(key.first, top, key.second, slope_) * static_cast<double>(niches.size()));
    buckets.push_back(&niches);
    sum += weights.back();
  }
  std::vector<int> parents;
  for (Rng& rng : rngs) {
    if (!(sum > 0)) {  // every niche has so many children that its weight vanished
      parents.push_back(static_cast<int>(rng.below(niche_of_.size())));
      continue;
    }
    const std::vector<std::size_t>& bucket = *buckets[rng.weighted(weights)];
    parents.push_back(member(niches_[bucket[rng.below(bucket.size())]], rng));
  }
  return parents;
}

int DgmhStrategy::member(const Niche& niche, Rng& rng) {
  const std::size_t others = niche.members.size() - 1;
  if (others == 0 || rng.uniform() < 0.5) return niche.members.front();
  return niche.members[1 + rng.below(others)];
}

// Agents are taken in the order of their ids, one by one, so the order inside a bucket does not depend on when we were asked.
void DgmhStrategy::extend(const Pool& pool) {
  const std::vector<AgentRecord>& agents = pool.agents();
  assert(niche_of_.size() <= agents.size() && "a strategy serves one pool, and a pool never shrinks");
  for (std::size_t id = niche_of_.size(); id < agents.size(); ++id) {
    const double score = selection_score(agents[id]);
    slope_ = std::max(slope_, std::sqrt(static_cast<double>(agents[id].train.n + agents[id].val.n)));
    top_.insert(std::upper_bound(top_.begin(), top_.end(), score, std::greater<>()), score);
    if (top_.size() > 3) top_.pop_back();
    const std::size_t niche = niche_for(agents[id]);
    niche_of_.push_back(niche);
    if (niche == niches_.size()) {
      niches_.emplace_back();
      insert(niche, {score, 0});
    }
    niches_[niche].members.push_back(static_cast<int>(id));
    for (int parent : agents[id].parents)
      if (const std::size_t from = niche_of_[static_cast<std::size_t>(parent)]; from != niche) add_child(from);
  }
}

// A new one for an agent whose compiled task half is not known.
std::size_t DgmhStrategy::niche_for(const AgentRecord& agent) {
  const Json hashes = agent.notes.is_object() ? agent.notes.value("object_hashes", Json()) : Json();
  if (!hashes.is_object() || !hashes.contains("task")) return niches_.size();
  return by_task_half_.emplace(hashes.at("task").get<std::string>(), niches_.size()).first->second;
}

void DgmhStrategy::insert(std::size_t niche, Key key) {
  std::vector<std::size_t>& bucket = buckets_[key];
  niches_[niche].key = key;
  niches_[niche].position = bucket.size();
  bucket.push_back(niche);
}

void DgmhStrategy::add_child(std::size_t niche) {
  const auto [key, position] = std::pair(niches_[niche].key, niches_[niche].position);
  auto bucket = buckets_.find(key);
  std::vector<std::size_t>& others = bucket->second;
  others[position] = others.back();
  niches_[others.back()].position = position;
  others.pop_back();
  if (others.empty()) buckets_.erase(bucket);
  insert(niche, {key.first, key.second + 1});
}

double DgmhStrategy::top_mean() const {
  double sum = 0;
  for (double score : top_) sum += score;
  return sum / static_cast<double>(top_.size());
}

}  // namespace hyperagent
