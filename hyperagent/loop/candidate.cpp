#include "hyperagent/loop/candidate.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "hyperagent/loop/grafts.h"

namespace hyperagent {
namespace {

constexpr std::size_t kMessageBytes = 4000;
constexpr double kRounding = 1e-9;  // scores are sums of doubles
constexpr std::size_t kTellingTasks = 64;  // what leaves so many answers as they were hardly matters for the rest

bool same_half(const Json& a, const Json& b, const char* half) {
  return a.is_object() && b.is_object() && a.contains(half) && b.contains(half) && a.at(half) == b.at(half);
}

bool same_results(const std::vector<TaskResult>& a, const std::vector<TaskResult>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const TaskResult& x, const TaskResult& y) {
    return x.task == y.task && x.score == y.score && x.detail == y.detail;
  });
}

std::string why_of(const TaskResult& result) {
  return result.detail.is_object() && result.detail.contains("why") && result.detail["why"].is_string()
             ? result.detail["why"].get<std::string>()
             : "no answer";
}

}  // namespace

bool passes_gate(std::span<const TaskResult> own, std::span<const TaskResult> parent, double slack) {
  if (own.empty()) return true;
  double solved = 0, gained = 0, squares = 0;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const double difference = own[i].score - parent[i].score;
    solved += own[i].score;
    gained += difference;
    squares += difference * difference;
  }
  // One pair has no spread: its difference would always be within "one standard error".
  const double error = own.size() > 1 ? std::sqrt(squares) : 0;
  return solved > 0 && gained + kRounding >= -std::max(slack, error);
}

std::vector<TaskResult> results_at(const std::vector<TaskResult>& results, std::span<const std::size_t> indexes) {
  std::vector<TaskResult> chosen;
  for (std::size_t index : indexes) chosen.push_back(results.at(index));
  return chosen;
}

Candidate::Candidate(const Workshop& shop, const Worker& worker, Claims& claims, Slot slot, StageTimes& times)
    : shop_(shop), worker_(worker), claims_(claims), times_(times), slot_(std::move(slot)), agents_(shop.pool, slot_.known), parent_(slot_.parent->record), pace_(shop.completions != nullptr ? Pace(1) : Pace()) {
  result_.candidate.generation = slot_.generation;
  result_.candidate.slot = slot_.number;
  result_.candidate.parent = parent_.id;
}

Result<SlotResult> Candidate::process() {
  using Step = Go (Candidate::*)();
  constexpr Step kSteps[] = {
      &Candidate::improve,      // the parent's meta half proposes edits; from here on they are fixed
      &Candidate::rewrite,      // the edits apply and type-check; from here on the program is fixed, and new to what its generation knows
      &Candidate::approve,      // where the policy asks for it, a person agreed; until then nothing of it runs
      &Candidate::compile,      // it compiles
      &Candidate::compare,      // at least one half behaves differently from the parent's
      &Candidate::first_stage,  // it runs, and holds its parent's score on the first stage
      &Candidate::trial,        // a changed meta half makes edits that apply
      &Candidate::train,        // scored on all of train, and not like its parent in every answer
      &Candidate::validate,     // scored on val
  };
  for (Step step : kSteps) {
    if (shop_.stop.requested()) return stopped_error();
    Go go = (this->*step)();
    if (!go) return go.error();
    if (!*go) return finished();
  }
  archive();
  return finished();
}

SlotResult Candidate::finished() {
  result_.use = improve_use_;
  result_.use += solve_use_;
  result_.candidate.cost = cost();
  if (improve_use_.calls > 0) {
    result_.candidate.model = to_json(improve_use_);
    result_.candidate.model["name"] = slot_.model;
  }
  return std::move(result_);
}

Result<bool> Candidate::improve() {
  if (slot_.approved) {
    proposal_ = *slot_.approved;
    result_.candidate.reason = proposal_.reason;
    result_.candidate.edits = proposal_.edits;
    return true;
  }
  auto program = [&] {
    Timed timed(shop_.clock, times_, Stage::Compile);
    return retried(shop_.stop, [&] { return shop_.programs.compile(*worker_.toolchain, *slot_.parent->source, parent_.ast_hash); });
  }();
  if (!program) return program.error();
  if (const auto* refusal = std::get_if<Refusal>(&*program))
    return environment_error("agent " + std::to_string(parent_.id) + " of the archive no longer compiles: " + refusal->message +
                             "; was the toolchain changed since the run began?");
  parent_program_ = std::get<Programs::Library>(*program);
  auto proposal = proposal_of(*parent_program_, *slot_.parent->source, parent_.ast_hash, slot_.parent->self);
  if (!proposal) return proposal.error();
  if (const auto* refusal = std::get_if<Refusal>(&*proposal)) return end("no_proposal", refusal->code, refusal->message);
  result_.proposal_cost = cost();
  proposal_ = std::get<Proposal>(std::move(*proposal));
  result_.candidate.reason = proposal_.reason;
  result_.candidate.edits = proposal_.edits;
  return true;
}

Result<bool> Candidate::rewrite() {
  auto rewritten = applied(*slot_.parent->source, proposal_.edits);
  if (!rewritten) return rewritten.error();
  if (const auto* refusal = std::get_if<Refusal>(&*rewritten)) return end("refused", refusal->code, refusal->message);
  auto& program = std::get<Rewritten>(*rewritten);
  times_.move(program.code_seconds, Stage::Rewrite, Stage::Compile);
  result_.source = std::move(program.source);
  result_.ast_hash = std::move(program.ast_hash);
  needs_approval_ = std::move(program.needs_approval);
  if (auto twin = agents_.find(result_.ast_hash))
    return end("duplicate", "duplicate", "the same program as agent " + std::to_string(*twin));
  if (claims_.taken_by_earlier(result_.ast_hash, slot_.number)) return end("duplicate", "duplicate", "");
  return true;
}

Result<bool> Candidate::approve() {
  if (needs_approval_.empty() || slot_.approved) return true;
  std::string why;
  for (const std::string& place : needs_approval_) why += (why.empty() ? "" : "\n") + place;
  if (shop_.approver == nullptr) return end("queued", "needs_approval", why);
  const StopSignal::Hold hold(shop_.stop);
  auto decision = shop_.approver->decide({parent_.id, *slot_.parent->source, result_.source, proposal_.reason, needs_approval_});
  if (!decision) return decision.error();
  if (*decision == Approval::Later) return end("queued", "needs_approval", why);
  if (*decision == Approval::Rejected) return end("rejected", "rejected", "a person turned it down");
  return true;
}

Result<bool> Candidate::compile() {
  Timed timed(shop_.clock, times_, Stage::Compile);
  auto program = retried(shop_.stop, [&] { return worker_.toolchain->compile(result_.source); });
  if (!program) return program.error();
  if (const auto* refusal = std::get_if<Refusal>(&*program)) return end("compile_failed", refusal->code, refusal->message);
  program_ = std::get<CompiledAgent>(std::move(*program));
  return true;
}

Result<bool> Candidate::compare() {
  // As this toolchain compiles the parent; another one may have recorded other hashes.
  const Json hashes = parent_program_ ? parent_program_->object_hashes : parent_.notes.is_object() ? parent_.notes.value("object_hashes", Json()) : Json();
  task_changed_ = !same_half(hashes, program_.object_hashes, "task");
  meta_changed_ = !same_half(hashes, program_.object_hashes, "meta");
  if (!task_changed_ && !meta_changed_) return end("no_effect", "no_effect", "both halves compile to the parent's code");
  return true;
}

Result<bool> Candidate::first_stage() {
  const std::vector<TaskResult> parents = results_at(parent_.train_results, shop_.stage_tasks);
  if (!task_changed_) {  // the same task code gives the parent's answers: nothing to run
    stage_results_ = parents;
    result_.candidate.stage_score = score_of(parents).mean;
    return true;
  }
  auto evaluated = evaluate(Split::Train, shop_.stage_tasks);
  if (!evaluated) return evaluated.error();
  stage_results_ = std::move(evaluated->results);
  const Score own = score_of(stage_results_), parent = score_of(parents);
  result_.candidate.stage_score = own.mean;
  if (evaluated->answered == 0 && !stage_results_.empty()) return end("crashed", "crashed", why_of(stage_results_.front()));
  if (shop_.gated && !passes_gate(stage_results_, parents, shop_.domain.gate_slack()))
    return end("gate", "gate", "first stage: " + Json(own.mean).dump() + ", the parent had " + Json(parent.mean).dump());
  if (!meta_changed_ && stage_results_.size() >= kTellingTasks && same_results(stage_results_, parents))
    return end("neutral", "neutral", "every first-stage answer is graded like the parent's");
  return true;
}

// An agent whose meta half cannot propose would be a dead end that selection keeps coming back to.
Result<bool> Candidate::trial() {
  if (!meta_changed_) return true;
  AgentRecord draft = record();
  draft.id = agents_.size() + slot_.number;  // it has none yet; this one does not depend on the other slots
  // Its own results are the parent's by construction, or not known yet: then the parent's stand in.
  draft.train_results = parent_.train_results;
  draft.train = parent_.train;
  draft.val = parent_.val;
  auto proposal = proposal_of(program_, result_.source, result_.ast_hash, self_of_child(slot_.parent->self, draft));
  if (!proposal) return proposal.error();
  if (const auto* refusal = std::get_if<Refusal>(&*proposal)) return end("meta_failed", refusal->code, refusal->message);
  auto rewritten = applied(result_.source, std::get<Proposal>(*proposal).edits);
  if (!rewritten) return rewritten.error();
  if (const auto* refusal = std::get_if<Refusal>(&*rewritten))
    return end("meta_failed", refusal->code, "the edits it proposed in its trial were refused: " + refusal->message);
  return true;
}

Result<bool> Candidate::train() {
  if (!task_changed_) {
    train_results_ = parent_.train_results;
    return true;
  }
  std::vector<std::size_t> rest;
  const std::vector<std::size_t> all = all_tasks(shop_.domain, Split::Train);
  std::set_difference(all.begin(), all.end(), shop_.stage_tasks.begin(), shop_.stage_tasks.end(), std::back_inserter(rest));
  auto evaluated = evaluate(Split::Train, rest);
  if (!evaluated) return evaluated.error();
  train_results_.resize(all.size());
  for (std::size_t i = 0; i < rest.size(); ++i) train_results_[rest[i]] = std::move(evaluated->results[i]);
  for (std::size_t i = 0; i < stage_results_.size(); ++i) train_results_[shop_.stage_tasks[i]] = stage_results_[i];
  // Nothing to select on: such agents would only crowd the archive with copies of their parent.
  if (!meta_changed_ && same_results(train_results_, parent_.train_results))
    return end("neutral", "neutral", "every train answer is graded like the parent's");
  return true;
}

Result<bool> Candidate::validate() {
  if (!task_changed_) {
    val_results_ = parent_.val_results;
    return true;
  }
  auto evaluated = evaluate(Split::Val, all_tasks(shop_.domain, Split::Val));
  if (!evaluated) return evaluated.error();
  val_results_ = std::move(evaluated->results);
  return true;
}

void Candidate::archive() {
  Timed timed(shop_.clock, times_, Stage::Score);
  AgentRecord agent = record();
  agent.stage = score_of(stage_results_);
  agent.train = score_of(train_results_);
  agent.val = score_of(val_results_);
  agent.metrics = {{"train", shop_.domain.metrics(train_results_)}, {"val", shop_.domain.metrics(val_results_)}};
  agent.train_results = std::move(train_results_);
  agent.val_results = std::move(val_results_);
  shop_.programs.remember(result_.ast_hash, std::move(program_));
  result_.candidate.outcome = "archived";
  result_.agent = std::move(agent);
}

bool Candidate::end(const char* outcome, const std::string& code, const std::string& message) {
  result_.candidate.outcome = outcome;
  result_.candidate.code = code;
  result_.candidate.message = cut_text(message, kMessageBytes);
  return false;
}

Result<Verdict<Rewritten>> Candidate::applied(const AgentSource& source, const Json& edits) {
  Timed timed(shop_.clock, times_, Stage::Rewrite);
  auto resolved = retried(shop_.stop, [&] { return with_donors(edits, [&](const Json& agent) { return agents_.donor(agent); }); });
  if (!resolved) return resolved.error();
  return retried(shop_.stop, [&] { return worker_.toolchain->apply(source, *resolved); });
}

Result<Verdict<Proposal>> Candidate::proposal_of(const CompiledAgent& program, const AgentSource& source, const std::string& ast_hash,
                                                 const Json& self) {
  Timed timed(shop_.clock, times_, Stage::Improve);
  auto functions = retried(shop_.stop, [&] { return shop_.programs.functions(*worker_.toolchain, source, ast_hash); });
  if (!functions) return functions.error();
  const Json input = with_seed(self, slot_.rng.next(), **functions);
  const CallSite site{"improve", ast_hash, "seed " + input.at("seed").dump(), slot_.model, slot_.generation, slot_.number};
  ModelUse use;
  std::size_t host_calls = 0;
  auto replies = retried(shop_.stop, [&] {
    MetaServices services(*worker_.toolchain, shop_.programs, agents_, shop_.description, source, ast_hash, shop_.options.host_calls);
    if (shop_.completions != nullptr) services.allow_trials([&](const AgentSource& edited, const std::vector<std::string>& tasks) { return tried(edited, tasks, use); });
    services.allow_tasks([&](const std::string& id) { return train_task(id); });
    ModelCalls models({shop_.completions, shop_.cancel}, site, kModelCallsPerImprove);
    use = {};
    host_calls = 0;
    HostCalls calls;
    calls.answer = [&](std::size_t, const std::string& name, const Json& arguments) -> Result<Json> {
      ++host_calls;
      if (shop_.stop.requested()) return stopped_error();
      if (!ModelCalls::knows(name)) return services.call(name, arguments);
      if (!nested_within_limit(arguments)) return Json{{"error", "arguments are nested too deeply"}};
      return models.call(arguments);
    };
    auto ran = worker_.runner->run(program.library, "improve", std::span<const Json>(&input, 1), calls, shop_.options.improve_seconds, [&] { return shop_.stop.requested(); });
    use += models.use();
    return ran;
  });
  if (!replies) return replies.error();
  improve_use_ += use;
  if (replies->front().value) host_calls_ += host_calls;  // else how far it came may depend on the machine
  assert(replies->size() == 1 && "a runner replies once per input");
  return read_proposal(replies->front(), shop_.options.improve_seconds);
}

Result<EvaluatedTasks> Candidate::evaluate(Split split, std::span<const std::size_t> indexes) {
  const CallSite site{"solve", result_.ast_hash, "", "", slot_.generation, slot_.number};
  auto evaluated =
      evaluate_tasks({program_.library, shop_.domain, split, *worker_.runner, shop_.clock, shop_.stop, times_, pace_, {shop_.completions, shop_.cancel}, site}, indexes);
  if (evaluated) {
    solve_use_ += evaluated->use;
    solves_ += indexes.size();
    host_calls_ += evaluated->host_calls;
  }
  return evaluated;
}

Json Candidate::train_task(const std::string& id) const {
  for (std::size_t index = 0; index < shop_.domain.size(Split::Train); ++index) {
    if (shop_.domain.task_id(Split::Train, index) != id) continue;
    Json task = shop_.domain.input(Split::Train, index);
    if (Json answer = shop_.domain.train_answer(index); !answer.is_null()) task["answer"] = std::move(answer);
    return task;
  }
  return {};
}

// The results of a program of improve()'s own making on some train tasks. It runs in a box of its own.
Result<Json> Candidate::tried(const AgentSource& source, const std::vector<std::string>& tasks, ModelUse& use) {
  auto program = retried(shop_.stop, [&] { return worker_.toolchain->compile(source); });
  if (!program) return program.error();
  if (const auto* refusal = std::get_if<Refusal>(&*program)) return Json{{"refused", {{"code", refusal->code}, {"message", refusal->message}}}};
  const CompiledAgent& compiled = std::get<CompiledAgent>(*program);
  std::vector<std::size_t> indexes;
  for (std::size_t index = 0; index < shop_.domain.size(Split::Train); ++index)
    if (std::find(tasks.begin(), tasks.end(), shop_.domain.task_id(Split::Train, index)) != tasks.end()) indexes.push_back(index);
  if (indexes.empty()) return Json{{"error", "none of these is a train task"}};
  Pace pace(1);
  const CallSite site{"solve", compiled.ast_hash, "", "", slot_.generation, slot_.number};
  auto evaluated =
      evaluate_tasks({compiled.library, shop_.domain, Split::Train, worker_.spare_runner(), shop_.clock, shop_.stop, times_, pace, {shop_.completions, shop_.cancel}, site}, indexes);
  if (!evaluated) return evaluated.error();
  use += evaluated->use;
  Json results = Json::array();
  for (const TaskResult& result : evaluated->results) results.push_back(to_json(result));
  return Json{{"results", results}};
}

// Without scores and results.
AgentRecord Candidate::record() const {
  AgentRecord agent;
  agent.parents = {parent_.id};
  agent.origin = "edit";
  agent.generation = slot_.generation;
  agent.reason = proposal_.reason;
  agent.edits = proposal_.edits;
  agent.memory = proposal_.memory.is_null() ? parent_.memory : proposal_.memory;
  agent.ast_hash = result_.ast_hash;
  agent.notes = {{"object_hashes", program_.object_hashes}, {"cost", cost()}};
  if (improve_use_.calls > 0) agent.notes["model"] = {{"name", slot_.model}, {"improve", to_json(improve_use_)}};
  if (solve_use_.calls > 0) agent.notes["model"]["solve"] = to_json(solve_use_);
  return agent;
}

}  // namespace hyperagent
