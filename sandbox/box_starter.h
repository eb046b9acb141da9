// The process that boxes are cloned from: the program ha-box, one for each launcher.
//
// Theory of operation. A clone copies the page tables of whoever makes it, and every page its maker writes to afterwards is copied, too: a host
// that holds models of half a gigabyte paid 60 ms a candidate for it. Nor should process 1 of a box hold a copy of the host's memory. So
// the host starts ha-box once and asks it for each box: a message with the Blueprint and, as descriptors, what the box keeps. ha-box
// clones with CLONE_PARENT, so the box is the host's own child, to be waited for and killed by its pidfd, which the reply carries. Such a
// clone has the exit signal of ha-box, and that is SIGCHLD since its execve, whatever it was started with: a host that calls wait(-1) takes
// boxes in as well (their outcome is known from their own reports; only the host's wait by pidfd then finds nobody). ha-box leaves the
// terminal's session, blocks all signals and ends when the host closes the socket, or is gone.
#pragma once

#include <string>

#include "sandbox/box_init.h"
#include "sandbox/posix.h"

namespace hyperagent {

// The host's side. One thread.
class BoxStarter {
 public:
  // Nothing is started before the first box. `program`: ha-box on this machine.
  explicit BoxStarter(std::string program) : program_(std::move(program)) {}
  ~BoxStarter() { end(); }
  BoxStarter(const BoxStarter&) = delete;
  BoxStarter& operator=(const BoxStarter&) = delete;

  // Clones a box that begins with run_box_init(plan); its pidfd. The descriptors that the plan names are the host's numbers.
  Result<Fd> start(const Blueprint& plan);

 private:
  Result<void> begin();
  void end();
  Result<Fd> ask(const std::string& message, const std::vector<int>& descriptors, bool& unsent);

  const std::string program_;
  Fd socket_, process_;
};

// What ha-box does with `socket` until it is closed.
void serve_boxes(int socket);

}  // namespace hyperagent
