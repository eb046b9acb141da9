// Promises a frame of almost 4 GiB and waits.
#include <unistd.h>

int main(void) {
  write(1, "\xff\xff\xff\xff" "abc", 7);
  sleep(1000);
  return 0;
}
