// Runs an entry point of a compiled agent in a box. Implemented by sandbox/; tests have a fake.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/outcome.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

// The largest number of replies that are sent ahead with an input. A domain that foresees replies allows at least as many calls for a task.
inline constexpr std::size_t kMostForeseen = 8;

struct HostCalls {
  // Answers one host call made while working on inputs[index]. The reply is data ({"error": "..."} included); an Error is our own
  // failure, ends the run and is returned by AgentRunner::run.
  std::function<Result<Json>(std::size_t index, const std::string& name, const Json& arguments)> answer;
  // The reply that this call would get, where it depends on the task and the arguments alone and is cheap: agents mostly make the same
  // calls for every task, and a reply that is sent along with the input saves two switches between processes. Nothing for all other calls.
  std::function<std::optional<Json>(std::size_t index, const std::string& name, const Json& arguments)> foresee = {};
  // So many foreseen replies were used while working on inputs[index], before the call that is answered next or the end: they count like
  // calls.
  std::function<void(std::size_t index, int count)> served = {};
};

// Whether the work is no longer wanted. Asked a few times a second; may be empty.
using StopAsked = std::function<bool()>;

// Exit status of an in-box runner that never loads the agent itself and cannot do its work, which is no agent's fault; its standard error says why.
inline constexpr int kRunnerFault = 120;

struct EntryReply {
  RunOutcome outcome;         // of the process that worked on this input
  std::optional<Json> value;  // what the entry returned; empty when it ended without a result, whatever its exit status says
};

// One object per worker thread.
class AgentRunner {
 public:
  virtual ~AgentRunner() = default;
  // Calls `entry` ("solve", "improve" or "reward") of `library` (bytes of a shared object) once per input, in order, inside a box that no other
  // library has run in; nothing passes from one call to the next. `seconds_per_input`: wall-clock limit of one call. The reply has inputs.size() entries.
  // When `stopped` says so the agent is ended and the error is of the kind Interrupted.
  virtual Result<std::vector<EntryReply>> run(const std::string& library, const std::string& entry, std::span<const Json> inputs,
                                              const HostCalls& calls, double seconds_per_input, const StopAsked& stopped) = 0;
};

}  // namespace hyperagent
