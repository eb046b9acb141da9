// ha-programs-pch HARNESS SHARE: makes SHARE/programs.pch at build time, with exactly the flags its users have.
#include <cstdio>

#include "tooling/programs/programs.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: ha-programs-pch HARNESS SHARE\n");
    return 1;
  }
  const auto made = hyperagent::programs::build_precompiled_header(argv[1], argv[2]);
  if (!made) std::fprintf(stderr, "%s\n", made.error().message.c_str());
  return made ? 0 : 2;
}
