// Tries to mount and to leave the root.
#include <sys/mount.h>
#include <unistd.h>

int main(void) {
  if (mount("tmpfs", "/tmp", "tmpfs", 0, "") == 0) return 42;
  if (mount("/", "/tmp", "", MS_BIND, "") == 0) return 42;
  if (mount("", "/usr", "", MS_REMOUNT | MS_BIND, "") == 0) return 42;
  if (umount2("/proc", MNT_DETACH) == 0) return 42;
  if (chroot("/tmp") == 0) return 42;
  return 0;
}
