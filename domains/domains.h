// The list of domains. To add one: write its Domain (hyperagent/core/domain.h) and add a line to domains.cpp.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "hyperagent/core/box.h"
#include "hyperagent/core/domain.h"
#include "hyperagent/core/toolchain.h"

namespace hyperagent {

struct DomainOptions {
  std::string name;                 // "repair", "paper_review", or a folder with domain.json
  std::string data;                 // the folder of a named domain's tasks; empty: the domain's own, where it ships some
  std::string graded_data;          // when set, the tasks that are posed and graded come from this folder, training examples from `data`
  std::string share;                // where the installed files of the project are
  std::string cache_dir;            // for results that are worth keeping between runs; empty: none are kept
  BoxLauncher* launcher = nullptr;  // outlives the domain; null: domains that need a box say so
  // Makes toolchains for a domain that compiles from several threads. Empty: the one given to open_domain() is shared by turns.
  std::function<Result<std::unique_ptr<Toolchain>>()> make_toolchain = {};
  std::string judge = {};  // robot_reward: path of ha-robot-judge; empty: built without the robot
  std::optional<Split> quixbugs_split = {};  // repair, QuixBugs folders: the split its programs are in; empty: test
};

// `toolchain` is used when options.make_toolchain is empty, by this domain alone, and outlives it; null for domains that compile nothing.
// An unknown name is a user error that lists the known ones.
Result<std::unique_ptr<Domain>> open_domain(const DomainOptions& options, Toolchain* toolchain = nullptr);

// Whether agents of this domain are also to be compiled for a CUDA device.
bool wants_device(const std::string& name);

// [{"name","description"}...] of the domains with a name.
Json list_domains();

}  // namespace hyperagent
