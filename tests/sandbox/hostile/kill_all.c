// Tries to end init and everyone else, then lives on for a moment.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  kill(-1, SIGKILL);  // does not include the caller
  for (int signal = 1; signal < 65; ++signal) kill(1, signal);
  usleep(50000);
  fprintf(stderr, "still here");
  return 7;
}
