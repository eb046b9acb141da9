// Tries to gain capabilities in a namespace of its own.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char** words) {
  const char* way = count > 1 ? words[1] : "unshare";
  if (strcmp(way, "clone") == 0) return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) >= 0 ? 42 : 0;
  if (strcmp(way, "clone3") == 0) {
    struct clone_args arguments;
    memset(&arguments, 0, sizeof arguments);
    arguments.flags = CLONE_NEWUSER;
    arguments.exit_signal = SIGCHLD;
    return syscall(SYS_clone3, &arguments, sizeof arguments) >= 0 ? 42 : 0;
  }
  return unshare(CLONE_NEWUSER) == 0 || unshare(CLONE_NEWNET) == 0 ? 42 : 0;
}
