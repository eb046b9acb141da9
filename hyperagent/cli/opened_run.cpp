#include "hyperagent/cli/opened_run.h"

namespace hyperagent {

Result<OpenedRun> open_run(const std::string& path) {
  auto directory = RunDirectory::open(path);
  if (!directory) return directory.error();
  auto pool = GitPool::open_read_only(directory->archive());
  if (!pool) return pool.error();
  if ((*pool)->agents().empty()) return user_error("the run " + path + " has no agents yet; let it go on with `hyperagent resume " + path + "`");
  return OpenedRun{std::move(*directory), std::move(*pool)};
}

}  // namespace hyperagent
