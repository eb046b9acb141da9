// The blank task half: knows nothing and says so. Every search can start from here.
#include <ha/agent.h>

ha::Answer solve(const ha::Task& task, ha::Host& host) {
  (void)task;
  (void)host;
  return ha::Answer();
}
