#include <algorithm>
#include <cstdlib>

#include "domains/coding/bench.h"
#include "domains/coding/task_set.h"
#include "tests/domains/coding/in_process_toolchain.h"
#include "tests/domains/coding/repair_fixture.h"

using namespace hyperagent;

// A schema is an optimisation: its variants must behave as if each were compiled on its own. HA_SCHEMATA_STEP=1 compares every mutant of every
// C++ task that ships (hours); the default is a sample.
TEST_CASE("a mutant does in a schema what it does alone") {
  auto launcher = make_box_launcher();
  if (!launcher) {
    WARN("SKIPPED: no boxes on this machine: " + launcher.error().message);
    return;
  }
  const char* wanted = std::getenv("HA_SCHEMATA_STEP");
  const std::size_t step = wanted == nullptr ? 0 : static_cast<std::size_t>(std::max(1, std::atoi(wanted)));
  Bench bench({"", std::nullopt, HA_TEST_SHARE, launcher->get(), in_process_toolchain, ""});
  const auto splits = load_tasks(HA_TEST_TASKS, std::nullopt);
  REQUIRE(splits);
  std::vector<RepairTask> tasks;
  for (const auto& split : *splits) tasks.insert(tasks.end(), split.begin(), split.end());
  for (const RepairTask& task : tasks) {
    const bool sampled = task.id == "cpp_lru_session" || task.id == "cpp_top_words" || task.id == "cpp_spiral_order";
    if (task.language != "cpp" || (step == 0 && !sampled)) continue;
    const Bench::Program program{task.language, task.entry, task.source};
    const auto mutants = bench.mutants(program);
    REQUIRE(mutants);
    const auto family = bench.family(program, task.visible);
    REQUIRE(family);
    for (std::size_t i = 0; i < (*mutants)->size(); i += step == 0 ? (*mutants)->size() / 8 : step) {
      const Trial& together = (**family)[i];
      const auto alone = bench.run({task.language, task.entry, (**mutants)[i].of(task.source)}, task.visible);
      REQUIRE(alone);
      INFO(task.id << " mutant " << i << ": " << (**mutants)[i].kind << " in line " << (**mutants)[i].line << ": " << (**mutants)[i].text << " " << alone->error);
      REQUIRE(together.compiled == alone->compiled);
      for (std::size_t t = 0; alone->compiled && t < task.visible.size(); ++t) {
        const std::string status = alone->results[t].value("status", "");
        if (status != "fuel" && status != "skipped") CHECK(together.passed[t] == failure(alone->results[t], task.visible[t]).empty());
      }
    }
  }
}
