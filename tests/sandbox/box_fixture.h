// Starts the programs of hostile/ in boxes.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "hyperagent/core/box.h"
#include "sandbox/box_launcher.h"

namespace hyperagent {

inline BoxSpec hostile(const std::string& program, std::vector<std::string> arguments = {}, SyscallProfile profile = SyscallProfile::Tool) {
  BoxSpec spec;
  spec.argv = {"/opt/hostile/" + program};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.read_only = {{HOSTILE_FOLDER, "/opt/hostile"}};
  spec.limits.wall_seconds = 20;
  spec.limits.memory_bytes = 256 << 20;
  spec.limits.file_bytes = 8 << 20;
  spec.profile = profile;
  return spec;
}

// A launcher a test, or a visible skip: the whole file is about a kernel that can make boxes.
class Boxes {
 public:
  explicit Boxes(BoxLauncherOptions options = {}) {
    auto made = make_box_launcher(options);
    if (made)
      launcher_ = std::move(*made);
    else
      reason_ = made.error().message;
    BoxSpec trial = hostile("echo");
    if (auto box = launcher_ ? launcher_->start(trial) : Result<std::unique_ptr<BoxProcess>>(environment_error(reason_)); !box) {
      reason_ = box.error().message;
      launcher_.reset();
      WARN("SKIPPED: no boxes on this machine: " + reason_);
    }
  }
  explicit operator bool() const { return launcher_ != nullptr; }
  BoxLauncher& launcher() { return *launcher_; }
  std::unique_ptr<BoxProcess> start(const BoxSpec& spec) {
    auto box = launcher_->start(spec);
    if (!box) FAIL(box.error().message);
    return std::move(*box);
  }
  // Runs to the end and keeps what the program said.
  RunOutcome run(const BoxSpec& spec) {
    auto box = start(spec);
    const RunOutcome outcome = box->wait();
    said = box->standard_error();
    INFO(describe(outcome) << ": " << said);
    return outcome;
  }
  std::string said;

 private:
  std::unique_ptr<BoxLauncher> launcher_;
  std::string reason_;
};

inline int exit_status(const RunOutcome& outcome) {
  const auto* exited = std::get_if<Exited>(&outcome);
  return exited != nullptr ? exited->status : -1;
}

template <class Kind>
bool is(const RunOutcome& outcome) {
  return std::holds_alternative<Kind>(outcome);
}

}  // namespace hyperagent
