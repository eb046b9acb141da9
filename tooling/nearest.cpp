#include "tooling/nearest.h"

#include <llvm/ADT/StringRef.h>

#include <algorithm>

namespace hyperagent::tooling {

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  unsigned least = static_cast<unsigned>(std::max<std::size_t>(1, word.size() / 3)) + 1;
  const std::string lower = llvm::StringRef(word).lower();
  for (const std::string& candidate : candidates) {
    const unsigned distance = llvm::StringRef(lower).edit_distance(llvm::StringRef(candidate).lower(), true, least);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string best = nearest(word, candidates);
  return best.empty() ? "" : "; did you mean '" + best + "'?";
}

}  // namespace hyperagent::tooling
