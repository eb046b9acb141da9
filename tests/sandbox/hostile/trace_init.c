// Tries to trace init, and to read and write its memory by every way there is.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char** words) {
  (void)words;
  int won = 0;
  const char* places[] = {"/proc/1/mem", "/proc/1/environ", "/proc/1/maps", "/proc/1/fd/0", "/proc/1/root/etc/shadow"};
  for (unsigned i = 0; i < sizeof places / sizeof *places; ++i) {
    const int fd = open(places[i], O_RDONLY);
    char byte;
    if (fd >= 0 && read(fd, &byte, 1) > 0) {
      fprintf(stderr, "read %s\n", places[i]);
      won = 42;
    }
  }
  for (int fd = 0; fd < 64; ++fd) {
    char name[64];
    snprintf(name, sizeof name, "/proc/1/fd/%d", fd);
    if (open(name, O_WRONLY) >= 0) won = 42;
  }
  if (open("/proc/1/mem", O_RDWR) >= 0 || open("/proc/self/mem", O_RDWR) >= 0) won = 42;
  if (count > 1) return won;  // an agent dies at the next line
  if (ptrace(PTRACE_ATTACH, 1, 0, 0) == 0 || ptrace(PTRACE_SEIZE, 1, 0, 0) == 0) won = 42;
  char byte = 0;
  struct iovec here = {&byte, 1}, there = {(void*)main, 1};
  if (process_vm_readv(1, &here, 1, &there, 1, 0) >= 0) won = 42;
  const int pidfd = (int)syscall(SYS_pidfd_open, 1, 0);
  if (pidfd >= 0 && syscall(438 /* pidfd_getfd */, pidfd, 0, 0) >= 0) won = 42;
  return won;
}
