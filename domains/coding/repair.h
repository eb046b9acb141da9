// The repair domain: a program with one bug, visible tests, and hidden tests that grade the patch. C++ and Python.
//
//   auto domain = open_repair({.tasks_dir = "repair_tasks", .share = share, .launcher = &launcher, .toolchain = make, .cache_dir = dir});
//
// A task poses {"id","input":{"language","entry","description","source","tests":[{"args","expected",..}]}}. An answer is
// {"source": text} or {"handle": path}, where a handle names a mutant (services.h). Score 1 when every visible and hidden test
// passes, else 0; detail {"why", ...}.
//
// Trust: expected values never enter a process that runs a program; a box returns what the program computed and the host compares.
// Hidden tests and their arguments are read only to grade. All results depend on texts alone and are cached by their hash.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "hyperagent/core/box.h"
#include "hyperagent/core/domain.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/toolchain.h"

namespace hyperagent {

struct RepairOptions {
  // A folder of task folders (task.json, buggy.*, visible.jsonl, hidden.jsonl) or one in the form of QuixBugs (programs.jsonl, tests/,
  // hidden/). The programs of the latter are all in the test split.
  std::string tasks_dir;
  // Puts every program of a QuixBugs folder into this split instead of Test.
  std::optional<Split> quixbugs_split;
  std::string share;       // holds python_worker.py, python_mutation.py, ha-program-runner (and programs.pch for the toolchain)
  BoxLauncher* launcher = nullptr;  // borrowed; thread-safe
  // Makes a toolchain on first need; at most kToolchains at once, each used by one thread at a time. May be empty when there
  // are no C++ tasks.
  std::function<Result<std::unique_ptr<Toolchain>>()> toolchain;
  std::string cache_dir;   // test results across runs; empty: in memory only
};

// A broken task is a user_error that names file and line.
Result<std::unique_ptr<Domain>> open_repair(const RepairOptions& options);

// How many tasks of a split some single mutant solves: an upper bound for agents that only choose among mutants.
// {"tasks","solvable","by_task":{id: {"mutants","compiled","visible","solved","kinds"}}}. Slow (it grades every mutant that passes the
// visible tests); for reports and tests, never for agents.
Result<Json> single_mutant_bound(const RepairOptions& options, Split split);

}  // namespace hyperagent
