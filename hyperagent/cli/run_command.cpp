// `hyperagent run`: everything that can be wrong with the input is checked before anything is created.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "domains/domains.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/entry_point.h"
#include "hyperagent/cli/model_flags.h"
#include "hyperagent/cli/search_flags.h"
#include "hyperagent/cli/search_session.h"
#include "hyperagent/model/journal.h"

namespace hyperagent {
namespace {

constexpr double kDefaultSeconds = 180;
constexpr const char* kModelMeta = "model_driven";

class RunCommand : public Command {
 public:
  explicit RunCommand(CLI::App& parent)
      : Command(parent, "run", "Search for a good agent, from a blank one or from yours", "hyperagent run --domain repair --run my_run --max-time 180") {
    app().add_option("--domain", domain_, "A known domain (`hyperagent domain list`) or a folder with domain.json");
    app().add_option("--run", run_, "Directory of the run; new or empty")->required();
    app().add_option("--data", data_, "Folder with the domain's tasks");
    app().add_option("--agent", agent_, "Agent to start from: blank (default), another shipped one, or a directory with agent.json");
    app().add_option("--seed-agent", seeds_, "Further agents to start from: names or directories");
    app().add_option("--search", search_, "Strategy: dgmh (default), greedy, random or best_of_n");
    app().add_option("--seed", seed_, "Seed of all randomness (1)")->check(CLI::NonNegativeNumber);
    app().add_option("--batch", batch_, "Candidates per generation (4); 1: each knows all before it")->check(CLI::Range(1, 10'000));
    app().add_flag("--no-overlap", no_overlap_, "Begin a generation only when the one before is archived: it knows more, and workers wait");
    app().add_option("--meta", meta_, "Meta half of agents that bring none: typed_mutation (default), model_driven (default with --model)");
    models_.add_to(app(), /*model_from_environment=*/true);
    models_.add_replay_to(app());
    models_.add_budget_to(app(), /*resuming=*/false);
    add_workers_flag(app(), workers_);
    budget_.add_to(app(), /*resuming=*/false);
    approval_.add_to(app(), /*resuming=*/false);
  }

  Result<int> run(Environment& environment) override {
    if (auto taken = take_over_recorded(); !taken) return taken.error();
    if (domain_.empty()) return user_error("say which domain: --domain NAME or a folder with domain.json; `hyperagent domain list` lists the known ones");
    auto model = models_.settings(recorded_ ? recorded_->model : Json());
    if (!model) return model.error();
    if (meta_.empty() && !model->is_null()) meta_ = kModelMeta;
    if (auto known = check_meta(environment.paths); !known) return known.error();
    auto strategy = make_strategy(search_);
    if (!strategy) return strategy.error();
    const std::string path = absolute_path(run_);
    if (auto free = RunDirectory::check_new(path); !free) return free.error();
    auto agents = load_agents(environment.paths);
    if (!agents) return agents.error();
    auto policy = approval_.policy();
    if (!policy) return policy.error();
    if (auto space = check_free_space(path); !space) return space.error();

    RunSettings settings = read_settings(environment.paths);
    auto bench = Workbench::open(environment.paths, worker_count(workers_, wants_device(settings.domain)), *policy, wants_device(settings.domain));
    if (!bench) return bench.error();
    note_missing_device(environment.console, settings.domain);
    settings.policy = *policy;
    settings.model = *model;
    settings.meta = meta_;
    auto domain = open_domain(environment.paths, **bench, {settings.domain, settings.data, "", environment.paths.cache});
    if (!domain) return domain.error();
    if (agent_ == "blank" && (*domain)->blank_agent() != agent_) {  // what knows nothing depends on the entry point
      auto blank = load_blank(environment.paths, (*domain)->blank_agent(), meta_);
      if (!blank) return blank.error();
      agents->front() = std::move(*blank);
    }
    for (const LoadedAgent& agent : *agents) {
      auto compiled = (*bench)->compile(agent.source, agent.name);
      if (!compiled) return compiled.error();
      if (auto fits = check_entry(*compiled, agent.name, **domain); !fits) return fits.error();
    }
    // The input is good; from here on things are created.
    auto directory = RunDirectory::create(path, settings);
    if (!directory) return directory.error();
    auto completions = open_models(*directory, environment.console);
    if (!completions) {
      directory->discard();
      return completions.error();
    }
    auto status = search(environment, **bench, **domain, **strategy, *directory, *agents, completions->get());
    if (!status && (begun_ ? status.error().kind == ErrorKind::UserInput && no_proposal_yet(*directory)
                           : status.error().kind != ErrorKind::Interrupted))
      directory->discard();
    return status;
  }

 private:
  Result<std::vector<LoadedAgent>> load_agents(const Paths& paths) const {
    std::vector<LoadedAgent> agents;
    auto first = load_agent(paths, agent_, meta_);
    if (!first) return first.error();
    agents.push_back(std::move(*first));
    for (const std::string& name : seeds_) {
      auto agent = load_agent(paths, name, meta_);
      if (!agent) return agent.error();
      agents.push_back(std::move(*agent));
    }
    return agents;
  }

  // A key or the name of a model turned out wrong with the first question: nothing is lost with the run, and the next try is not to stumble
  // over it.
  static bool no_proposal_yet(const RunDirectory& directory) {
    bool asked = false;
    auto read = model::read_exchanges(directory.exchanges(), [&](const model::Exchange&) { asked = true; });
    auto pool = GitPool::open_read_only(directory.archive());
    return read && !asked && pool && (*pool)->candidate_count() == 0;
  }

  RunSettings read_settings(const Paths& paths) const {
    const auto place = [&](const std::string& agent) { return is_agent_path(paths, agent) ? absolute_path(agent) : agent; };
    RunSettings settings;
    settings.domain = domain_name(domain_);
    if (!data_.empty()) settings.data = absolute_path(data_);
    settings.agent = place(agent_);
    for (const std::string& seed : seeds_) settings.seeds.push_back(place(seed));
    settings.search = search_;
    if (recorded_) settings.loop = recorded_->loop;
    settings.loop.seed = seed_;
    settings.loop.batch = batch_;
    settings.loop.overlap = !no_overlap_ && batch_ > 1;
    budget_.apply(settings.loop);
    settings.loop.max_seconds = budget_.max_time.value_or(budget_.bounds() || last_generation_ > 0 ? 0 : kDefaultSeconds);
    return settings;
  }

  // A replay is the recorded run again: whatever is not given is as it was there, and it ends where that one ended.
  Result<void> take_over_recorded() {
    std::error_code code;
    if (!models_.replays() || !std::filesystem::exists(models_.from + "/run.json", code)) return {};
    auto recorded = RunDirectory::open(models_.from);
    if (!recorded) return recorded.error();
    recorded_ = recorded->settings();
    const auto given = [&](const char* option) { return app().count(option) > 0; };
    if (!given("--domain")) domain_ = recorded_->domain;
    if (!given("--data")) data_ = recorded_->data;
    if (!given("--agent")) agent_ = recorded_->agent;
    if (!given("--seed-agent")) seeds_ = recorded_->seeds;
    if (!given("--search")) search_ = recorded_->search;
    if (!given("--meta")) meta_ = recorded_->meta;
    if (!given("--seed")) seed_ = recorded_->loop.seed;
    if (!given("--batch")) batch_ = recorded_->loop.batch;
    if (!given("--no-overlap")) no_overlap_ = !recorded_->loop.overlap;
    if (budget_.bounds()) return {};
    auto pool = GitPool::open_read_only(recorded->archive());
    if (!pool) return pool.error();
    if ((*pool)->state().is_object()) last_generation_ = (*pool)->state().value("generation", 0);
    return {};
  }

  Result<void> check_meta(const Paths& paths) const {
    const auto known = shipped_meta_halves(paths);
    if (meta_.empty() || std::find(known.begin(), known.end(), meta_) != known.end()) return {};
    std::string names;
    for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
    return user_error("there is no meta half '" + meta_ + "': say one of " + names + ", or put one into your agent's meta folder");
  }

  Result<int> search(Environment& environment, Workbench& bench, const Domain& domain, Strategy& strategy, RunDirectory& directory,
                     const std::vector<LoadedAgent>& agents, Completions* completions) {
    auto pool = GitPool::create(directory.archive(), archive_options(directory.settings(), domain.name()));
    if (!pool) return pool.error();
    const auto approver = make_approver(approval_.approve, environment.console, bench);
    LoopOptions options = directory.settings().loop;
    options.last_generation = last_generation_;
    auto session = SearchSession::begin({environment, bench, domain, strategy, directory, **pool, options, json(), approver.get(), completions}, "run");
    if (!session) return session.error();
    auto roots = (*session)->add_roots(agents);
    if (!roots) return roots.error();
    begun_ = true;
    return (*session)->run();
  }

  std::string domain_, run_, data_, agent_ = "blank", search_ = "dgmh", meta_;
  std::vector<std::string> seeds_;
  std::uint64_t seed_ = 1;
  int batch_ = 4, workers_ = 0;
  bool no_overlap_ = false;
  BudgetFlags budget_;
  ApprovalFlags approval_;
  ModelFlags models_;
  std::optional<RunSettings> recorded_;  // of the run that is replayed
  int last_generation_ = 0;              // where that one ended
  bool begun_ = false;  // the first agents are in the archive
};

}  // namespace

std::unique_ptr<Command> make_run_command(CLI::App& app) { return std::make_unique<RunCommand>(app); }

}  // namespace hyperagent
