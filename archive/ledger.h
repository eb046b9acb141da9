// The layout of the ledger: the tree that each generation's commit on refs/heads/main holds.
#pragma once

#include <string>
#include <vector>

#include "archive/git_store.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/pool.h"

namespace hyperagent {

// Where an agent lies. `record` is the blob of its record.json, so that opening needs one read an agent, not three.
struct LedgerAgent {
  int id = 0;
  ObjectId commit, record;
};

// generations/NNN/NNNNNN.json: what one generation added, oldest first.
struct LedgerGeneration {
  int generation = 0;
  std::vector<LedgerAgent> agents;
  std::vector<CandidateRecord> candidates;
};

Json to_json(const LedgerGeneration& generation);
LedgerGeneration ledger_generation_from(const Json& json);  // throws what nlohmann::json throws

// Fan-out: a thousand generations a directory, so that a commit rewrites two small trees.
std::string generation_directory(int generation);  // 12345 -> "012"
std::string generation_file(int generation);       // 12345 -> "012345.json"

inline constexpr const char* kRecordFile = "record.json";
inline constexpr const char* kReadmeFile = "README.md";
inline constexpr const char* kStateFile = "state.json";
inline constexpr const char* kOptionsFile = "options.json";
inline constexpr const char* kBestDirectory = "best";
inline constexpr const char* kGenerationsDirectory = "generations";
std::string ledger_readme();  // what the repository is and how to look at it with git

// Pretty-printed and always valid UTF-8 (bytes that are not become U+FFFD): a candidate's output must not make a file unwritable.
std::string json_text(const Json& json);

}  // namespace hyperagent
