// One in-process run of Clang over a text, with this directory's fixed flags. Internal to tooling/programs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <clang/Basic/Diagnostic.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>

namespace hyperagent::programs {

// An error as far as the caller needs it: where in the main text it belongs and what it says.
struct Problem {
  long long offset = -1;  // byte offset in the main text; -1: not attributable (inside a header with no note that leads back)
  std::string message;
  bool fatal = false;
};

// Collects errors. An error inside a header (a template instantiated with a wrong type) belongs to the first place in the main
// text that one of its notes names.
class Problems : public clang::DiagnosticConsumer {
 public:
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) override;
  const std::vector<Problem>& list() const { return list_; }

 private:
  std::vector<Problem> list_;
};

// A syntax-only action that calls `parsed` with the declarations of the main text when it has no error.
using Parsed = std::function<void(clang::ASTContext&, const std::vector<clang::Decl*>&)>;
std::unique_ptr<clang::FrontendAction> after_parse(Parsed parsed);

// Runs `action` over `text`, after the harness in `share` (precompiled where that is there). False when the compiler could not even be set
// up. `object` is where a code-generating action writes.
bool run_action(clang::FrontendAction& action, const std::string& text, const std::string& share, Problems& problems,
                const std::string& object = {});

// Runs `action` over the harness itself, to `output`.
bool run_on_harness(clang::FrontendAction& action, const std::string& share, Problems& problems, const std::string& output);

}  // namespace hyperagent::programs
