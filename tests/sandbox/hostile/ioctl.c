/* Calls a driver: 42 when the call arrives there (/dev/null answers that it is no terminal), 1 when the box refuses it. And whether the address
   space is limited: the library of a graphics driver reserves more than there is. */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <fcntl.h>

int main(void) {
  const int fd = open("/dev/null", O_RDWR);
  void* large = mmap(0, 64ull << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  fprintf(stderr, "%s", large == MAP_FAILED ? "limited" : "unlimited");
  if (ioctl(fd, 0x5401 /* TCGETS */, (void*)0) == 0 || errno == ENOTTY) return 42;
  return errno == EPERM ? 1 : 2;
}
