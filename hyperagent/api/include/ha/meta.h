// For meta halves: typed edit sites and random numbers. The machinery that lists sites and finds well-typed replacements is
// the host's; which of them to try is the policy, and the policy is the agent's own code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ha/agent.h>

namespace ha {

// Sites of one kind in one function of the agent.
struct SiteGroup {
  std::string function;
  std::string half;   // "task" or "meta"
  std::string kind;   // "literal", "operator", "expression", "delete", "swap", "wrap", "insert", "loop_over", "guard", "arg_max", "cascade", "accumulate"
  int sites = 0;
};

// All groups with at least one site, in source order.
std::vector<SiteGroup> site_groups(const Self& self, Host& host);
// One well-typed edit drawn from a group; the same seed draws the same edit. Null when nothing fits.
Value draw_edit(const Self& self, Host& host, const SiteGroup& group, std::uint64_t seed);

// Deterministic random numbers.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  double uniform();                          // [0, 1)
  int below(int bound);                      // [0, bound), 0 when bound <= 0
  // An index drawn with probability proportional to weights; 0 when there are none.
  int pick(const std::vector<double>& weights);

 private:
  std::uint64_t state_;
};

}  // namespace ha
