#include "hyperagent/core/outcome.h"

#include <cstring>

namespace hyperagent {
namespace {

std::string trimmed(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

struct Describe {
  std::string operator()(const Exited& o) const { return "exited with status " + std::to_string(o.status); }
  std::string operator()(const Signalled& o) const { return std::string("killed by signal ") + strsignal(o.signal); }
  std::string operator()(const TimedOut& o) const { return "timed out after " + trimmed(o.wall_seconds) + " s"; }
  std::string operator()(const OverMemory& o) const { return "went over its memory limit of " + std::to_string(o.limit_bytes >> 20) + " MiB"; }
  std::string operator()(const OverOutput& o) const { return "wrote more than its limit of " + std::to_string(o.limit_bytes) + " bytes"; }
  std::string operator()(const Violation& o) const { return "forbidden operation: " + o.what; }
};

}  // namespace

std::string describe(const RunOutcome& outcome) { return std::visit(Describe{}, outcome); }

}  // namespace hyperagent
