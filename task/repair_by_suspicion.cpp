// A hand-written task half for the repair domain: of the single edits that pass the visible tests it hands in the one on the most
// suspicious line.
#include <ha/agent.h>
#include <ha/code.h>

ha::Answer solve(const ha::Task& task, ha::Host& host) {
  const ha::Program buggy = ha::program_of(task);
  for (const ha::Program& candidate : ha::most_suspicious_first(ha::passing(ha::mutants(buggy, host), host), host)) return ha::patch(candidate);
  return ha::Answer();
}
