// Dependencies point one way (hyperagent/README.md). This test is the list of who may include whom.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Allowed = std::map<std::string, std::vector<std::string>>;

// Directory -> prefixes of quoted includes it may use besides its own. The longest matching directory rules.
const Allowed kMayInclude = {
    {"hyperagent/core", {}},
    {"hyperagent/api/include", {}},
    {"hyperagent/api/src", {"value_data.h"}},
    {"hyperagent/search", {"hyperagent/core/"}},
    {"hyperagent/model", {"hyperagent/core/"}},
    {"hyperagent/loop", {"hyperagent/core/", "hyperagent/search/"}},
    {"hyperagent/report", {"hyperagent/core/"}},
    {"hyperagent/cli", {"hyperagent/", "archive/", "domains/", "sandbox/", "tooling/client.h"}},
    {"archive", {"hyperagent/core/"}},
    {"sandbox", {"hyperagent/core/", "hyperagent/api/src/value_data.h"}},
    {"domains", {"hyperagent/core/"}},
    {"domains/robot_reward/physics", {}},
    {"domains/robot_reward/device", {"domains/robot_reward/", "hyperagent/core/"}},
    {"domains/robot_reward/kernels", {"domains/robot_reward/physics/"}},
    {"domains/robot_reward", {"hyperagent/core/"}},
    {"tooling", {"hyperagent/core/"}},
    {"task", {}},
    {"meta", {}},
};

std::string rule_for(const std::string& path) {
  std::string best;
  for (const auto& [directory, allowed] : kMayInclude)
    if (path.starts_with(directory + "/") && directory.size() > best.size()) best = directory;
  return best;
}

bool allowed(const std::string& path, const std::string& include) {
  const std::string rule = rule_for(path);
  if (include.starts_with(rule + "/")) return true;
  for (const std::string& prefix : kMayInclude.at(rule))
    if (include.starts_with(prefix)) return true;
  return false;
}

struct Include {
  std::string path, name;
  bool quoted;
};

std::vector<Include> includes_of_the_project() {
  std::vector<Include> all;
  const fs::path top = HYPERAGENT_SOURCE_DIR;
  for (const char* folder : {"hyperagent", "archive", "sandbox", "domains", "tooling", "task", "meta"}) {
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      const std::string extension = entry.path().extension().string(), path = fs::relative(entry.path(), top).string();
      if ((extension != ".h" && extension != ".cpp") || path.find("repair_tasks/") != std::string::npos) continue;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("#include ")) continue;
        const char close = line[9] == '"' ? '"' : '>';
        all.push_back({path, line.substr(10, line.find(close, 10) - 10), line[9] == '"'});
      }
    }
  }
  return all;
}

}  // namespace

TEST_CASE("every directory includes only what the layers below it offer") {
  const auto includes = includes_of_the_project();
  REQUIRE(includes.size() > 200);
  for (const Include& include : includes) {
    if (!include.quoted) continue;
    INFO(include.path << " includes \"" << include.name << "\"");
    CHECK(allowed(include.path, include.name));
  }
}

TEST_CASE("LLVM and Clang are included under tooling/ only, and never by the part the host links") {
  for (const Include& include : includes_of_the_project()) {
    const bool llvm = include.name.starts_with("clang/") || include.name.starts_with("llvm/") || include.name.starts_with("lld/");
    if (!llvm) continue;
    INFO(include.path << " includes <" << include.name << ">");
    CHECK(include.path.starts_with("tooling/"));
    CHECK_FALSE(include.path.starts_with("tooling/client"));
  }
}

TEST_CASE("LibTorch is included by one file, in a program that holds neither LLVM nor the host") {
  for (const Include& include : includes_of_the_project()) {
    if (!include.name.starts_with("torch/") && !include.name.starts_with("ATen/")) continue;
    INFO(include.path << " includes <" << include.name << ">");
    CHECK(include.path == "domains/robot_reward/torch_engine.cpp");
  }
}

TEST_CASE("MuJoCo is for tests only") {
  for (const Include& include : includes_of_the_project()) {
    INFO(include.path);
    CHECK_FALSE(include.name.starts_with("mujoco/"));
  }
}

TEST_CASE("libgit2 stays out of public headers") {
  for (const Include& include : includes_of_the_project()) {
    if (!include.name.starts_with("git2")) continue;
    INFO(include.path);
    CHECK(include.path.ends_with(".cpp"));
  }
}

TEST_CASE("libcurl and the TOML reader stay in the sources of hyperagent/model") {
  for (const Include& include : includes_of_the_project()) {
    if (!include.name.starts_with("curl/") && !include.name.starts_with("toml++/")) continue;
    INFO(include.path << " includes <" << include.name << ">");
    CHECK((include.path.starts_with("hyperagent/model/") && include.path.ends_with(".cpp")));
  }
}

TEST_CASE("agents and their API use the standard library and <ha/...> only") {
  for (const Include& include : includes_of_the_project()) {
    const bool agent = include.path.starts_with("task/") || include.path.starts_with("meta/") || include.path.starts_with("hyperagent/api/include/");
    if (!agent) continue;
    INFO(include.path << " includes " << include.name);
    CHECK_FALSE(include.quoted);
    CHECK((include.name.starts_with("ha/") || include.name.find_first_of("./") == std::string::npos));
  }
}
