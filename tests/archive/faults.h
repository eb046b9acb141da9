// Faults at an exact point: this test program defines write(), fsync(), link(), rename() and others itself, so libgit2's calls (and
// ours) come through here. "Between any two writes" is then a loop over call numbers, and no hook is needed in the archive.
#pragma once

namespace hyperagent::faults {

// The n-th call from now (1 is the next) kills this process, a write() after half its bytes.
void kill_at(long n);
// Every call from the n-th on fails with this errno.
void fail_from(long n, int error);
void disarm();
long calls();  // since the last of the above

}  // namespace hyperagent::faults
