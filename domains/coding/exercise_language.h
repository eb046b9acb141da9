// The languages exercises may be in: what each needs of the machine, and how its tests and programs run in a box. To add one: a line of the table.
#pragma once

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "domains/coding/exercise_set.h"
#include "hyperagent/core/box.h"

namespace hyperagent {

inline constexpr const char* kPython = "/usr/bin/python3";  // runs Python's exercises, and every exercise's commands in its box

// All commands run in the exercise's folder, one after the other until one fails: {"argv", "seconds"} each.
struct ExerciseLanguage {
  std::string name;                                                         // of ids and folders
  std::string (*missing)() = nullptr;                                       // why this machine cannot run it; empty when it can
  Json (*tests)(const TextFiles& files, const TextFiles& tests) = nullptr;  // commands; `files` holds the tests too
  std::string script;                                                       // where a program of the solver's own lies
  Json (*program)(const TextFiles& files) = nullptr;                        // commands that run it
  std::regex passed;            // the runner's words: its first group is how many passed, without a group each match is one
  std::string test_files = "";  // begin or end of the paths of all that belongs to tests, besides those named as tests
  bool with_catch = false;      // C++: shared/cpp of the exercises' folder
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::vector<BoxMount> (*mounts)() = nullptr;
  int processes = 64;
  long long file_bytes = 128ll << 20;
};

// By name. Thread-safe, like what follows.
const std::vector<ExerciseLanguage>& exercise_languages();
// Null when there is none of that name.
const ExerciseLanguage* exercise_language(const std::string& name);
// "cpp, go, ..."
std::string exercise_language_names();

// For the one build that is not of an exercise: Catch's own main.
Json compile_catch_main();

}  // namespace hyperagent
