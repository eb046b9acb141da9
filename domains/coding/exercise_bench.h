// Runs exercises in boxes: a solution under the exercise's own tests, or under a script of the solver's.
//
// Theory of operation. Each run is a fresh box with a driver (exercise_driver.py) that writes the files and runs the commands; tests and solution share a
// process, because that is how such tests work. So a solution can end that process with status 0: a pass also needs the test runner's own
// words and the number of cases that the reference solution had. Tests are in a box only after an answer was handed in.
#pragma once

#include <mutex>
#include <string>

#include "domains/coding/exercise_language.h"

namespace hyperagent {

struct ExerciseOptions {
  std::string folder;     // exercises.jsonl, shared/
  std::string share;      // exercise_driver.py, exercise_jest.mjs
  std::string cache_dir;  // for Catch's compiled main; empty: the folder itself
  BoxLauncher* launcher = nullptr;
};

struct ExerciseRun {
  bool passed = false;
  int cases = 0;       // tests (C++: assertions) that passed, as the runner says
  std::string output;  // without times and addresses, which differ from run to run
};

// Thread-safe.
class ExerciseBench {
 public:
  explicit ExerciseBench(ExerciseOptions options) : options_(std::move(options)) {}
  // `solution` replaces the solution files of the exercise; others in it are ignored. Errors: our failures.
  Result<ExerciseRun> test(const Exercise& exercise, const TextFiles& solution);
  // A program beside the solution, no tests. C++: compiled together with it. Go: a package main that imports the module. Rust: a main that uses the
  // crate. Java: a class Script with a main.
  Result<ExerciseRun> run_script(const Exercise& exercise, const TextFiles& solution, const std::string& script);
  // Why this machine cannot run a language; empty when it can.
  std::string missing(const std::string& language) const;

 private:
  struct Job {
    const ExerciseLanguage* language;
    TextFiles files;
    Json commands = {};
    bool with_catch = false;
    std::vector<std::string> keep = {};
  };
  Result<Json> run(const Job& job);
  Result<std::string> catch_main();  // path of its object

  ExerciseOptions options_;
  std::mutex mutex_;
  std::string catch_main_;
};

}  // namespace hyperagent
