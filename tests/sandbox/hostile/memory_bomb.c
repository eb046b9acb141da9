// Touches memory until it gets no more.
#include <stdlib.h>
#include <string.h>

int main(void) {
  for (int i = 0; i < 4096; ++i) {
    char* block = malloc(1 << 20);
    if (block == NULL) return 3;
    memset(block, 1, 1 << 20);
  }
  return 42;  // 4 GiB
}
