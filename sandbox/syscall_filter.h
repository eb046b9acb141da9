// The seccomp programs of a box, one per SyscallProfile, compiled once per launcher and installed by every box.
//
// Theory of operation: both profiles are allow-lists. What the Tool list does not name fails with ENOSYS (or EPERM / EACCES for
// named dangerous calls), so that a tool can fall back; what the Agent list does not name kills the process (SIGSYS), or
// fails too where the box has a graphics driver.
// The Agent profile forbids execve, yet the filter must be there before the first execve. A filter cannot count, and a pointer
// argument can be imitated by mapping that address. execve takes three arguments, but a filter sees all six registers: execve is
// allowed only when the three unused ones hold a random 192-bit ticket. Only the launcher and the box's init know it: an execve
// clears registers and memory, and a program cannot read an installed filter or its (non-dumpable) init.
#pragma once

#include <linux/filter.h>

#include <array>
#include <cstdint>
#include <vector>

#include "hyperagent/core/box.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

using ExecTicket = std::array<std::uint64_t, 3>;

Result<ExecTicket> draw_exec_ticket();

// `ticket` matters for the Agent profile only, and so does `gpu`: ioctl is then allowed (UnfilteredGpuDriver; a tool has it anyway), and what
// would end an agent fails instead.
Result<std::vector<sock_filter>> compile_filter(SyscallProfile profile, const ExecTicket& ticket, bool gpu = false);

}  // namespace hyperagent
