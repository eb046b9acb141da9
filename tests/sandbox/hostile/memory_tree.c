// Stays below the limit of one process in each of many children, to pass the limit of the box.
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  const size_t size = 48u << 20;
  for (int i = 0; i < 8; ++i) {
    if (fork() != 0) continue;
    char* block = malloc(size);
    if (block != NULL) memset(block, 1, size);
    sleep(2);
    _exit(block == NULL);
  }
  int status, killed = 0;
  while (wait(&status) > 0) killed += WIFSIGNALED(status);
  return killed > 0 ? 3 : 42;
}
