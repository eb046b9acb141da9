// Takes in what Clang finds wrong with a source.
#pragma once

#include <clang/Basic/Diagnostic.h>

#include <vector>

#include "tooling/compiled_unit.h"

namespace hyperagent::tooling {

// What the names of an agent's files begin with for Clang.
inline constexpr const char* kAgentRoot = "/ha/agent/";

// Errors go to a list that outlives it; files of the agent by their names in it.
class Collector : public clang::DiagnosticConsumer {
 public:
  explicit Collector(std::vector<Diagnostic>& errors) : errors_(errors) {}
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) override;

 private:
  std::vector<Diagnostic>& errors_;
};

}  // namespace hyperagent::tooling
