// Agents on disk: a directory with agent.json and task/*.cpp (and meta/*.cpp), or the name of a task half that ships.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hyperagent/cli/paths.h"
#include "hyperagent/core/agent.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

inline constexpr int kApiVersion = 1;
inline constexpr std::size_t kLargestAgent = 1 << 20;  // bytes of all its files

struct LoadedAgent {
  AgentSource source;
  std::string name;                           // from agent.json; of a shipped agent its name
  std::string origin;                         // "blank" or "seed NAME"
  std::map<std::string, std::string> on_disk; // agent file -> path it was read from and may be written back to; shipped files are not in it
};

// `name`: "blank" or another shipped name, or the path of a directory. The default meta half is put in where there is none.
// User errors: no such agent (the shipped names are listed), no or malformed agent.json, another API version, no task source, too large.
// `meta`: the shipped meta half for agents that bring none; empty: typed_mutation.
Result<LoadedAgent> load_agent(const Paths& paths, const std::string& name, const std::string& meta = "");

std::vector<std::string> shipped_meta_halves(const Paths& paths);  // sorted

// As load_agent(), and also a single .cpp file of an agent: taken as meta half when its folder is called meta, else as task half.
Result<LoadedAgent> load_program(const Paths& paths, const std::string& name);

// The shipped agent `name` as the blank one: where a search on a domain starts from nothing. `meta` as for load_agent().
Result<LoadedAgent> load_blank(const Paths& paths, const std::string& name, const std::string& meta);

// True for names that load_agent() looks up on disk rather than among the shipped ones.
bool is_agent_path(const Paths& paths, const std::string& name);

std::vector<std::string> shipped_agents(const Paths& paths);  // sorted

// A whole file. User error when it is missing, no regular file, or larger than `limit` bytes.
Result<std::string> read_text_file(const std::string& path, std::size_t limit);

}  // namespace hyperagent
