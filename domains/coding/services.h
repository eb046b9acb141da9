// The host calls of one solve() on one repair task.
//
//   repair.mutants  {"program", "line"?}    -> {"programs": [{"handle","line","kind","size"}]}   source order; those that compile
//   repair.evaluate {"programs": [program]} -> {"results": [{"passed","of"} or {"error"}]}        visible tests passed
//   repair.lines    {"program"}             -> {"lines": [{"line","suspicion"}]}                  most suspicious first
//   repair.suspicion {"programs": [program]} -> {"suspicion": [number]}                          of the line each one edits
//   repair.source   {"program"}             -> {"source"}
//
// A program is {"handle": path} or {"source": text}. A handle is a path of mutant numbers from the original program: "" is the
// original, "17" its 18th mutant, "17.4" a mutant of that; it means the same in every process, so an answer may hold one.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domains/coding/bench.h"
#include "domains/coding/task_set.h"
#include "hyperagent/core/domain.h"

namespace hyperagent {

// A program an agent named: its source and, when it is a mutant of the original, its place in that family.
struct NamedProgram {
  std::string source;
  std::string handle;
  bool original = false;  // the task's program as it is
  int line = 0;
  std::string kind;
  std::string error;                  // why there is no such program: for the agent
};
Result<NamedProgram> resolve(Bench& bench, const RepairTask& task, const Json& program);

// `task` and `bench` are borrowed and outlive the services.
std::unique_ptr<TaskServices> repair_services(Bench& bench, const RepairTask& task);

}  // namespace hyperagent
