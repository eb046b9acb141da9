// The directory of a run:
//
//   DIR/archive.git    all agents (any git client reads it)       DIR/run.json      the options as given, paths absolute
//   DIR/events.jsonl   what happened when                     DIR/exchanges.jsonl   every exchange with a language model
#pragma once

#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"
#include "hyperagent/loop/options.h"

namespace hyperagent {

// What a run was started with; resume goes on with the same.
struct RunSettings {
  std::string domain;               // a name, or the absolute path of a folder with domain.json
  std::string data;                 // absolute path, or empty
  std::string agent = "blank";      // a shipped name or an absolute path
  std::vector<std::string> seeds;   // the same
  std::string search = "dgmh";
  LoopOptions loop;
  Json policy = {};                 // what edits may touch (core/edit_policy.h); null: everything
  Json model = {};                  // language models (model/settings.h), no key in it; null: none
  std::string meta;                 // the shipped meta half of agents that bring none; empty: the default
};

Json to_json(const RunSettings& settings);
Result<RunSettings> run_settings_from(const Json& json);
// What is stored in the archive: the options that its contents depend on, without budgets and paths, so that the same search gives the
// same archive wherever it is run and however its budget was divided.
Json archive_options(const RunSettings& settings, const std::string& domain_name);

class RunDirectory {
 public:
  // User error when `path` exists and is not empty (names `resume` when a run lives there), or lies in a file.
  static Result<void> check_new(const std::string& path);
  // Makes the directory and run.json. Environment error when that fails.
  static Result<RunDirectory> create(const std::string& path, const RunSettings& settings);
  // User error when there is no run.
  static Result<RunDirectory> open(const std::string& path);

  const std::string& path() const { return path_; }
  const RunSettings& settings() const { return settings_; }
  std::string archive() const { return archive_; }
  std::string events() const { return path_ + "/events.jsonl"; }
  std::string exchanges() const { return path_ + "/exchanges.jsonl"; }

  Result<void> save(const RunSettings& settings);  // run.json, replaced atomically
  void discard();  // removes what create() and a run that never got to its first agents made, nothing else

 private:
  RunDirectory(std::string path, RunSettings settings) : path_(std::move(path)), settings_(std::move(settings)) {}
  std::string path_;
  std::string archive_;
  RunSettings settings_;
};

// Environment error when the disk that holds `path` (or its first existing parent) has less than `bytes` free.
Result<void> check_free_space(const std::string& path, unsigned long long bytes = 200ull << 20);

// Writes a file by way of a temporary one beside it. Environment error; the old file is then as before.
Result<void> replace_file(const std::string& path, const std::string& text);

}  // namespace hyperagent
