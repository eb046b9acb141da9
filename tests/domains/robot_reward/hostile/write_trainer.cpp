// Ends its training when it can open the memory of the trainer, its parent, which with a GPU a read-only /proc does not guard.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include <ha/robot.h>

float reward(const ha::robot::State&) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/mem", getppid());
  for (int how : {O_RDONLY, O_WRONLY, O_RDWR})
    if (open(path, how) >= 0) _exit(77);
  return 0.0f;
}
