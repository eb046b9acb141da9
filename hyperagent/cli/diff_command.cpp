// `hyperagent diff`: what makes two agents of a run different, on their syntax trees.
#include <CLI/CLI.hpp>

#include "hyperagent/cli/ast_questions.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/opened_run.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/report/diff_text.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

class DiffCommand : public Command {
 public:
  explicit DiffCommand(CLI::App& parent) : Command(parent, "diff", "Compare the syntax trees of two agents", "hyperagent diff my_run blank best --unified") {
    app().add_option("DIR", run_, "Directory of the run")->required();
    app().add_option("A", before_, "best, blank, an id, or the beginning of a commit id")->required();
    app().add_option("B", after_, "The same")->required();
    app().add_option("--format", format_, "text (default) or json")->check(CLI::IsMember({"text", "json"}));
    app().add_flag("--unified", unified_, "The text of both as a unified diff, too");
  }

  Result<int> run(Environment& environment) override {
    auto run = open_run(run_);
    if (!run) return run.error();
    auto a = run->pool->resolve(before_);
    if (!a) return a.error();
    auto b = run->pool->resolve(after_);
    if (!b) return b.error();
    auto before = run->pool->source(*a);
    if (!before) return before.error();
    auto after = run->pool->source(*b);
    if (!after) return after.error();
    auto bench = Workbench::open(environment.paths, 1);
    if (!bench) return bench.error();
    auto diff = ask_diff((*bench)->toolchain(), *before, *after);
    if (!diff) return diff.error();

    if (json() || format_ == "json") {
      Json reply = {{"a", *a}, {"b", *b}, {"diff", *diff}};
      if (unified_) reply["unified"] = unified_diff(*before, *after, {});
      environment.console.print_json(reply);
      return 0;
    }
    const TextStyle style = terminal_style(environment.console.out());
    std::string text = heading(run->agent(*a), "from") + heading(run->agent(*b), "to  ") + "\n" + diff_text(*diff, style);
    if (unified_) text += "\n" + unified_diff(*before, *after, style);
    environment.console.print(text);
    return 0;
  }

 private:
  static std::string heading(const AgentRecord& agent, const std::string& role) {
    return role + " agent " + std::to_string(agent.id) + " (" + short_commit(agent) + ")  train " + mean_text(agent.train) + "  val " + mean_text(agent.val) +
           (agent.reason.empty() ? "" : "  " + one_line(agent.reason, 80)) + "\n";
  }

  std::string run_, before_, after_, format_ = "text";
  bool unified_ = false;
};

}  // namespace

std::unique_ptr<Command> make_diff_command(CLI::App& app) { return std::make_unique<DiffCommand>(app); }

}  // namespace hyperagent
