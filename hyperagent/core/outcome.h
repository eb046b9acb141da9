// How a boxed program ended. A candidate's failure is data: it is reported through these, never as an Error.
#pragma once

#include <string>
#include <variant>

namespace hyperagent {

struct Exited { int status = 0; };
struct Signalled { int signal = 0; };
struct TimedOut { double wall_seconds = 0; };     // the wall-clock or CPU limit killed the whole tree
struct OverMemory { long long limit_bytes = 0; };
struct OverOutput { long long limit_bytes = 0; };
struct Violation { std::string what; };            // a forbidden system call (SIGSYS) and what is known of it

using RunOutcome = std::variant<Exited, Signalled, TimedOut, OverMemory, OverOutput, Violation>;

inline bool succeeded(const RunOutcome& outcome) {
  const auto* exited = std::get_if<Exited>(&outcome);
  return exited != nullptr && exited->status == 0;
}

// One lower-case phrase for people and logs: "exited with status 1", "timed out after 2 s".
std::string describe(const RunOutcome& outcome);

}  // namespace hyperagent
