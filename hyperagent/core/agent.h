// An agent's source: what the archive stores, the tooling rewrites and the compiler reads.
#pragma once

#include <map>
#include <string>

namespace hyperagent {

// Path inside the agent ("agent.json", "task/solve.cpp", "meta/improve.cpp", "task/words.h") -> text.
struct AgentSource {
  std::map<std::string, std::string> files;
  bool operator==(const AgentSource&) const = default;
};

}  // namespace hyperagent
