// `hyperagent resume`: goes on exactly where a run stopped, whatever stopped it.
#include <CLI/CLI.hpp>
#include <filesystem>

#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/search_flags.h"
#include "hyperagent/cli/search_session.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

class ResumeCommand : public Command {
 public:
  explicit ResumeCommand(CLI::App& parent)
      : Command(parent, "resume", "Go on with a run that was stopped or reached its limits", "hyperagent resume my_run --max-time 60") {
    app().add_option("DIR", run_, "Directory of the run")->required();
    add_workers_flag(app(), workers_);
    budget_.add_to(app(), /*resuming=*/true);
    approval_.add_to(app(), /*resuming=*/true);
    models_.add_budget_to(app(), /*resuming=*/true);
  }

  Result<int> run(Environment& environment) override {
    auto directory = RunDirectory::open(run_);
    if (!directory) return directory.error();
    RunSettings settings = directory->settings();
    auto limits = extended(settings, seconds_used(read_events(directory->events())));
    if (!limits) return limits.error();
    models_.apply_budget(settings.model);
    if (auto saved = directory->save(settings); !saved) return saved.error();
    auto tools = SearchTools::open(environment, *directory, workers_);
    if (!tools) return tools.error();
    auto pool = open_pool(*directory, tools->domain->name());
    if (!pool) return pool.error();
    std::vector<LoadedAgent> roots;
    if ((*pool)->agents().empty()) {  // it was stopped while its first agents were scored
      auto loaded = first_agents(environment.paths, settings, tools->domain->blank_agent());
      if (!loaded) return loaded.error();
      roots = std::move(*loaded);
    }
    const auto approver = make_approver(approval_.approve, environment.console, *tools->workbench);
    auto session = SearchSession::begin({environment, *tools->workbench, *tools->domain, *tools->strategy, *directory, **pool, *limits, json(), approver.get(), tools->models.get()}, "resume");
    if (!session) return session.error();
    if (auto added = (*session)->add_roots(roots); !added) return added.error();
    return (*session)->run();
  }

 private:
  // Puts what was given into the settings; the loop's options have what is left of the time.
  Result<LoopOptions> extended(RunSettings& settings, double used) const {
    budget_.apply(settings.loop);
    if (budget_.max_time) settings.loop.max_seconds = used + *budget_.max_time;
    LoopOptions options = settings.loop;
    if (options.max_seconds == 0) return options;
    options.seconds_before = used;
    options.max_seconds -= used;
    if (options.max_seconds > 0) return options;
    if (!budget_.bounds())
      return user_error("the run has used its " + duration(settings.loop.max_seconds) + ": give --max-time SECONDS for more, or --generations N");
    settings.loop.max_seconds = options.max_seconds = 0;  // another limit was given: it alone counts now
    return options;
  }

  static Result<std::unique_ptr<GitPool>> open_pool(const RunDirectory& directory, const std::string& domain) {
    std::error_code code;
    if (std::filesystem::exists(directory.archive() + "/HEAD", code)) {
      auto pool = GitPool::open(directory.archive());
      if (pool || pool.error().kind != ErrorKind::UserInput || std::filesystem::exists(directory.archive() + "/refs/heads/main", code)) return pool;
    }
    return GitPool::create(directory.archive(), archive_options(directory.settings(), domain));
  }

  static Result<std::vector<LoadedAgent>> first_agents(const Paths& paths, const RunSettings& settings, const std::string& blank) {
    std::vector<std::string> names = settings.seeds;
    names.insert(names.begin(), settings.agent);
    std::vector<LoadedAgent> agents;
    for (const std::string& name : names) {
      auto agent = name == "blank" ? load_blank(paths, blank, settings.meta) : load_agent(paths, name, settings.meta);
      if (!agent) return agent.error();
      agents.push_back(std::move(*agent));
    }
    return agents;
  }

  std::string run_;
  int workers_ = 0;
  BudgetFlags budget_;
  ApprovalFlags approval_;
  ModelFlags models_;
};

}  // namespace

std::unique_ptr<Command> make_resume_command(CLI::App& app) { return std::make_unique<ResumeCommand>(app); }

}  // namespace hyperagent
