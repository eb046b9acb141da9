// The test bench: mutants of programs, and programs run on calls in boxes, cached by content. Thread-safe.
//
// Faults: what a program does to itself or to its box is its own result ("crash"). A box that cannot start, a worker that does not
// even run a trivial program, or a toolchain that fails is an Error.
#pragma once

#include <array>
#include <atomic>
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

// A program with `length` bytes at `offset` replaced by `text`.
struct Mutant {
  std::size_t offset = 0, length = 0;
  std::string text;
  int line = 0;
  std::string kind;
  int size = 0;  // characters the edit touches: the longer of what it removes and what it puts in

  std::string of(std::string program) const { return program.replace(offset, length, text); }
};

// What became of one mutant on some tests.
struct Trial {
  bool compiled = false;
  std::vector<bool> passed;  // by test; empty when it does not compile
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
  // All mutants of a program on all tests, in the order of mutants(): built and run together, and cached.
  using Family = std::vector<Trial>;
  Result<std::shared_ptr<const Family>> family(const Program& program, const std::vector<RepairTest>& tests);

 private:
  struct Box {
    std::vector<ProgramRun> runs;
    bool replied = false;
    std::string why;  // how the box ended when it did not reply
  };
  using Mutants = std::vector<Mutant>;
  struct Job {  // what a box is given: no expected value
    std::vector<Json> calls;
    long long fuel = 0;
    double seconds = 0;
    int exhaust = 0;
  };
  static Json settings_of(const Job& job);
  Result<Json> ask_python(const Json& request, double seconds, std::string& why);
  // The mutants of a program in one box; the program itself when there are none.
  Result<Box> run_python(const Program& program, const Mutants& mutants, const Job& job);
  Result<Box> run_cpp(const Program& program, const Mutants& mutants, const Job& job);
  Result<Box> run_box(const Program& program, const Mutants& mutants, const Job& job);
  // One program, and again with more fuel when it was only slow.
  Result<ProgramRun> run_alone(const Program& program, const std::vector<RepairTest>& tests);
  // Splits a batch that takes its box down, until the culprit is alone.
  Result<std::vector<ProgramRun>> run_batch(const Program& program, const Mutants& mutants, const Job& job);
  Result<Json> try_family(const Program& program, const std::vector<RepairTest>& tests);
  Result<void> check_worker(const std::string& language, const std::string& why);
  Result<void> check_compiler(const std::string& language, const std::string& why);
  Result<Json> ask_toolchain(const std::string& request, const Json& arguments);
  std::string run_key(const Program& program, const std::vector<RepairTest>& tests) const;
  // A family needs a list of mutants and a run: each kind has locks of its own, taken in the order families, lists, runs.
  enum Kind { kFamilies, kMutantLists, kRuns };
  std::mutex& stripe(const std::string& key, Kind kind);

  const RepairOptions options_;
  RunCache cache_;
  std::array<std::array<std::mutex, 64>, 3> stripes_;  // one computation of a key at a time
  std::atomic<bool> compiler_works_ = false;  // seen to
  std::mutex toolchains_mutex_;
  std::condition_variable_any toolchain_free_;
  std::vector<std::unique_ptr<Toolchain>> toolchains_;
  std::size_t toolchains_made_ = 0;
  std::mutex mutants_mutex_;  // of the maps below: what the cache holds, parsed
  std::map<std::string, std::shared_ptr<const std::vector<Mutant>>> mutants_;
  std::map<std::string, std::shared_ptr<const Family>> families_;
};

}  // namespace hyperagent
