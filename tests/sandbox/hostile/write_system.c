// Tries to change what the host or the next box would see.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int count, char** words) {
  (void)words;
  const char* places[] = {"/usr/hostile", "/usr/lib/hostile", "/hostile", "/etc/hostile", "/dev/hostile", "/opt/hostile/planted",
                          "/proc/sys/kernel/hostname"};
  int won = 0;
  for (unsigned i = 0; i < sizeof places / sizeof *places; ++i) {
    const int fd = open(places[i], O_CREAT | O_WRONLY, 0600);
    if (fd >= 0) {
      fprintf(stderr, "wrote %s\n", places[i]);
      won = 42;
    }
  }
  if (chmod("/usr", 0777) == 0 || rename("/usr/bin", "/usr/nib") == 0 || unlink("/usr/bin/env") == 0) won = 42;
  if (open("/dev/null", O_RDWR) < 0) return 5;
  // Only a tool has a place of its own.
  const int own = open("/tmp/note", O_CREAT | O_RDWR, 0600);
  if ((own >= 0) != (count > 1)) return 6;
  return won;
}
