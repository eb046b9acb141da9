// What tests of exercises share: a bench with real boxes, a folder.
#pragma once

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "domains/coding/exercises.h"
#include "sandbox/box_launcher.h"

namespace hyperagent {

struct ExerciseDesk {
  Result<std::unique_ptr<BoxLauncher>> launcher = make_box_launcher();
  ExerciseOptions options(const std::string& folder = "") { return {.folder = folder, .share = HA_TEST_SHARE, .cache_dir = "", .launcher = launcher ? launcher->get() : nullptr}; }
  bool works() {
    if (launcher) return true;
    WARN("SKIPPED: no boxes here: " << launcher.error().message);
    return false;
  }
};

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ha_exercises_XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all | std::filesystem::perms::group_read | std::filesystem::perms::group_exec | std::filesystem::perms::others_read | std::filesystem::perms::others_exec);
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name)) << text;
  }

 private:
  std::string path_;
};

}  // namespace hyperagent
