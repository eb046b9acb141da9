// A compiler over the built share folder, and the smallest agents.
#pragma once

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>
#include <string>

#include "tooling/compiler.h"
#include "tooling/program.h"

namespace hyperagent::tooling {

inline const Compiler& test_compiler() {
  static const auto compiler = [] {
    auto created = Compiler::create(HYPERAGENT_TEST_SHARE);
    if (!created) throw std::runtime_error(created.error().message);
    return std::move(*created);
  }();
  return *compiler;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline Files blank_agent() {
  return {{"task/solve.cpp", read_file(HYPERAGENT_TEST_SHARE "/agents/task/blank.cpp")},
          {"meta/improve.cpp", read_file(HYPERAGENT_TEST_SHARE "/agents/meta/typed_mutation.cpp")}};
}

// An agent whose task half is `source`, with the shipped meta half.
inline Files agent_with(const std::string& source) {
  Files files = blank_agent();
  files["task/solve.cpp"] = "#include <ha/agent.h>\n" + source;
  return files;
}

inline std::string code_of(const Refusal& refusal) { return refusal.code; }
template <class T>
std::string code_of(const Verdict<T>& verdict) {
  const auto* refusal = std::get_if<Refusal>(&verdict);
  return refusal == nullptr ? "" : refusal->code;
}

}  // namespace hyperagent::tooling
