// `hyperagent explain`: the story of an agent from its root on.
#include <CLI/CLI.hpp>

#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/event_log.h"
#include "hyperagent/cli/lineage_steps.h"
#include "hyperagent/cli/workbench.h"

namespace hyperagent {
namespace {

class ExplainCommand : public Command {
 public:
  explicit ExplainCommand(CLI::App& parent)
      : Command(parent, "explain", "Tell how an agent came about: every step's reason, edits, scores and diff", "hyperagent explain my_run best") {
    app().add_option("DIR", run_, "Directory of the run")->required();
    app().add_option("AGENT", agent_, "best, blank, an id, or the beginning of a commit id")->required();
  }

  Result<int> run(Environment& environment) override {
    auto run = open_run(run_);
    if (!run) return run.error();
    auto id = run->pool->resolve(agent_);
    if (!id) return id.error();
    auto bench = Workbench::open(environment.paths, 1);
    if (!bench) return bench.error();
    TextStyle style = terminal_style(environment.console.out());
    style.width -= kMargin;
    auto steps = lineage_steps(*run, *id, (*bench)->toolchain(), style);
    if (!steps) return steps.error();
    const Json stages = stage_seconds(read_events(run->directory.events()));
    print(environment, explain_json(*steps, stages), explain_text(*steps, stages, style.width + kMargin));
    return 0;
  }

 private:
  static constexpr int kMargin = 4;

  std::string run_, agent_;
};

}  // namespace

std::unique_ptr<Command> make_explain_command(CLI::App& app) { return std::make_unique<ExplainCommand>(app); }

}  // namespace hyperagent
