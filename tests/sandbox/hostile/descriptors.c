// Says which descriptors it was started with.
#include <fcntl.h>
#include <stdio.h>

int main(void) {
  for (int fd = 0; fd < 256; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) fprintf(stderr, "%d ", fd);
  return 0;
}
