// What the archive's tests share: a directory that goes away, and a small run with known results.
#pragma once

#include <string>

#include "archive/git_pool.h"

namespace hyperagent::archive_test {

class TemporaryDirectory {
 public:
  // In memory where the machine has such a place (what a killed process wrote is the same there, and syncs cost nothing).
  enum class Where { Memory, Disk };
  explicit TemporaryDirectory(Where where = Where::Memory);
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  const std::string& path() const { return path_; }
  std::string pool() const { return path_ + "/pool.git"; }

 private:
  std::string path_;
};

AgentSource program(int variant);
AgentRecord blank_root();
AgentRecord child(int parent, int generation, int variant, double val_mean);
CandidateRecord candidate(int generation, int slot, int parent, const std::string& outcome);
Score score(double mean, std::size_t n = 30);

inline constexpr int kGenerations = 3;  // 0 (a blank root and a seed) to 3
// Adds generation `g` of the known run (deterministic) and commits it.
Result<std::string> run_generation(GitPool& pool, int g);
int agents_after(int g);                      // that many agents exist once generation g is committed
std::string everything(const GitPool& pool);  // all records, candidates and state as text: equal texts, equal pools

struct CommandResult {
  int status = -1;
  std::string output;
};
CommandResult shell(const std::string& command);  // standard output and error together
bool have_git();

}  // namespace hyperagent::archive_test
