// Boxes made directly with clone3: no setuid program, no daemon; works as root and as an ordinary user.
//
//   auto launcher = make_box_launcher();
//   if (!launcher) return launcher.error();        // no seccomp or no namespaces: `hyperagent doctor` says what
//   auto box = (*launcher)->start({.argv = {"/opt/ha/runner"}, .read_only = {{runner_folder, "/opt/ha"}}});
//
// Inside: read-only /usr, /lib*, /bin, /sbin, /etc/alternatives, /etc/ld.so.cache and spec.read_only; /dev with null, zero, full,
// random and urandom; /proc of the box's own processes, read-only; a private /tmp, which is the working folder (read-only for agents); uid
// 1000; no network. When the host is root, a box runs as an otherwise unused host uid: what spec.read_only names must be readable by
// everyone (the folders above it need not be).
#pragma once

#include <memory>
#include <string>

#include "hyperagent/core/box.h"
#include "hyperagent/core/result.h"
#include "sandbox/cgroup.h"

namespace hyperagent {

struct BoxLauncherOptions {
  bool control_groups = true;  // false: rlimits only, even where groups could be made
  std::string starter = {};    // path of ha-box; empty: beside the running program
};

// The launcher must outlive its boxes. Thread-safe. It owns a control group, removed with it.
Result<std::unique_ptr<BoxLauncher>> make_box_launcher(BoxLauncherOptions options = {});

}  // namespace hyperagent
