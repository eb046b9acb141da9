// A toolchain for tests: answers mutate_cpp and build_cpp in this process, without the boxed worker.
#pragma once

#include <memory>
#include <mutex>

#include "hyperagent/core/toolchain.h"
#include "tooling/programs/programs.h"

namespace hyperagent {

class InProcessToolchain : public Toolchain {
 public:
  Result<Verdict<Rewritten>> apply(const AgentSource&, const Json&) override { return environment_error("not in this test"); }
  Result<Verdict<CompiledAgent>> compile(const AgentSource&) override { return environment_error("not in this test"); }
  Result<Json> ask(const std::string& request, const Json& arguments) override {
    static std::mutex one_at_a_time;  // lld keeps global state
    const std::lock_guard lock(one_at_a_time);
    if (request == "mutate_cpp") return programs::mutate_cpp(arguments, HA_TEST_SHARE);
    if (request == "build_cpp") return programs::build_cpp(arguments, HA_TEST_SHARE);
    return environment_error("not in this test: " + request);
  }
};

inline Result<std::unique_ptr<Toolchain>> in_process_toolchain() { return std::unique_ptr<Toolchain>(std::make_unique<InProcessToolchain>()); }

}  // namespace hyperagent
