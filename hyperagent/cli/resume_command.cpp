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
    auto pool = open_begun(directory->archive());
    if (!pool) return pool.error();
    RunSettings settings = directory->settings();
    std::unique_ptr<Pool> known;
    const bool asked = settings.loop.target || settings.loop.patience > 0 || budget_.target || budget_.patience;
    if (*pool && asked) {  // it reads the archive once more: 0.2 ms an agent
      auto earlier = known_to_next(**pool, settings.loop);
      if (!earlier) return earlier.error();
      known = std::move(*earlier);
    }
    auto limits = extended(settings, reached(pool->get(), known ? known.get() : pool->get(), directory->events()));
    if (!limits) return limits.error();
    models_.apply_budget(settings.model);
    if (auto saved = directory->save(settings); !saved) return saved.error();
    auto tools = SearchTools::open(environment, *directory, workers_);
    if (!tools) return tools.error();
    if (*pool == nullptr) {
      pool = GitPool::create(directory->archive(), archive_options(settings, tools->domain->name()));
      if (!pool) return pool.error();
    }
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
  struct Reached {
    int generation = 0, candidates = 0, stale = 0;
    double seconds = 0, cost = 0;
    long long tokens = 0;
    std::optional<double> best;
  };

  // Null for a run that was stopped before its first agents were in the archive.
  static Result<std::unique_ptr<GitPool>> open_begun(const std::string& archive) {
    std::error_code code;
    if (!std::filesystem::exists(archive + "/HEAD", code)) return std::unique_ptr<GitPool>();
    auto pool = GitPool::open(archive);
    if (pool || pool.error().kind != ErrorKind::UserInput || std::filesystem::exists(archive + "/refs/heads/main", code)) return pool;
    return std::unique_ptr<GitPool>();
  }

  // `known`: the pool as the next generation will know it, by which the search decides whether it has reached its target or lost patience.
  static Reached reached(const GitPool* pool, const Pool* known, const std::string& events) {
    Reached done;
    done.seconds = seconds_used(read_events(events));
    if (pool == nullptr) return done;
    done.candidates = static_cast<int>(pool->candidate_count());
    if (known->best() >= 0) done.best = ranking_score(known->agents()[static_cast<std::size_t>(known->best())]);
    if (known->state().is_object()) done.stale = known->state().value("stale", 0);
    if (!pool->state().is_object()) return done;
    done.generation = pool->state().value("generation", 0);
    const ModelUse use = model_use_from(pool->state().value("model", Json()));
    done.tokens = use.tokens();
    done.cost = use.cost;
    return done;
  }

  // Puts what was given into the settings; the loop's options have what is left of the time. What is given replaces spent limits of other
  // kinds, but for those of money and tokens. A limit that is spent and stays is a user error: the run would stop at once.
  Result<LoopOptions> extended(RunSettings& settings, const Reached& done) const {
    LoopOptions& loop = settings.loop;
    budget_.apply(loop);
    if (budget_.max_time) loop.max_seconds = done.seconds + *budget_.max_time;
    const auto spent = [](const std::string& what, const std::string& give) {
      return user_error("the run " + what + " already, so it would stop at once: give " + give);
    };
    const std::string or_another = " or, alone, a limit of another kind, such as ", or_time = or_another + "--max-time 60";
    if (models_.max_tokens && done.tokens >= *models_.max_tokens)
      return spent("has used " + std::to_string(done.tokens) + " tokens", "--max-tokens above that, which counts them all");
    if (models_.max_cost && done.cost >= *models_.max_cost) return spent("has spent $" + decimal(done.cost, 5), "--max-cost above that, which counts all of it");
    if (loop.generations > 0 && done.generation >= loop.generations) {
      if (budget_.generations || !budget_.bounds())
        return spent("is at generation " + std::to_string(done.generation), "--generations " + std::to_string(done.generation + 1) + " or more," + or_time);
      loop.generations = 0;
    }
    if (loop.max_candidates > 0 && done.candidates >= loop.max_candidates) {
      if (budget_.max_candidates || !budget_.bounds())
        return spent("has made " + plural(static_cast<std::size_t>(done.candidates), "candidate"),
                     "--max-candidates " + std::to_string(done.candidates + 1) + " or more," + or_time);
      loop.max_candidates = 0;
    }
    if (loop.patience > 0 && done.stale >= loop.patience) {
      if (budget_.patience || !budget_.bounds())
        return spent("has had " + plural(static_cast<std::size_t>(done.stale), "generation") + " without a better agent",
                     "--patience " + std::to_string(done.stale + 1) + " or more," + or_time);
      loop.patience = 0;
    }
    if (loop.target && done.best && *done.best >= *loop.target) {
      if (budget_.target || !budget_.bounds()) return spent("has an agent that scores " + decimal(*done.best), "a higher --target," + or_time);
      loop.target.reset();
    }
    if (loop.max_seconds > 0 && done.seconds >= loop.max_seconds) {
      if (!budget_.bounds())
        return spent("has searched for " + duration(done.seconds),
                     "--max-time SECONDS for so many more," + or_another + "--generations " + std::to_string(done.generation + 10));
      loop.max_seconds = 0;
    }
    LoopOptions options = loop;
    if (options.max_seconds == 0) return options;
    options.seconds_before = done.seconds;
    options.max_seconds -= done.seconds;
    return options;
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
