// The well-behaved one: returns every frame it gets; ends at the end of its input.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int transfer(int in, char* data, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t n = in ? read(0, data + done, size - done) : write(1, data + done, size - done);
    if (n <= 0) return 0;
    done += (size_t)n;
  }
  return 1;
}

int main(void) {
  uint32_t size;
  write(2, "ready", 5);
  while (transfer(1, (char*)&size, 4)) {
    char* frame = malloc(size + 4);
    if (frame == NULL) return 3;
    memcpy(frame, &size, 4);
    if (!transfer(1, frame + 4, size) || !transfer(0, frame, size + 4)) return 4;
    free(frame);
  }
  return 0;
}
