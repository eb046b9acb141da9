#include "hyperagent/cli/paths.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace hyperagent {

namespace fs = std::filesystem;

namespace {

// Empty when the environment names no place: then nothing is kept.
std::string cache_folder() {
  for (const auto& [variable, below] : {std::pair{"HYPERAGENT_CACHE", ""}, std::pair{"XDG_CACHE_HOME", "/hyperagent"}, std::pair{"HOME", "/.cache/hyperagent"}})
    if (const char* value = std::getenv(variable); value != nullptr && *value != '\0') return value + std::string(below);
  return "";
}

}  // namespace

Result<Paths> installed_paths() {
  std::error_code code;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  if (code) return environment_error("cannot find where hyperagent is installed: /proc/self/exe: " + code.message());
  const fs::path bin = program.parent_path();
  return Paths{bin.string(), (bin.parent_path() / "share" / "hyperagent").string(), cache_folder()};
}

std::string absolute_path(const std::string& path) {
  std::error_code code;
  fs::path absolute = fs::absolute(path, code);
  if (code) absolute = path;
  absolute = absolute.lexically_normal();
  if (!absolute.has_filename() && absolute.has_parent_path() && absolute != absolute.root_path()) absolute = absolute.parent_path();
  return absolute.string();
}

}  // namespace hyperagent
