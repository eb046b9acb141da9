#include "archive/ledger.h"

namespace hyperagent {
namespace {

std::string padded(int number, std::size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() >= width ? digits : std::string(width - digits.size(), '0') + digits;
}

}  // namespace

Json to_json(const LedgerGeneration& generation) {
  Json agents = Json::array();
  for (const LedgerAgent& agent : generation.agents)
    agents.push_back({{"id", agent.id}, {"commit", agent.commit}, {"record", agent.record}});
  Json candidates = Json::array();
  for (const CandidateRecord& candidate : generation.candidates) candidates.push_back(to_json(candidate));
  return {{"generation", generation.generation}, {"agents", std::move(agents)}, {"candidates", std::move(candidates)}};
}

LedgerGeneration ledger_generation_from(const Json& json) {
  LedgerGeneration generation;
  generation.generation = json.at("generation").get<int>();
  for (const Json& agent : json.at("agents"))
    generation.agents.push_back({agent.at("id").get<int>(), agent.at("commit").get<std::string>(), agent.at("record").get<std::string>()});
  for (const Json& candidate : json.at("candidates")) generation.candidates.push_back(candidate_record_from(candidate));
  return generation;
}

std::string generation_directory(int generation) { return padded(generation / 1000, 3); }
std::string generation_file(int generation) { return padded(generation, 6) + ".json"; }

std::string ledger_readme() {
  return R"(# A hyperagent archive

Every agent that a hyperagent run kept, as git commits. This branch is the ledger: one commit a generation, whose first
parent is the generation before and whose other parents are the agents it added.

    git log --first-parent main            # the generations: how many were kept, the best score, what became of the others
    git log --grep '^agent ' main          # the agents: why each was made, from which parent, its scores
    git log --graph --oneline main         # the family tree
    git show main:best/record.json         # everything known about the best agent
    git log -1 --grep '^agent 17:' main    # one agent; its commit's parent is its parent agent
    git show COMMIT                        # what it changed

In an agent's commit: its source files and `record.json` (scores per task, edits, memory).
Here: `best/` (the best agent so far), `options.json` and `state.json` (what resuming the run needs) and
`generations/NNN/NNNNNN.json` (every proposal of a generation, the refused ones too, and the commits of its agents).

Times are not real: the first second of 2026 plus the agent's or generation's number, so that a repeated run gives the
same commit ids. "Train" is what an agent's meta logic may see; "Val" drives the selection.
)";
}

std::string json_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace hyperagent
