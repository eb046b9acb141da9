// The default strategy, after the Hyperagents reference (score_child_prop): an agent of selection score s with c children is
// drawn with probability proportional to
//
//   sigmoid(k * (s - m)) * exp(-(c / 8)^3),   m = the mean of the three best scores in the pool (of all when fewer)
//
// with k = 10 as in the reference for scores of up to a hundred tasks, and sqrt(n) for more: the noise of a score falls with sqrt(n), and a
// difference of a few points, nothing among thirty tasks, is what there is to go by among a thousand.
//
// so good agents are preferred and agents with many children make room. c counts *archived* children: with typed edits most
// proposals are refused or bring nothing, and counting those (as the reference does) would retire an agent after some sixteen
// throws, long before its neighbourhood has been looked at.
//
// Theory of operation. m moves with every new best agent, and with it every weight, so a tree of weights would be rebuilt each
// time. But agents of equal score and child count weigh the same, and scores of n tasks take n + 1 values: the pool is kept as
// buckets by (score, children), of which there are few whatever the size of the archive. Selecting costs O(buckets), adding an
// agent O(log buckets). Only for scores that all differ (a continuous metric) does it degrade to O(agents) per generation.
#pragma once

#include <map>
#include <utility>

#include "hyperagent/search/strategy.h"

namespace hyperagent {

double dgmh_weight(double score, double top_mean, int children, double slope = 10);

class DgmhStrategy : public Strategy {
 public:
  std::string name() const override { return "dgmh"; }
  std::vector<int> choose_parents(const Pool& pool, std::span<Rng> rngs) override;

 private:
  using Key = std::pair<double, int>;  // score, archived children
  struct Place {
    Key key;
    std::size_t position = 0;  // within its bucket
  };

  void extend(const Pool& pool);
  void insert(int agent, Key key);
  void add_child(int agent);
  double top_mean() const;

  std::map<Key, std::vector<int>> buckets_;
  std::vector<Place> places_;  // by agent id
  double slope_ = 10;
  std::vector<double> top_;    // at most three best scores, best first
};

}  // namespace hyperagent
