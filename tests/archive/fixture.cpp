#include "tests/archive/fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace hyperagent::archive_test {

TemporaryDirectory::TemporaryDirectory(Where where) {
  const char* memory = "/dev/shm";
  const bool in_memory = where == Where::Memory && ::access(memory, W_OK) == 0;
  std::string name = ((in_memory ? std::filesystem::path(memory) : std::filesystem::temp_directory_path()) / "ha_archive_XXXXXX").string();
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

AgentSource program(int variant) {
  return {{{"agent.json", "{\"name\": \"test\"}\n"},
           {"task/solve.cpp", "int solve() { return " + std::to_string(variant) + "; }\n"},
           {"task/words.h", "#pragma once\n"},
           {"meta/deep/improve.cpp", "int improve() { return 0; }\n"}}};
}

Score score(double mean, std::size_t n) { return {mean, 0.091, n}; }

AgentRecord blank_root() {
  AgentRecord record;
  record.origin = "blank";
  record.ast_hash = "hash-blank";
  record.train = score(0.1);
  record.val = score(0.2);
  return record;
}

AgentRecord child(int parent, int generation, int variant, double val_mean) {
  AgentRecord record;
  record.parents = {parent};
  record.origin = "edit";
  record.generation = generation;
  record.reason = "variant " + std::to_string(variant) + " should count better\nbecause the loop stopped early";
  record.edits = Json::array({{{"op", "replace_node"}, {"function", "solve"}}, {{"op", "set_literal"}, {"function", "score"}}});
  record.memory = {{"weights", {0.1, 0.25, 1.0 / 3}}};
  record.ast_hash = "hash-" + std::to_string(variant);
  record.stage = score(0.5, 5);
  record.train = {13.0 / 30, 0.091, 30};
  record.val = score(val_mean);
  record.train_results = {{"task-a", 1.0, {{"why", "right"}}}, {"task-b", 0.0, Json()}};
  record.val_results = {{"task-c", val_mean, Json()}};
  record.metrics = {{"train", {{"passed", 1}}}};
  record.notes = {{"task_object", "abc"}};
  return record;
}

CandidateRecord candidate(int generation, int slot, int parent, const std::string& outcome) {
  CandidateRecord record;
  record.generation = generation;
  record.slot = slot;
  record.parent = parent;
  record.outcome = outcome;
  record.code = outcome == "refused" ? "type_check" : "";
  record.message = "slot " + std::to_string(slot);
  return record;
}

Result<std::string> run_generation(GitPool& pool, int g) {
  if (g == 0) {
    AgentRecord seed = blank_root();
    seed.origin = "seed counter";
    seed.ast_hash = "hash-seed";
    for (auto [record, variant] : {std::pair(blank_root(), 0), std::pair(seed, 1)}) {
      auto added = pool.add(record, program(variant));
      if (!added) return added.error();
    }
    return pool.commit(0, {{"generation", 0}});
  }
  for (int slot = 0; slot < 2; ++slot) {
    const int variant = 10 * g + slot;
    auto added = pool.add(child(slot, g, variant, 0.3 + 0.01 * variant), program(variant));
    if (!added) return added.error();
    CandidateRecord record = candidate(g, slot, slot, "archived");
    record.agent = *added;
    record.stage_score = 0.5;
    pool.add(record);
  }
  pool.add(candidate(g, 2, 0, "refused"));
  return pool.commit(g, {{"generation", g}, {"random", 17.25}});
}

int agents_after(int g) { return 2 * (g + 1); }

std::string everything(const GitPool& pool) {
  Json all = {{"options", pool.options()},
              {"state", pool.state()},
              {"head", pool.head()},
              {"best", pool.best()},
              {"count", pool.candidate_count()}};
  for (const AgentRecord& record : pool.agents()) {
    Json json = to_json(record);
    json["commit"] = record.commit;
    Json candidates = Json::array();
    for (const CandidateRecord& one : pool.candidates_of(record.id)) candidates.push_back(to_json(one));
    auto source = pool.source(record.id);
    all["agents"].push_back({json, candidates, source ? Json(source->files) : Json(source.error().message)});
  }
  return all.dump(1);
}

CommandResult shell(const std::string& command) {
  CommandResult result;
  FILE* pipe = ::popen(("(" + command + ") 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  char buffer[4096];
  for (std::size_t size; (size = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.output.append(buffer, size);
  const int status = ::pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

bool have_git() { return shell("git --version").status == 0; }

}  // namespace hyperagent::archive_test
