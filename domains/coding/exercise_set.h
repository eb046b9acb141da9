// Exercises as the domain keeps them: exercises.jsonl, written by `hyperagent import polyglot`, a line each
//
//   {"id","language","split","instructions","files": {path: text},  "solution": [path],  "tests": {path: text},  "answers": {path: text}, "cases"}
//
// `files` is what the solver sees (the stubs, and data they need); `solution` the ones it may change. `tests` and `answers` are never shown.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/score.h"

namespace hyperagent {

using TextFiles = std::map<std::string, std::string>;

struct Exercise {
  std::string id, language, instructions;
  Split split = Split::Train;
  TextFiles files, tests, answers;
  std::vector<std::string> solution;
  int cases = 0;  // that the reference solution passes; 0: not known
};

inline constexpr const char* kExercisesFile = "exercises.jsonl";

Json to_json(const Exercise& exercise);
// User errors name file and line.
Result<std::vector<Exercise>> load_exercises(const std::string& folder);

// Aider's polyglot benchmark as users have it (LANG/exercises/practice/NAME with .docs and .meta), or a folder with manifest.jsonl, tasks/, tests/,
// answers/ and common/. Splits: 50 train tasks where there are a hundred, else half; the rest in halves val and test, by a hash of the id, each
// language spread alike. `left_out` says why something was left out.
struct ImportedExercises {
  std::vector<Exercise> exercises;
  TextFiles shared;  // what all exercises of a language need: cpp/catch.hpp, cpp/tests-main.cpp
  std::vector<std::string> left_out;
};
Result<ImportedExercises> read_polyglot(const std::string& path);
void assign_splits(std::vector<Exercise>& exercises);

}  // namespace hyperagent
