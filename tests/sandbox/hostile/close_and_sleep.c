// Closes its output, so that a reader sees the end, and stays.
#include <unistd.h>

int main(void) {
  close(1);
  close(2);
  sleep(1000);
  return 0;
}
