// `hyperagent show`: one agent in full.
#include <CLI/CLI.hpp>

#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/model_flags.h"
#include "hyperagent/cli/opened_run.h"
#include "hyperagent/model/journal.h"
#include "hyperagent/report/phrases.h"
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
    app().add_flag("--model-log", model_log_, "Print its exchanges with language models instead: the ones that made it, and its own");
  }

  Result<int> run(Environment& environment) override {
    auto run = open_run(run_);
    if (!run) return run.error();
    auto id = run->pool->resolve(agent_);
    if (!id) return id.error();
    if (model_log_) return show_exchanges(environment, *run, *id);
    auto source = run->pool->source(*id);
    if (!source) return source.error();
    const AgentView view{run->agent(*id), *source, run->pool->candidates_of(*id), children_of(run->pool->agents())[static_cast<std::size_t>(*id)],
                         *id == run->pool->best()};
    print(environment, show_json(view), show_text(view, source_));
    return 0;
  }

 private:
  // Those of the proposal that became this agent, then what its own two halves asked.
  Result<int> show_exchanges(Environment& environment, const OpenedRun& run, int id) const {
    const AgentRecord& agent = run.agent(id);
    int slot = -1;
    const std::string parent = agent.parents.empty() ? "" : run.agent(agent.parents.front()).ast_hash;
    if (!agent.parents.empty())
      for (const CandidateRecord& made : run.pool->candidates_of(agent.parents.front()))
        if (made.agent == id) slot = made.slot;
    std::vector<model::Exchange> making, own;
    auto read = model::read_exchanges(run.directory.exchanges(), [&](model::Exchange exchange) {
      const CallSite& site = exchange.site;
      if (site.entry == "improve" && site.program == parent && site.generation == agent.generation && site.slot == slot) making.push_back(std::move(exchange));
      else if (site.program == agent.ast_hash) own.push_back(std::move(exchange));
    });
    if (!read) return read.error();
    Json list = Json::array();
    std::string text;
    ModelUse use;
    for (const auto* part : {&making, &own})
      for (const model::Exchange& exchange : *part) {
        list.push_back(to_json(exchange));
        list.back()["served"] = part == &making ? "made it" : "asked by it";
        text += exchange_text(exchange, part == &making);
        use += exchange.use;
      }
    text = "agent " + std::to_string(id) + ": " + (list.empty() ? "no exchanges with language models" : use_text(use)) + "\n" + text;
    print(environment, {{"agent", id}, {"exchanges", list}, {"use", to_json(use)}}, text);
    return 0;
  }

  // What was said before is in the exchange before: only the last message is shown.
  static std::string exchange_text(const model::Exchange& exchange, bool made_it) {
    const Json messages = exchange.request.value("messages", Json::array());
    std::string text = "\n== " + std::string(made_it ? "made it, " : "") + exchange.site.entry + " (" + one_line(exchange.site.place, 60) + "), call " + std::to_string(exchange.number + 1) + ", model " +
                       one_line(exchange.reply.value("model", exchange.request.value("model", "")), 60) + ", " + use_text(exchange.use) + ", " + decimal(exchange.seconds, 2) + " s" +
                       (exchange.tries > 1 ? ", " + std::to_string(exchange.tries) + " tries" : "") + "\n";
    if (exchange.number == 0 && messages.size() > 1 && messages.front().is_object()) text += indented(printable(messages.front().value("text", "")), "  system| ");
    if (!messages.empty() && messages.back().is_object()) text += indented(printable(messages.back().value("text", "")), "  asked | ");
    if (exchange.reply.contains("error")) return text + indented(printable(exchange.reply.value("error", "")), "  error | ");
    return text + indented(printable(exchange.reply.value("text", "")), "  said  | ");
  }

  std::string run_, agent_;
  bool source_ = false, model_log_ = false;
};

}  // namespace

std::unique_ptr<Command> make_show_command(CLI::App& app) { return std::make_unique<ShowCommand>(app); }

}  // namespace hyperagent
