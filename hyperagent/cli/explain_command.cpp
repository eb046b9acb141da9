// `hyperagent explain`: the story of an agent from its root on.
#include <CLI/CLI.hpp>

#include "hyperagent/cli/ast_questions.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/event_log.h"
#include "hyperagent/cli/opened_run.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/report/diff_text.h"
#include "hyperagent/report/explain_text.h"

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
    std::vector<Step> steps;
    for (int member : lineage_of(run->pool->agents(), *id)) {
      Step step{run->agent(member), nullptr, Json(), ""};
      if (!step.agent.parents.empty()) {
        step.parent = &run->agent(step.agent.parents.front());
        if (auto filled = compare(*run, (*bench)->toolchain(), style, step); !filled) return filled.error();
      }
      steps.push_back(std::move(step));
    }
    const Json stages = stage_seconds(read_events(run->directory.events()));
    print(environment, explain_json(steps, stages), explain_text(steps, stages));
    return 0;
  }

 private:
  static constexpr int kMargin = 4;

  static Result<void> compare(const OpenedRun& run, Toolchain& toolchain, const TextStyle& style, Step& step) {
    auto before = run.pool->source(step.parent->id);
    if (!before) return before.error();
    auto after = run.pool->source(step.agent.id);
    if (!after) return after.error();
    auto diff = ask_diff(toolchain, *before, *after);
    if (!diff) return diff.error();
    step.diff = std::move(*diff);
    step.diff_text = diff_text(step.diff, style);
    return {};
  }

  std::string run_, agent_;
};

}  // namespace

std::unique_ptr<Command> make_explain_command(CLI::App& app) { return std::make_unique<ExplainCommand>(app); }

}  // namespace hyperagent
