// `hyperagent approve`: goes through the edits of a run that wait for a person's agreement.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "hyperagent/cli/approval.h"
#include "hyperagent/cli/ast_questions.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/opened_run.h"
#include "hyperagent/cli/search_flags.h"
#include "hyperagent/cli/search_session.h"
#include "hyperagent/loop/grafts.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

class ApproveCommand : public Command {
 public:
  explicit ApproveCommand(CLI::App& parent)
      : Command(parent, "approve", "Go through the edits that wait for approval",
                "hyperagent approve my_run\n  hyperagent approve my_run --yes 12.3 --no 14.0") {
    app().add_option("DIR", run_, "Directory of the run")->required();
    app()
        .add_option("--yes", yes_, "Approve these (or all the others) without asking; they are then tried like any other candidate")
        ->expected(1, -1);
    app().add_option("--no", no_, "Turn these (or all the others) down without asking")->expected(1, -1);
    add_workers_flag(app(), workers_);
  }

  Result<int> run(Environment& environment) override {
    auto queue = read_queue();
    if (!queue) return queue.error();
    if (auto known = check_ids(*queue); !known) return known.error();
    for (const std::string& id : yes_)
      if (std::find(no_.begin(), no_.end(), id) != no_.end())
        return user_error("'" + id + "' is named by --yes and by --no: which of the two?");
    const bool asks = yes_.empty() && no_.empty();
    if (queue->empty() || (asks && !TerminalApprover::possible(environment.console))) return list(environment, *queue);
    return decide(environment, *queue, asks);
  }

 private:
  Result<std::vector<QueuedEdit>> read_queue() const {
    auto run = open_run(run_);
    if (!run) return run.error();
    return queued_edits(*run->pool);
  }

  Result<void> check_ids(const std::vector<QueuedEdit>& queue) const {
    for (const auto& ids : {yes_, no_})
      for (const std::string& id : ids)
        if (id != "all" && std::none_of(queue.begin(), queue.end(), [&](const QueuedEdit& queued) { return queued.id == id; }))
          return user_error("no edit '" + id + "' waits for approval; `hyperagent approve " + run_ + "` lists those that do");
    return {};
  }

  int list(Environment& environment, const std::vector<QueuedEdit>& queue) const {
    Json waiting = Json::array();
    std::string text;
    for (const QueuedEdit& queued : queue) {
      waiting.push_back({{"id", queued.id},
                         {"parent", queued.record.parent},
                         {"reason", queued.record.reason},
                         {"why", queued.record.message},
                         {"edits", queued.record.edits}});
      text += queued.id + "  agent " + std::to_string(queued.record.parent) + "  " + one_line(queued.record.reason, 80) + "\n";
      for (const Json& edit : queued.record.edits) text += "      " + edit_text(edit) + "\n";
    }
    const std::string hint = "decide: hyperagent approve " + shell_word(run_) + " --yes ID... --no ID..., or without them on a terminal\n";
    print(environment, {{"waiting", waiting}}, queue.empty() ? "no edit waits for approval\n" : text + hint);
    return 0;
  }

  Result<int> decide(Environment& environment, const std::vector<QueuedEdit>& queue, bool asks) {
    auto directory = RunDirectory::open(run_);
    if (!directory) return directory.error();
    auto tools = SearchTools::open(environment, *directory, workers_);
    if (!tools) return tools.error();
    auto pool = GitPool::open(directory->archive());
    if (!pool) return pool.error();
    auto session = SearchSession::begin({environment, *tools->workbench, *tools->domain, *tools->strategy, *directory, **pool, directory->settings().loop, json(), nullptr, tools->models.get()}, "approve");
    if (!session) return session.error();
    Json done = Json::array();
    std::string text;
    for (const QueuedEdit& queued : queue) {
      auto answer = asks ? ask(environment, *tools->workbench, **pool, queued) : given(queued);
      if (!answer) return answer.error();
      if (!*answer) break;
      if (**answer == Approval::Later) continue;
      auto record = (*session)->settle_queued(queued.record, **answer == Approval::Approved);
      if (!record) return record.error();
      done.push_back({{"id", queued.id},
                      {"outcome", record->outcome},
                      {"message", record->message},
                      {"agent", record->agent ? Json(*record->agent) : Json()}});
      text += queued.id + ": " + record->outcome + (record->agent ? " as agent " + std::to_string(*record->agent) : "") +
              (record->message.empty() ? "" : ": " + one_line(record->message, 200)) + "\n";
    }
    const std::size_t left = queued_edits(**pool).size();
    print(environment, {{"decided", done}, {"waiting", left}, {"archive_head", (*pool)->head()}},
          text + plural(left, "edit") + " left to decide\n");
    return 0;
  }

  using Answer = std::optional<Approval>;  // nothing: the person wants to stop

  Result<Answer> given(const QueuedEdit& queued) const {
    for (const std::string& name : {queued.id, std::string("all")}) {  // one named by itself is none of all the others
      const auto among = [&](const std::vector<std::string>& ids) { return std::find(ids.begin(), ids.end(), name) != ids.end(); };
      if (among(no_)) return Answer(Approval::Rejected);
      if (among(yes_)) return Answer(Approval::Approved);
    }
    return Answer(Approval::Later);
  }

  static Result<Answer> ask(Environment& environment, Workbench& bench, const GitPool& pool, const QueuedEdit& queued) {
    const CandidateRecord& record = queued.record;
    auto before = pool.source(record.parent);
    if (!before) return before.error();
    auto edits = with_donors(record.edits, [&](const Json& agent) -> Result<std::shared_ptr<const AgentSource>> {
      if (!agent.is_number_integer() || agent < 0 || agent >= pool.agents().size()) return std::shared_ptr<const AgentSource>();
      auto source = pool.source(agent.get<int>());
      if (!source) return source.error();
      return std::make_shared<const AgentSource>(std::move(*source));
    });
    if (!edits) return edits.error();
    auto verdict = bench.toolchain().apply(*before, *edits);
    if (!verdict) return verdict.error();
    Json diff;
    if (const auto* refusal = std::get_if<Refusal>(&*verdict)) {
      diff = {{"refused", {{"side", "after"}, {"message", refusal->message}}}};
    } else {
      auto asked = ask_diff(bench.toolchain(), *before, std::get<Rewritten>(*verdict).source);
      if (!asked) return asked.error();
      diff = std::move(*asked);
    }
    environment.console.note(approval_text(record.parent, record.reason, record.message, diff, environment.console.err()));
    return ask_person(environment.console, queued.id + ": apply this edit?");
  }

  std::string run_;
  std::vector<std::string> yes_, no_;
  int workers_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_approve_command(CLI::App& app) { return std::make_unique<ApproveCommand>(app); }

}  // namespace hyperagent
