// The test bench: mutants of programs, and programs run on calls in boxes, cached by content. Thread-safe.
//
// Faults: what a program does to itself or to its box is its own result ("crash"). A box that cannot start, a worker that does not
// even run a trivial program, or a toolchain that fails is an Error.
#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "domains/coding/grading.h"
#include "domains/coding/repair.h"
#include "domains/coding/run_cache.h"

namespace hyperagent {

struct Mutant {
  std::string source;
  int line = 0;
  std::string kind;
  int size = 0;  // characters the edit touches: the longer of what it removes and what it puts in
};

class Bench {
 public:
  explicit Bench(const RepairOptions& options);

  struct Program {
    std::string language, entry, source;
  };
  // In source order. A program that does not compile has none.
  Result<std::shared_ptr<const std::vector<Mutant>>> mutants(const Program& program);
  // One program on all tests, from the cache or in a box of its own: programs that candidates wrote share a process with nobody.
  Result<ProgramRun> run(const Program& program, const std::vector<RepairTest>& tests);
  // One mutant of a program on all tests. It runs in a batch with those of like suspicion, which are cached too: whoever asks for one
  // soon asks for its neighbours.
  Result<ProgramRun> run_mutant(const Program& program, const std::vector<RepairTest>& tests, std::size_t mutant);

 private:
  struct Box {
    std::vector<ProgramRun> runs;
    bool replied = false;
    std::string why;  // how the box ended when it did not reply
  };
  using Sources = std::vector<std::string>;
  struct Job {  // what a box is given: no expected value
    std::vector<Json> calls;
    bool second = false;  // the second, longer run
  };
  Result<Json> ask_python(const Json& request, double seconds, std::string& why);
  Result<Box> run_python(const Program& like, const Sources& sources, const Job& job);
  Result<Box> run_cpp(const Program& like, const Sources& sources, const Job& job);
  // One program, and again with more fuel when it was only slow.
  Result<ProgramRun> run_alone(const Program& program, const std::vector<RepairTest>& tests);
  // Splits a batch that takes its box down, until the culprit is alone.
  Result<std::vector<ProgramRun>> run_batch(const Program& like, const Sources& sources, const Job& job);
  Result<void> check_worker(const std::string& language, const std::string& why);
  Result<Json> ask_toolchain(const std::string& request, const Json& arguments);
  Result<std::shared_ptr<const std::vector<std::size_t>>> suspicion_order(const Program& program, const std::vector<RepairTest>& tests,
                                                                          const std::string& key);
  std::string run_key(const Program& program, const std::vector<RepairTest>& tests) const;
  std::mutex& stripe(const std::string& key);

  const RepairOptions options_;
  RunCache cache_;
  std::array<std::mutex, 64> stripes_;  // one computation of a key at a time
  std::mutex toolchains_mutex_;
  std::condition_variable_any toolchain_free_;
  std::vector<std::unique_ptr<Toolchain>> toolchains_;
  std::size_t toolchains_made_ = 0;
  std::mutex mutants_mutex_;  // of the maps below: what the cache holds, parsed
  std::map<std::string, std::shared_ptr<const std::vector<Mutant>>> mutants_;
  std::map<std::string, std::shared_ptr<const std::vector<std::size_t>>> orders_;     // mutants by suspicion
  std::map<std::string, std::shared_ptr<const std::vector<ProgramRun>>> batches_;
};

}  // namespace hyperagent
