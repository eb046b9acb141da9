// `hyperagent diff`: what makes two agents of a run different, on their syntax trees.
#include <CLI/CLI.hpp>

#include "hyperagent/cli/ast_questions.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/lineage_steps.h"
#include "hyperagent/cli/opened_run.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/report/diff_text.h"
#include "hyperagent/report/html.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

class DiffCommand : public Command {
 public:
  explicit DiffCommand(CLI::App& parent) : Command(parent, "diff", "Compare the syntax trees of two agents", "hyperagent diff my_run blank best --unified") {
    app().add_option("DIR", run_, "Directory of the run")->required();
    app().add_option("A", before_, "best, blank, an id, or the beginning of a commit id")->required();
    app().add_option("B", after_, "The same; not with --lineage");
    app().add_option("--format", format_, "text (default), json or html (a fragment for a page)")->check(CLI::IsMember({"text", "json", "html"}));
    app().add_flag("--unified", unified_, "The text of both as a unified diff, too");
    app().add_flag("--lineage", lineage_, "Every step that led to A: its reason, scores and diff");
  }

  Result<int> run(Environment& environment) override {
    auto run = open_run(run_);
    if (!run) return run.error();
    auto a = run->pool->resolve(before_);
    if (!a) return a.error();
    auto bench = Workbench::open(environment.paths, 1);
    if (!bench) return bench.error();
    if (json()) format_ = "json";
    if (unified_ && format_ == "html") return user_error("--unified goes with --format text or json, not with html");
    if (lineage_) return show_lineage(environment, *run, *a, (*bench)->toolchain());
    if (after_.empty()) return user_error("diff compares two agents: name a second one, or give --lineage");
    auto b = run->pool->resolve(after_);
    if (!b) return b.error();
    auto before = run->pool->source(*a);
    if (!before) return before.error();
    auto after = run->pool->source(*b);
    if (!after) return after.error();
    auto diff = ask_diff((*bench)->toolchain(), *before, *after);
    if (!diff) return diff.error();

    if (format_ == "json") {
      Json reply = {{"a", *a}, {"b", *b}, {"diff", *diff}};
      if (unified_) reply["unified"] = unified_diff(*before, *after, {});
      environment.console.print_json(reply);
      return 0;
    }
    if (format_ == "html") {
      environment.console.print(diff_html(*diff));
      return 0;
    }
    const TextStyle style = terminal_style(environment.console.out());
    std::string text = heading(run->agent(*a), "from", style) + heading(run->agent(*b), "to  ", style) + "\n" + diff_text(*diff, style);
    if (unified_) text += "\n" + unified_diff(*before, *after, style);
    environment.console.print(text);
    return 0;
  }

 private:
  static constexpr int kMargin = 4;

  Result<int> show_lineage(Environment& environment, const OpenedRun& run, int agent, Toolchain& toolchain) {
    if (!after_.empty() || unified_) return user_error("--lineage goes with one agent, and without --unified");
    TextStyle style = terminal_style(environment.console.out());
    style.width -= kMargin;
    auto steps = lineage_steps(run, agent, toolchain, style);
    if (!steps) return steps.error();
    if (format_ == "json") environment.console.print_json(explain_json(*steps, Json()));
    else environment.console.print(format_ == "html" ? lineage_html(*steps) : explain_text(*steps, Json(), style.width + kMargin));
    return 0;
  }

  static std::string heading(const AgentRecord& agent, const std::string& role, const TextStyle& style) {
    const auto width = static_cast<std::size_t>(style.width);
    std::string head = role + " agent " + std::to_string(agent.id) + " (" + short_commit(agent) + ")";
    const std::string scores = "train " + mean_text(agent.train) + "  val " + mean_text(agent.val), reason = one_line(agent.reason, 80);
    const bool beside = head.size() + 2 + scores.size() + (reason.empty() ? 0 : 2 + reason.size()) <= width;
    if (beside) return head + "  " + scores + (reason.empty() ? "" : "  " + reason) + "\n";
    head = head.size() + 2 + scores.size() <= width ? head + "  " + scores + "\n" : wrapped(head, "", width) + wrapped(scores, "     ", width);
    return head + wrapped(reason, "     ", width);
  }

  std::string run_, before_, after_, format_ = "text";
  bool unified_ = false, lineage_ = false;
};

}  // namespace

std::unique_ptr<Command> make_diff_command(CLI::App& app) { return std::make_unique<DiffCommand>(app); }

}  // namespace hyperagent
