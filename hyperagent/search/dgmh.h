// The default strategy, after the Hyperagents reference (score_child_prop). What it draws first is a niche, all agents with the same
// compiled task half, which answer every task alike. A niche of selection score s from which c other niches were archived is drawn with
// probability proportional to
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
// Within a niche half the draws go to the agent that came first, the other half to the rest, whose meta halves differ: a change of the meta
// half alone is archived with its parent's score. Drawn agent by agent, a meta half that mostly edits itself fills the archive with copies
// of its score, and the search with itself; so it gets on in the world only with a task half that no other has.
//
// Theory of operation. m moves with every new best agent, and with it every weight, so a tree of weights would be rebuilt each
// time. But niches of equal score and count weigh the same, and scores of n tasks take n + 1 values: they are kept as
// buckets by (score, count), of which there are few whatever the size of the archive. Selecting costs O(buckets), adding an
// agent O(log buckets). Only for scores that all differ (a continuous metric) does it degrade to O(niches) per generation.
#pragma once

#include <map>
#include <unordered_map>
#include <utility>

#include "hyperagent/search/strategy.h"

namespace hyperagent {

double dgmh_weight(double score, double top_mean, int children, double slope = 10);

class DgmhStrategy : public Strategy {
 public:
  std::string name() const override { return "dgmh"; }
  std::vector<int> choose_parents(const Pool& pool, std::span<Rng> rngs) override;

 private:
  using Key = std::pair<double, int>;  // score, other niches archived from it
  struct Niche {
    std::vector<int> members;  // agents, the first one first
    Key key;
    std::size_t position = 0;  // within its bucket
  };

  void extend(const Pool& pool);
  std::size_t niche_for(const AgentRecord& agent);
  void insert(std::size_t niche, Key key);
  void add_child(std::size_t niche);
  double top_mean() const;
  static int member(const Niche& niche, Rng& rng);

  std::map<Key, std::vector<std::size_t>> buckets_;
  std::vector<Niche> niches_;
  std::vector<std::size_t> niche_of_;  // by agent id
  std::unordered_map<std::string, std::size_t> by_task_half_;
  double slope_ = 10;
  std::vector<double> top_;  // at most three best scores, best first
};

}  // namespace hyperagent
