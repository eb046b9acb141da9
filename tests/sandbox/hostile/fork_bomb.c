// Forks without end. Says how many children it got.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  int children = 0;
  for (int i = 0; i < 5000; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      pause();
      _exit(0);
    }
    if (child > 0) ++children;
  }
  fprintf(stderr, "children %d", children);
  return children > 64 ? 42 : 0;
}
