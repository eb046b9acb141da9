// Fills the private /tmp with many files.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  static char block[1 << 20];
  long long written = 0;
  for (int i = 0; i < 256; ++i) {
    char name[64];
    snprintf(name, sizeof name, "/tmp/f%d", i);
    const int fd = open(name, O_CREAT | O_WRONLY, 0600);
    const long n = fd < 0 ? -1 : write(fd, block, sizeof block);
    if (n > 0) written += n;
    close(fd);
  }
  fprintf(stderr, "written %lld", written);
  return written > (8ll << 20) ? 42 : 0;
}
