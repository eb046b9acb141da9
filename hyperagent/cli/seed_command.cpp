// `hyperagent seed`: puts hand-written agents into an existing run, as further roots to search from.
#include <CLI/CLI.hpp>

#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/entry_point.h"
#include "hyperagent/cli/search_flags.h"
#include "hyperagent/cli/search_session.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

class SeedCommand : public Command {
 public:
  explicit SeedCommand(CLI::App& parent)
      : Command(parent, "seed", "Add hand-written agents to a run", "hyperagent seed my_run my_agent && hyperagent resume my_run --generations 40") {
    app().add_option("DIR", run_, "Directory of the run")->required();
    app().add_option("AGENT", agents_, "Directories with agent.json, or names of shipped agents")->required();
    add_workers_flag(app(), workers_);
  }

  Result<int> run(Environment& environment) override {
    auto directory = RunDirectory::open(run_);
    if (!directory) return directory.error();
    std::vector<LoadedAgent> agents;
    for (const std::string& name : agents_) {
      auto agent = load_agent(environment.paths, name, directory->settings().meta);
      if (!agent) return agent.error();
      agents.push_back(std::move(*agent));
    }
    auto tools = SearchTools::open(environment, *directory, workers_);
    if (!tools) return tools.error();
    for (const LoadedAgent& agent : agents) {
      auto compiled = tools->workbench->compile(agent.source, agent.name);
      if (!compiled) return compiled.error();
      if (auto fits = check_entry(*compiled, agent.name, *tools->domain); !fits) return fits.error();
    }
    auto pool = GitPool::open(directory->archive());
    if (!pool) return pool.error();
    const std::size_t before = (*pool)->agents().size();
    auto session = SearchSession::begin({environment, *tools->workbench, *tools->domain, *tools->strategy, *directory, **pool, directory->settings().loop, json(), nullptr, tools->models.get()}, "seed");
    if (!session) return session.error();
    auto ids = (*session)->add_roots(agents);
    if (!ids) return ids.error();
    report(environment, **pool, *ids, before);
    return 0;
  }

 private:
  void report(Environment& environment, const GitPool& pool, const std::vector<int>& ids, std::size_t before) const {
    Json added = Json::array();
    std::string text;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const AgentRecord& agent = pool.agents()[static_cast<std::size_t>(ids[i])];
      const bool known = static_cast<std::size_t>(agent.id) < before;
      added.push_back({{"agent", agent.id}, {"name", agents_[i]}, {"known", known}, {"train", to_json(agent.train)}, {"val", to_json(agent.val)}});
      text += one_line(agents_[i]) + ": agent " + std::to_string(agent.id) + (known ? " (the run has this program already)" : "") + ", train " +
              score_text(agent.train) + ", val " + score_text(agent.val) + "\n";
    }
    print(environment, {{"event", "seeded"}, {"added", added}, {"archive_head", pool.head()}},
          text + "search from them: hyperagent resume " + shell_word(run_) + " --max-time 60\n");
  }

  std::string run_;
  std::vector<std::string> agents_;
  int workers_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_seed_command(CLI::App& app) { return std::make_unique<SeedCommand>(app); }

}  // namespace hyperagent
