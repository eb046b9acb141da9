// `hyperagent show`: one agent in full.
#include <CLI/CLI.hpp>

#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/opened_run.h"
#include "hyperagent/report/show_text.h"
#include "hyperagent/report/tree_text.h"

namespace hyperagent {
namespace {

class ShowCommand : public Command {
 public:
  explicit ShowCommand(CLI::App& parent) : Command(parent, "show", "Show one agent: scores, origin, edits, files", "hyperagent show my_run best --source") {
    app().add_option("DIR", run_, "Directory of the run")->required();
    app().add_option("AGENT", agent_, "best, blank, an id, or the beginning of a commit id")->required();
    app().add_flag("--source", source_, "Print its files, too");
  }

  Result<int> run(Environment& environment) override {
    auto run = open_run(run_);
    if (!run) return run.error();
    auto id = run->pool->resolve(agent_);
    if (!id) return id.error();
    auto source = run->pool->source(*id);
    if (!source) return source.error();
    const AgentView view{run->agent(*id), *source, run->pool->candidates_of(*id), children_of(run->pool->agents())[static_cast<std::size_t>(*id)],
                         *id == run->pool->best()};
    print(environment, show_json(view), show_text(view, source_));
    return 0;
  }

 private:
  std::string run_, agent_;
  bool source_ = false;
};

}  // namespace

std::unique_ptr<Command> make_show_command(CLI::App& app) { return std::make_unique<ShowCommand>(app); }

}  // namespace hyperagent
