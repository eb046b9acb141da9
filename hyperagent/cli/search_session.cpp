#include "hyperagent/cli/search_session.h"

#include <unistd.h>

#include "domains/domains.h"
#include "hyperagent/cli/approval.h"
#include "hyperagent/cli/search_flags.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

// Ctrl-C ends the program within 2 s; a step that needs longer than this to notice is not waited for.
constexpr double kGraceSeconds = 1.5;

std::string stopped_text(const std::string& stopped) {
  if (stopped == "generations") return "the number of generations is reached";
  if (stopped == "candidates") return "the number of candidates is reached";
  if (stopped == "target") return "the target score is reached";
  if (stopped == "patience") return "no better agent for as many generations as asked";
  if (stopped == "time") return "the time is up";
  if (stopped == "tokens") return "the budget of tokens is spent (`resume --max-tokens N` goes on; what was answered is kept)";
  if (stopped == "cost") return "the budget of money is spent (`resume --max-cost N` goes on; what was answered is kept)";
  if (stopped == "replayed") return "all of the recorded run is made again";
  return "stopped on request";
}

}  // namespace

std::string shell_word(const std::string& word) {
  const auto plain = [](char c) { return isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("/._-+=:,@%").find(c) != std::string_view::npos; };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Result<SearchTools> SearchTools::open(const Environment& environment, const RunDirectory& directory, int workers) {
  const RunSettings& settings = directory.settings();
  auto strategy = make_strategy(settings.search);
  if (!strategy) return strategy.error();
  if (auto space = check_free_space(directory.path()); !space) return space.error();
  auto workbench = Workbench::open(environment.paths, worker_count(workers, wants_device(settings.domain)), settings.policy, wants_device(settings.domain));
  if (!workbench) return workbench.error();
  auto domain = open_domain(environment.paths, **workbench, {settings.domain, settings.data, "", environment.paths.cache});
  if (!domain) return domain.error();
  auto models = open_models(directory, environment.console);
  if (!models) return models.error();
  return SearchTools{std::move(*strategy), std::move(*models), std::move(*workbench), std::move(*domain)};
}

Result<std::unique_ptr<SearchSession>> SearchSession::begin(Parts parts, const std::string& command) {
  auto log = EventLog::open(parts.directory.events());
  if (!log) return log.error();
  Json event = {{"event", "session"}, {"command", command}, {"version", HYPERAGENT_VERSION}, {"workers", parts.workbench.workers().size()}};
  event["settings"] = to_json(parts.directory.settings());
  if (auto logged = log->append(event); !logged) return logged.error();
  return std::unique_ptr<SearchSession>(new SearchSession(std::move(parts), std::move(*log)));
}

SearchSession::SearchSession(Parts parts, EventLog log)
    : parts_(std::move(parts)),
      log_(std::move(log)),
      printer_({parts_.environment.console, log_, clock_, cancel_, parts_.json, ::isatty(parts_.environment.console.err()) == 1,
                terminal_width(parts_.environment.console.err())},
               ProgressText({parts_.options.generations, parts_.options.max_candidates, parts_.options.max_seconds})),
      signals_(
          cancel_, kGraceSeconds, [this] { parts_.environment.console.note("hyperagent: stopping; once more to stop at once\n"); },
          [this] { on_overdue(); }),
      loop_({parts_.pool, parts_.strategy, parts_.domain, parts_.workbench.workers(), clock_, cancel_, printer_, {}, parts_.approver, parts_.completions}, parts_.options) {}

std::string SearchSession::resume_command() const { return "hyperagent resume " + shell_word(parts_.directory.path()); }

// On the watcher's thread while the others are still busy: only what is safe to touch from there.
void SearchSession::on_overdue() {
  Console& console = parts_.environment.console;
  const std::string message = "stopped; go on with `" + resume_command() + "`";
  if (parts_.json) {
    Json done = printer_.last_generation();
    if (done.is_object()) {
      done["event"] = "done";
      done["stopped"] = "interrupted";
      console.print_json(done);
    } else {
      console.print_json({{"error", message}});
    }
  }
  console.note("hyperagent: " + message + "\n");
}

Error SearchSession::stopped_or(const Error& error) const {
  if (printer_.failure())
    return {ErrorKind::Environment, printer_.failure()->message + "; the archive is intact: make room, then `" + resume_command() + "`"};
  if (signals_.signalled()) return interrupted_error("stopped; go on with `" + resume_command() + "`");
  return error;
}

Result<std::vector<int>> SearchSession::add_roots(const std::vector<LoadedAgent>& agents) {
  std::vector<int> ids;
  for (const LoadedAgent& agent : agents) {
    printer_.working_on("scoring the agent " + one_line(agent.name, 40));
    auto id = loop_.add_root(agent.source, agent.origin, agent.name);
    if (!id) return stopped_or(id.error());
    ids.push_back(*id);
  }
  if (cancel_) return stopped_or(interrupted_error("stopped"));
  if (auto committed = loop_.commit_roots(); !committed) return stopped_or(committed.error());
  return ids;
}

Result<CandidateRecord> SearchSession::settle_queued(const CandidateRecord& queued, bool approved) {
  printer_.working_on(approved ? "trying the approved edit" : "turning the edit down");
  auto record = loop_.settle_queued(queued.parent, {queued.edits, queued.reason, Json()}, approved);
  if (!record) return stopped_or(record.error());
  return record;
}

Result<int> SearchSession::run() {
  printer_.working_on("searching");
  auto summary = loop_.run();
  if (!summary) {
    Error error = stopped_or(summary.error());
    if (error.kind == ErrorKind::Environment && !printer_.failure()) error.message += "; then go on with `" + resume_command() + "`";
    return error;
  }
  if (printer_.failure()) return stopped_or(*printer_.failure());
  const Json done = to_json(*summary);
  if (auto logged = log_.append(done); !logged) return logged.error();
  Console& console = parts_.environment.console;
  if (parts_.json) console.print_json(done);
  else console.print(result_text(*summary));
  if (summary->stopped != "interrupted") return 0;
  console.note("hyperagent: stopped; go on with `" + resume_command() + "`\n");
  return kInterruptedStatus;
}

// A search that came to nothing says what became of its last candidate: often the model or the domain is the reason, and all of them ended
// alike.
std::string SearchSession::nothing_archived(const LoopSummary& summary) const {
  const CandidateRecord* last = nullptr;
  for (const AgentRecord& agent : parts_.pool.agents()) {
    if (!agent.parents.empty()) return "";
    for (const CandidateRecord& candidate : parts_.pool.candidates_of(agent.id))
      if (last == nullptr || candidate.generation >= last->generation) last = &candidate;
  }
  if (last == nullptr) return "";
  return "none of the " + plural(summary.candidates, "candidate") + " was archived; the last one: " + last->outcome +
         (last->message.empty() ? "" : ", " + one_line(last->message, 400));
}

std::string SearchSession::result_text(const LoopSummary& summary) const {
  const AgentRecord& best = parts_.pool.agents()[static_cast<std::size_t>(summary.best_agent)];
  const std::string dir = shell_word(parts_.directory.path());
  std::string text = "\n" + stopped_text(summary.stopped) + ": generation " + std::to_string(summary.generation) + ", " +
                     plural(summary.candidates, "candidate") + ", " + plural(summary.agents, "agent") + " archived, " + duration(summary.seconds) + "\n";
  text += "best: agent " + std::to_string(best.id) + " (" + short_commit(best) + "), " + origin_text(best) + "\n";
  text += "  train " + score_text(best.train) + "\n  val   " + score_text(best.val) + "\n";
  if (!best.reason.empty()) text += wrapped("last step: " + best.reason, "  ");
  if (const std::string why = nothing_archived(summary); !why.empty()) text += wrapped(why, "  ");
  if (summary.use.calls > 0) text += "models: " + use_text(summary.use) + "   (hyperagent show " + dir + " best --model-log)\n";
  text += "\nwhat next\n";
  text += "  hyperagent explain " + dir + " best                 its story, step by step\n";
  const bool blank = parts_.pool.resolve("blank").has_value();
  text += "  hyperagent diff " + dir + (blank ? " blank best" : " 0 best    ") + "              what changed since the start\n";
  text += "  hyperagent evaluate " + dir + " best --split test   its score on tasks nobody has seen\n";
  if (const std::size_t waiting = queued_edits(parts_.pool).size(); waiting > 0)
    text += "  hyperagent approve " + dir + "                      " + plural(waiting, "edit") + " that wait for approval\n";
  return text;
}

}  // namespace hyperagent
