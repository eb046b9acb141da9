// `hyperagent tree`: the lineage of a run.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/opened_run.h"
#include "hyperagent/cli/progress.h"
#include "hyperagent/report/tree_text.h"

namespace hyperagent {
namespace {

constexpr std::size_t kWidthInFiles = 120;

class TreeCommand : public Command {
 public:
  explicit TreeCommand(CLI::App& parent) : Command(parent, "tree", "Show who came from whom, with scores", "hyperagent tree my_run") {
    app().add_option("DIR", run_, "Directory of the run")->required();
    app().add_flag("--all", all_, "Fold nothing");
  }

  Result<int> run(Environment& environment) override {
    auto run = open_run(run_);
    if (!run) return run.error();
    const int out = environment.console.out();
    const TreeStyle style{all_, ::isatty(out) == 1 ? terminal_width(out) : kWidthInFiles};
    print(environment, tree_json(run->pool->agents(), run->pool->best()), tree_text(run->pool->agents(), run->pool->best(), style));
    return 0;
  }

 private:
  std::string run_;
  bool all_ = false;
};

}  // namespace

std::unique_ptr<Command> make_tree_command(CLI::App& app) { return std::make_unique<TreeCommand>(app); }

}  // namespace hyperagent
