// Starts another program: directly, by descriptor, and with made-up values in the spare registers.
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char** words) {
  char* argv[] = {"/bin/true", NULL};
  char* none[] = {NULL};
  if (count > 1 && strcmp(words[1], "at") == 0) syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, none, 0);
  if (count > 1 && strcmp(words[1], "spare") == 0) syscall(SYS_execve, "/bin/true", argv, none, 0, 0, 0);
  execve("/bin/true", argv, none);
  return 42;
}
