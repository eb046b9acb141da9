// Fails on purpose (not a number) when it can read or write anything that belongs to the host.
#include <cstdio>
#include <cmath>

#include <ha/robot.h>

float reward(const ha::robot::State&) {
  for (const char* path : {"/etc/passwd", "/etc/shadow", "/root/.bashrc", "/proc/1/environ", HA_SECRET})
    if (std::FILE* file = std::fopen(path, "r")) {
      const bool empty = std::fgetc(file) == EOF;
      std::fclose(file);
      if (!empty) return std::nanf("");
    }
  for (const char* path : {"/tmp/left_behind", "/usr/left_behind", HA_SECRET})
    if (std::FILE* file = std::fopen(path, "w")) {
      std::fclose(file);
      return std::nanf("");
    }
  return 0.0f;
}
