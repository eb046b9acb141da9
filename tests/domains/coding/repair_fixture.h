// A repair domain over a folder, with real boxes; an empty domain means the machine cannot make boxes: skip, visibly.
#pragma once

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "domains/coding/repair.h"
#include "sandbox/box_launcher.h"
#include "tests/domains/coding/in_process_toolchain.h"

namespace hyperagent {

struct RepairFixture {
  std::unique_ptr<BoxLauncher> launcher;
  std::unique_ptr<Domain> domain;
};

inline RepairFixture repair_over(const std::string& folder, const std::string& cache = {}) {
  RepairFixture out;
  auto launcher = make_box_launcher();
  if (!launcher) {
    WARN("SKIPPED: no boxes on this machine: " + launcher.error().message);
    return out;
  }
  out.launcher = std::move(*launcher);
  auto domain = open_repair({folder, std::nullopt, HA_TEST_SHARE, out.launcher.get(), in_process_toolchain, cache});
  INFO((domain ? "" : domain.error().message));
  REQUIRE(domain);
  out.domain = std::move(*domain);
  return out;
}

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

// A temporary folder of tasks.
class TaskFolder {
 public:
  TaskFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ha-tasks-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TaskFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TaskFolder(const TaskFolder&) = delete;
  TaskFolder& operator=(const TaskFolder&) = delete;
  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void add(const std::string& id, const std::string& language, const std::string& entry, const std::string& source, const std::string& visible,
           const std::string& hidden) const {
    write(id + "/task.json", Json{{"id", id}, {"language", language}, {"entry", entry}, {"split", "train"}, {"description", "a test"}}.dump());
    write(id + (language == "cpp" ? "/buggy.cpp" : "/buggy.py"), source);
    write(id + "/visible.jsonl", visible);
    write(id + "/hidden.jsonl", hidden);
  }
  // The smallest task: double a number.
  void add_double(const std::string& language) const {
    add(language + "_double", language, "twice", language == "cpp" ? "int twice(int n) {\n  return n + n + 1;\n}\n" : "def twice(n):\n    return n + n + 1\n",
        "{\"args\": [1], \"expected\": 2}\n{\"args\": [5], \"expected\": 10}\n", "{\"args\": [0], \"expected\": 0}\n{\"args\": [-3], \"expected\": -6}\n");
  }

 private:
  std::string path_;
};

inline Json ask(TaskServices& services, const std::string& name, const Json& arguments) {
  auto reply = services.call(name, arguments);
  INFO((reply ? "" : reply.error().message));
  REQUIRE(reply);
  REQUIRE(reply->has_value());
  return **reply;
}

}  // namespace hyperagent
