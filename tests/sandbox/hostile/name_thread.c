/* Names its thread through /proc, as libcuda does, and then tries to write where it must not: 42 when only the name could be written, 1 when not even that. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%ld/comm", (long)syscall(SYS_gettid));
  const int name = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  const char* others[] = {"/proc/1/mem", "/proc/1/comm", "/proc/1/oom_score_adj", "/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory",
                          "/proc/sys/user/max_user_namespaces", "/proc/sys/net/ipv4/ip_forward", "/proc/sysrq-trigger",
                          "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/devices/system/cpu/cpu0/online"};
  for (unsigned i = 0; i < sizeof others / sizeof *others; ++i)
    if (open(others[i], O_RDWR) >= 0 || open(others[i], O_WRONLY) >= 0) {
      fprintf(stderr, "%s", others[i]);
      return 2;
    }
  return name >= 0 && write(name, "named", 5) == 5 ? 42 : 1;
}
