// Compares what a program returned with what was expected.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domains/coding/task_set.h"
#include "hyperagent/core/json.h"

namespace hyperagent {

// What one program did on some tests, as the box reported it.
struct ProgramRun {
  bool compiled = false;
  std::string error;                        // why it does not compile
  std::vector<Json> results;                // {"status": value|exception|fuel|time|crash|skipped|..., "value"?, "what"?}
  std::vector<std::vector<int>> coverage;   // executed lines per test
};
Json to_json(const ProgramRun& run);
ProgramRun program_run_from(const Json& json);

// Numbers by value (1 equals 1.0); a bool differs from a number at the top but not inside, as in the reference checker, whose
// language compares that way; approximate tests compare every number within the tolerance.
bool same_value(const Json& got, const Json& expected, const RepairTest& test);

// "" when the test passes, else why not, in a few words that never hold the expected value.
std::string failure(const Json& result, const RepairTest& test);

// Line -> how suspicious the tests make it, 0 to 1; lines that no test runs are left out.
std::map<int, double> suspicion_of(const ProgramRun& run, const std::vector<RepairTest>& tests);

}  // namespace hyperagent
