// repair_bound TASKS SPLIT [CACHE]: how many tasks some single mutant solves. Prints a line a task and the sum.
#include <chrono>
#include <cstdio>

#include "domains/coding/repair.h"
#include "sandbox/box_launcher.h"
#include "tests/domains/coding/in_process_toolchain.h"

int main(int argc, char** argv) {
  using namespace hyperagent;
  if (argc < 3 || !split_from(argv[2])) {
    std::fprintf(stderr, "usage: repair_bound TASKS train|val|test [CACHE]\n");
    return 1;
  }
  auto launcher = make_box_launcher();
  if (!launcher) {
    std::fprintf(stderr, "%s\n", launcher.error().message.c_str());
    return 2;
  }
  const RepairOptions options{argv[1], std::nullopt, HA_TEST_SHARE, launcher->get(), in_process_toolchain, argc > 3 ? argv[3] : ""};
  const auto start = std::chrono::steady_clock::now();
  const auto bound = single_mutant_bound(options, *split_from(argv[2]));
  if (!bound) {
    std::fprintf(stderr, "%s\n", bound.error().message.c_str());
    return 2;
  }
  for (const auto& [id, row] : (*bound)["by_task"].items()) std::printf("%-28s %s\n", id.c_str(), row.dump().c_str());
  std::printf("%d of %d tasks have a single mutant that repairs them (%.1f s)\n", (*bound)["solvable"].get<int>(), (*bound)["tasks"].get<int>(),
              std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}
