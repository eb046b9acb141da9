#include "hyperagent/search/dgmh.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>

namespace hyperagent {

double dgmh_weight(double score, double top_mean, int children, double slope) {
  return 1 / (1 + std::exp(-slope * (score - top_mean))) * std::exp(-std::pow(children / 8.0, 3));
}

std::vector<int> DgmhStrategy::choose_parents(const Pool& pool, std::span<Rng> rngs) {
  assert(!pool.agents().empty() && "no agents to choose from");
  extend(pool);
  const double top = top_mean();
  std::vector<double> weights;
  std::vector<const std::vector<int>*> members;
  double sum = 0;
  for (const auto& [key, agents] : buckets_) {
    weights.push_back(dgmh_weight(key.first, top, key.second, slope_) * static_cast<double>(agents.size()));
    members.push_back(&agents);
    sum += weights.back();
  }
  std::vector<int> parents;
  for (Rng& rng : rngs) {
    if (!(sum > 0)) {  // every agent has so many children that its weight vanished
      parents.push_back(static_cast<int>(rng.below(places_.size())));
      continue;
    }
    const std::vector<int>& bucket = *members[rng.weighted(weights)];
    parents.push_back(bucket[rng.below(bucket.size())]);
  }
  return parents;
}

// Agents are taken in the order of their ids, one by one, so the order inside a bucket does not depend on when we were asked.
void DgmhStrategy::extend(const Pool& pool) {
  const std::vector<AgentRecord>& agents = pool.agents();
  assert(places_.size() <= agents.size() && "a strategy serves one pool, and a pool never shrinks");
  for (std::size_t id = places_.size(); id < agents.size(); ++id) {
    const double score = selection_score(agents[id]);
    slope_ = std::max(slope_, std::sqrt(static_cast<double>(agents[id].train.n + agents[id].val.n)));
    places_.emplace_back();
    insert(static_cast<int>(id), {score, 0});
    top_.insert(std::upper_bound(top_.begin(), top_.end(), score, std::greater<>()), score);
    if (top_.size() > 3) top_.pop_back();
    for (int parent : agents[id].parents) add_child(parent);
  }
}

void DgmhStrategy::insert(int agent, Key key) {
  std::vector<int>& bucket = buckets_[key];
  places_[static_cast<std::size_t>(agent)] = {key, bucket.size()};
  bucket.push_back(agent);
}

void DgmhStrategy::add_child(int agent) {
  const Place place = places_[static_cast<std::size_t>(agent)];
  auto bucket = buckets_.find(place.key);
  std::vector<int>& members = bucket->second;
  members[place.position] = members.back();
  places_[static_cast<std::size_t>(members.back())].position = place.position;
  members.pop_back();
  if (members.empty()) buckets_.erase(bucket);
  insert(agent, {place.key.first, place.key.second + 1});
}

double DgmhStrategy::top_mean() const {
  double sum = 0;
  for (double score : top_) sum += score;
  return sum / static_cast<double>(top_.size());
}

}  // namespace hyperagent
