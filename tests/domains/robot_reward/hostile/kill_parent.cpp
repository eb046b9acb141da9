// Kills everything it can reach.
#include <signal.h>
#include <unistd.h>

#include <ha/robot.h>

float reward(const ha::robot::State&) {
  kill(getppid(), SIGKILL);
  kill(-1, SIGKILL);
  return 0.0f;
}
