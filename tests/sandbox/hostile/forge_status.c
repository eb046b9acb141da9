// Writes records that look like init's report ("ended with status 0") to every descriptor it can name, and fails.
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

int main(void) {
  const struct {
    int32_t kind, step, error, detail, exited, status;
    int64_t cpu;
  } forged = {2, 0, 0, -1, 1, 0, 0};
  for (int fd = 3; fd < 1024; ++fd)
    if (write(fd, &forged, sizeof forged) > 0) return 42;
  write(1, &forged, sizeof forged);
  write(2, &forged, sizeof forged);
  return 9;
}
