// `hyperagent evaluate`: scores an archived agent on a split. The only thing that ever touches test.
#include <CLI/CLI.hpp>

#include "domains/domains.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/entry_point.h"
#include "hyperagent/cli/model_flags.h"
#include "hyperagent/cli/event_log.h"
#include "hyperagent/cli/opened_run.h"
#include "hyperagent/cli/search_flags.h"
#include "hyperagent/cli/stop_signals.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/loop/evaluate.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

constexpr double kGraceSeconds = 1.5;
constexpr std::size_t kUnsolvedShown = 10;

std::string report_text(int agent, const std::string& where, const EvaluateReport& report) {
  std::string text = "agent " + std::to_string(agent) + " on " + where + ": " + score_text(report.score) + "\n";
  if (report.metrics.is_object())
    for (const auto& [name, value] : report.metrics.items())
      text += "  " + one_line(name) + " " + (value.is_number_float() ? decimal(value.get<double>()) : one_line(value.dump(), 80)) + "\n";
  if (report.answered < report.results.size())
    text += "  no result at all on " + plural(report.results.size() - report.answered, "task") + "\n";
  const Unsolved unsolved = unsolved_tasks(report.results, kUnsolvedShown);
  if (unsolved.count > 0) text += "  " + unsolved.title + ":\n" + unsolved.lines;
  return text;
}

class EvaluateCommand : public Command {
 public:
  explicit EvaluateCommand(CLI::App& parent)
      : Command(parent, "evaluate", "Score an agent of a run on a split; test is only ever scored here", "hyperagent evaluate my_run best --split test") {
    app().add_option("DIR", run_, "Directory of the run")->required();
    app().add_option("AGENT", agent_, "best, blank, an id, or the beginning of a commit id")->required();
    app().add_option("--split", split_, "train, val or test")->required();
    app().add_option("--domain", domain_, "Another domain than the run's");
    app().add_option("--data", data_, "Folder with the tasks to grade; training examples stay those of the run");
    add_workers_flag(app(), workers_);
  }

  Result<int> run(Environment& environment) override {
    const auto split = split_from(split_);
    if (!split) return user_error("there is no split '" + split_ + "': say train, val or test");
    auto run = open_run(run_);
    if (!run) return run.error();
    auto id = run->pool->resolve(agent_);
    if (!id) return id.error();
    auto source = run->pool->source(*id);
    if (!source) return source.error();
    const DomainChoice choice = chosen_domain(run->directory, environment.paths.cache);
    auto bench = Workbench::open(environment.paths, worker_count(workers_, wants_device(choice.name)), {}, wants_device(choice.name));
    if (!bench) return bench.error();
    note_missing_device(environment.console, choice.name);
    auto domain = open_domain(environment.paths, **bench, choice);
    if (!domain) return domain.error();
    if ((*domain)->size(*split) == 0) return user_error("the domain " + choice.name + " has no tasks in its " + split_ + " split there");
    auto models = open_models(run->directory, environment.console);
    if (!models) return models.error();
    auto compiled = (*bench)->compile(*source, std::to_string(*id));
    if (!compiled) return compiled.error();
    if (auto fits = check_entry(*compiled, std::to_string(*id), **domain); !fits) return fits.error();

    const SystemClock clock;
    CancelFlag cancel = false;
    const std::string stopped = "stopped; nothing was scored, evaluate again";
    StopSignals signals(cancel, kGraceSeconds, [] {}, [&] {
      if (json()) environment.console.print_json({{"error", stopped}});
      environment.console.note("hyperagent: " + stopped + "\n");
    });
    const double began = clock.seconds();
    const auto runners = (*bench)->runners();
    auto report = evaluate_agent(compiled->library, **domain, *split, runners, clock, cancel, models->get(), compiled->ast_hash);
    if (!report) return signals.signalled() ? interrupted_error(stopped) : report.error();
    return finish(environment, *run, *id, choice, *report, clock.seconds() - began);
  }

 private:
  DomainChoice chosen_domain(const RunDirectory& directory, const std::string& cache) const {
    const RunSettings& settings = directory.settings();
    DomainChoice choice{settings.domain, settings.data, "", cache};
    const std::string data = data_.empty() ? "" : absolute_path(data_);
    if (!domain_.empty() && domain_name(domain_) != settings.domain) {
      choice.name = domain_name(domain_);
      choice.data = data;
    } else {
      choice.graded_data = data;
    }
    return choice;
  }

  Result<int> finish(Environment& environment, const OpenedRun& run, int id, const DomainChoice& choice, const EvaluateReport& report, double seconds) const {
    Json json = to_json(report);
    json["per_task"] = std::move(json["tasks"]);
    json.erase("tasks");
    json["agent"] = id;
    json["split"] = split_;
    Json event = json;
    event.erase("per_task");
    event.update({{"event", "evaluation"}, {"domain", choice.name}, {"data", data_}, {"seconds_taken", seconds}, {"commit", run.agent(id).commit}});
    print(environment, json, report_text(id, split_ + (data_.empty() ? "" : " of " + data_), report));
    auto log = EventLog::open(run.directory.events());
    if (!log) return log.error();
    if (auto logged = log->append(std::move(event)); !logged) return logged.error();
    return 0;
  }

  std::string run_, agent_, split_, domain_, data_;
  int workers_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_evaluate_command(CLI::App& app) { return std::make_unique<EvaluateCommand>(app); }

}  // namespace hyperagent
