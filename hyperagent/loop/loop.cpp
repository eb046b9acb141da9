#include "hyperagent/loop/loop.h"

#include <algorithm>
#include <cassert>
#include <mutex>

namespace hyperagent {
namespace {

constexpr std::uint64_t kStageStream = 0x73746167;  // a random stream no generation uses

std::optional<double> mean_of(const Score& score) {
  if (score.n == 0) return std::nullopt;
  return score.mean;
}

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

}  // namespace

std::vector<std::size_t> draw_stage_tasks(const Domain& domain, std::uint64_t seed) {
  std::vector<std::size_t> tasks = all_tasks(domain, Split::Train);
  const std::size_t wanted = std::min(domain.first_stage(), tasks.size());
  Rng rng = Rng::at(seed, {kStageStream});
  for (std::size_t i = 0; i < wanted; ++i) std::swap(tasks[i], tasks[i + rng.below(tasks.size() - i)]);
  tasks.resize(wanted);
  std::sort(tasks.begin(), tasks.end());
  return tasks;
}

Loop::Loop(LoopParts parts, LoopOptions options)
    : parts_(std::move(parts)),
      options_(options),
      description_(parts_.domain.describe()),
      stage_tasks_(draw_stage_tasks(parts_.domain, options_.seed)),
      reader_(parts_.pool),
      stop_(parts_.clock, parts_.cancel),
      shop_{parts_.domain, description_, stage_tasks_,           options_, parts_.clock, stop_,
            programs_,     reader_,      parts_.strategy.gated(), parts_.approver, parts_.completions, &parts_.cancel},
      started_(parts_.clock.seconds()),
      threads_(parts_.workers.size()) {
  assert(!parts_.workers.empty() && "a loop needs a worker");
  assert(options_.batch > 0 && "a generation needs a slot");
  const Json& state = parts_.pool.state();
  if (!state.is_object() || !state.contains("generation")) return;
  generation_ = state["generation"].get<int>();
  stale_ = state.value("stale", 0);
  tally_ = tally_from(state.value("tally", Json()));
  use_ = model_use_from(state.value("model", Json()));
}

Result<int> Loop::add_root(const AgentSource& source, const std::string& origin, const std::string& name) {
  auto compiled = retried(stop_, [&] { return parts_.workers.front().toolchain->compile(source); });
  if (!compiled) return compiled.error();
  if (const auto* refusal = std::get_if<Refusal>(&*compiled)) return user_error("agent " + name + " does not compile: " + refusal->message);
  const CompiledAgent& program = std::get<CompiledAgent>(*compiled);
  if (auto twin = parts_.pool.find(program.ast_hash)) return *twin;

  std::vector<AgentRunner*> runners;
  for (const Worker& worker : parts_.workers) runners.push_back(worker.runner);
  auto train = evaluate_agent(program.library, parts_.domain, Split::Train, runners, parts_.clock, parts_.cancel, parts_.completions, program.ast_hash);
  if (!train) return train.error();
  if (train->answered == 0 && !train->results.empty())
    return user_error("agent " + name + " answers none of the " + std::to_string(train->results.size()) +
                      " train tasks; the first one gave: " + train->results.front().detail.dump());
  auto val = evaluate_agent(program.library, parts_.domain, Split::Val, runners, parts_.clock, parts_.cancel, parts_.completions, program.ast_hash);
  if (!val) return val.error();

  AgentRecord agent;
  agent.origin = origin;
  agent.ast_hash = program.ast_hash;
  agent.stage = score_of(results_at(train->results, stage_tasks_));
  agent.train = train->score;
  agent.val = val->score;
  agent.metrics = {{"train", train->metrics}, {"val", val->metrics}};
  agent.notes = {{"object_hashes", program.object_hashes},
                 {"cost", {{"solves", train->results.size() + val->results.size()}, {"host_calls", train->host_calls + val->host_calls}}}};
  ModelUse use = train->use;
  use += val->use;
  use_ += use;
  if (use.calls > 0) agent.notes["model"]["solve"] = to_json(use);
  agent.train_results = std::move(train->results);
  agent.val_results = std::move(val->results);
  auto id = parts_.pool.add(std::move(agent), source);
  if (!id) return id.error();
  programs_.remember(program.ast_hash, program);
  roots_pending_ = true;
  report_agent(parts_.pool.agents().back(), "root");
  return *id;
}

Result<void> Loop::commit_roots() {
  if (!roots_pending_) return {};
  ++generation_;
  auto head = parts_.pool.commit(generation_, state(/*alone=*/true));
  if (!head) {
    --generation_;
    return head.error();
  }
  roots_pending_ = false;
  return {};
}

Result<std::unique_ptr<Pool>> known_to_next(const Pool& pool, const LoopOptions& options) {
  if (!options.overlap || !pool.state().is_object() || pool.state().value("alone", false)) return std::unique_ptr<Pool>();
  return pool.before();
}

Result<LoopSummary> Loop::run() {
  if (auto committed = commit_roots(); !committed) return committed.error();
  if (parts_.pool.agents().empty()) return user_error("the archive has no agent to start from; give the blank agent or a seed agent");
  started_ = parts_.clock.seconds();
  if (options_.max_seconds > 0) stop_.set_deadline(started_ + options_.max_seconds);
  auto reason = search();
  if (!under_way_.empty()) stop_.request();
  for (const auto& generation : under_way_) {
    wait_for(*generation);
    for (const StageTimes& slot : generation->times) times_ += slot;
  }
  under_way_.clear();
  if (!reason) return reason.error();
  return summary(*reason == "interrupted" && stop_.timed_out() ? "time" : *reason);
}

Result<std::string> Loop::search() {
  const std::size_t most = options_.overlap ? 2 : 1;
  auto known = known_to_next(parts_.pool, options_);
  if (!known) return known.error();
  std::string enough;  // why no further generation is begun
  for (;;) {
    const bool failing = !under_way_.empty() && under_way_.back()->failed;
    while (under_way_.size() < most && enough.empty() && !failing && !stop_.requested()) {
      const Pool& seen = *known ? **known : parts_.pool;
      enough = reason_to_stop(seen);
      if (!enough.empty()) break;
      if (auto begun = begin(seen); !begun) return begun.error();
      known->reset();
    }
    if (under_way_.empty()) return enough.empty() ? "interrupted" : enough;
    Generation& oldest = *under_way_.front();
    const auto quiet = wait_for(oldest);
    if (!oldest.complete()) {  // nothing of it is kept
      if (const std::string spent = budget_spent(); !spent.empty()) return spent;
      if (oldest.failure) return *oldest.failure;
      return std::string("interrupted");
    }
    settle_duplicates(oldest);  // from here on nothing depends on the order in which slots were done
    // A run that goes on after its target or its patience was raised knows what it ended with.
    const bool alone = under_way_.size() == 1 && (enough == "target" || enough == "patience");
    if (auto archived = archive(oldest, alone); !archived) return archived.error();
    report_generation(oldest);
    under_way_.pop_front();
  }
}

Result<void> Loop::begin(const Pool& seen) {
  std::vector<Slot> slots;
  const int number = generations_begun() + 1;
  {
    Timed timed(parts_.clock, times_, Stage::Select);
    std::vector<Rng> rngs;
    for (int slot = 0; slot < slots_left(); ++slot)
      rngs.push_back(Rng::at(options_.seed, {static_cast<std::uint64_t>(number), static_cast<std::uint64_t>(slot)}));
    const std::vector<std::string> models =
        parts_.completions != nullptr ? parts_.completions->assign(seen, rngs) : std::vector<std::string>(rngs.size());
    const std::vector<int> parents = parts_.strategy.choose_parents(seen, rngs);

    const auto run = view(seen, number);
    if (!run) return run.error();
    reader_.extend();
    const int known = static_cast<int>(seen.agents().size());
    std::map<int, std::shared_ptr<const ParentView>> views;
    for (std::size_t slot = 0; slot < parents.size(); ++slot) {
      std::shared_ptr<const ParentView>& parent = views[parents[slot]];
      if (!parent) {
        auto read = parent_view(seen, parents[slot], *run);
        if (!read) return read.error();
        parent = std::move(*read);
      }
      slots.push_back({number, static_cast<int>(slot), rngs[slot], parent, known, {}, models[slot]});
    }
  }
  under_way_.push_back(std::make_unique<Generation>(number, std::move(slots)));
  work(*under_way_.back());
  return {};
}

Result<std::shared_ptr<const ParentView>> Loop::parent_view(const Pool& seen, int id, const RunView& run) {
  const AgentRecord& record = seen.agents()[static_cast<std::size_t>(id)];
  if (record.train_results.size() != parts_.domain.size(Split::Train))
    return user_error("agent " + std::to_string(record.id) + " was scored on " + std::to_string(record.train_results.size()) +
                      " train tasks, but the domain has " + std::to_string(parts_.domain.size(Split::Train)) +
                      "; go on with the data the run was started with");
  auto source = retried(stop_, [&] { return reader_.source(record.id); });
  if (!source) return source.error();
  return std::make_shared<const ParentView>(ParentView{record, *source, self_of(seen, record, run)});
}

Result<CandidateRecord> Loop::settle_queued(int parent, const Proposal& proposal, bool approved) {
  const int number = generation_ + 1;
  const auto run = view(parts_.pool, number);
  if (!run) return run.error();
  reader_.extend();
  auto read = parent_view(parts_.pool, parent, *run);
  if (!read) return read.error();
  const int known = static_cast<int>(parts_.pool.agents().size());
  Generation generation(number, {{number, 0, Rng::at(options_.seed, {static_cast<std::uint64_t>(number), 0}), *read, known, proposal}});
  if (approved) {
    work(generation);
    wait_for(generation);
    if (!generation.complete()) return generation.failure ? *generation.failure : stopped_error();
  } else {
    generation.results[0].emplace();
    generation.results[0]->candidate = {number, 0, parent, "rejected", "rejected", "a person turned it down", proposal.reason, proposal.edits, {}, {}, {}, {}};
  }
  if (auto archived = archive(generation, /*alone=*/true); !archived) return archived.error();
  return generation.results[0]->candidate;
}

void Loop::work(Generation& generation) {
  for (std::size_t slot = 0; slot < generation.slots.size(); ++slot) {
    const auto known = compiled_by_.find(generation.slots[slot].parent->record.id);
    threads_.add(
        [this, &generation, slot](std::size_t worker) {
          work_on(generation, slot, worker);
          ++generation.done;
        },
        known == compiled_by_.end() ? std::nullopt : std::optional(known->second));
  }
}

// On a worker's thread: improve, rewrite, compile, run, score (candidate.cpp).
void Loop::work_on(Generation& generation, std::size_t slot, std::size_t worker) {
  if (stop_.requested() || generation.failed) return;
  generation.worker[slot] = worker;
  auto result = Candidate(shop_, parts_.workers[worker], generation.claims, generation.slots[slot], generation.times[slot]).process();
  if (result) {
    generation.results[slot] = std::move(*result);
    return;
  }
  std::lock_guard lock(failing_);
  if (stop_.requested() || generation.failed) return;  // calls cut short by the stop fail, too; that says nothing
  generation.failure = result.error();
  generation.failed = true;
}

// Also until nobody is asked anything: what is archived is announced, and would come between a question and its answer. Nobody is, either,
// while the caller keeps what this returns. A failure ends the search.
std::unique_lock<std::mutex> Loop::wait_for(const Generation& generation) {
  std::unique_lock<std::mutex> quiet;
  threads_.wait_until([&] {
    if (generation.failed) stop_.request();
    const bool stopping = stop_.requested();
    if (stopping && !interrupted_) {
      interrupted_ = true;
      if (parts_.interrupt) parts_.interrupt();
    }
    if (generation.done < generation.slots.size()) return false;
    quiet = stop_.without_questions();
    return stopping || quiet.owns_lock();
  });
  return quiet;
}

// Two slots that made the same program: the earlier keeps it, whichever was done first. So does an agent of the generation before, which this
// one did not know of.
void Loop::settle_duplicates(Generation& generation) const {
  std::map<std::string, int> first;
  for (std::optional<SlotResult>& result : generation.results) {
    if (result->ast_hash.empty()) continue;
    CandidateRecord& candidate = result->candidate;
    const auto [maker, fresh] = first.emplace(result->ast_hash, candidate.slot);
    const auto twin = parts_.pool.find(result->ast_hash);
    if (fresh && !twin) continue;
    candidate.outcome = candidate.code = "duplicate";
    candidate.message = "the same program as " + (twin ? "agent " + std::to_string(*twin) : "slot " + std::to_string(maker->second) + " of this generation");
    candidate.stage_score.reset();
    candidate.cost = result->proposal_cost;
    result->agent.reset();
  }
}

Result<void> Loop::archive(Generation& generation, bool alone) {
  Timed timed(parts_.clock, times_, Stage::Archive);
  std::lock_guard changing(reader_.changing());
  const int best_before = parts_.pool.best();
  std::vector<int> added;
  for (std::optional<SlotResult>& result : generation.results) {
    if (result->agent) {
      auto id = parts_.pool.add(std::move(*result->agent), result->source);
      if (!id) return id.error();
      result->candidate.agent = *id;
      compiled_by_[*id] = generation.worker[static_cast<std::size_t>(result->candidate.slot)];
      added.push_back(*id);
    }
    tally_.count(result->candidate);
    use_ += result->use;
    parts_.pool.add(result->candidate);
  }
  stale_ = parts_.pool.best() == best_before ? stale_ + 1 : 0;
  generation_ = generation.number;
  auto head = parts_.pool.commit(generation_, state(alone));
  if (!head) return head.error();
  for (const StageTimes& slot : generation.times) times_ += slot;
  ++generations_here_;
  candidates_here_ += generation.results.size();
  for (int id : added) report_agent(parts_.pool.agents()[static_cast<std::size_t>(id)], "agent");
  return {};
}

bool Loop::Generation::complete() const {
  return std::all_of(results.begin(), results.end(), [](const auto& result) { return result.has_value(); });
}

// Looks only at what the next generation knows and at how many were begun, so that a resumed run stops where an uninterrupted one does.
std::string Loop::reason_to_stop(const Pool& seen) const {
  const AgentRecord& best = seen.agents()[static_cast<std::size_t>(seen.best())];
  if (options_.target && mean_of(best.val.n > 0 ? best.val : best.train).value_or(0) >= *options_.target) return "target";
  if (options_.generations > 0 && generations_begun() >= options_.generations) return "generations";
  if (slots_left() <= 0) return "candidates";
  if (options_.patience > 0 && seen.state().value("stale", 0) >= options_.patience) return "patience";
  if (options_.last_generation > 0 && generations_begun() >= options_.last_generation) return "replayed";
  return budget_spent();
}

std::string Loop::budget_spent() const { return parts_.completions != nullptr ? parts_.completions->exhausted() : ""; }

int Loop::candidates_begun() const {
  std::size_t begun = parts_.pool.candidate_count();
  for (const auto& generation : under_way_) begun += generation->slots.size();
  return static_cast<int>(begun);
}

int Loop::slots_left() const {
  if (options_.max_candidates == 0) return options_.batch;
  return std::min(options_.batch, options_.max_candidates - candidates_begun());
}

// Of the nearest of the run's limits. Time counts only where a model is asked: what its agents were told is recorded, and others must do
// the same whatever the machine's pace.
double Loop::share_used(int generation) const {
  double share = 0;
  if (options_.generations > 0) share = static_cast<double>(generation - 1) / options_.generations;
  if (options_.max_candidates > 0) share = std::max(share, static_cast<double>(candidates_begun()) / options_.max_candidates);
  if (parts_.completions != nullptr && options_.max_seconds > 0)
    share =
        std::max(share, (options_.seconds_before + parts_.clock.seconds() - started_) / (options_.seconds_before + options_.max_seconds));
  return std::clamp(share, 0.0, 1.0);
}

Result<RunView> Loop::view(const Pool& seen, int generation) {
  const std::vector<AgentRecord>& agents = seen.agents();
  for (; summed_ < agents.size(); ++summed_) score_sum_ += selection_score(agents[summed_]);
  RunView run;
  run.generation = generation;
  run.progress = share_used(generation);
  run.archive = {{"agents", agents.size()},
                 {"best", selection_score(agents[static_cast<std::size_t>(seen.best())])},
                 {"mean", score_sum_ / static_cast<double>(agents.size())},
                 {"generation", generation}};
  run.domain = {{"name", parts_.domain.name()}, {"entry", parts_.domain.entry()}};
  for (const char* member : {"description", "metric"})
    if (description_.contains(member)) run.domain[member] = description_[member];
  if (parts_.completions != nullptr) {
    run.model = parts_.completions->describe(model_use_from(seen.state().value("model", Json())));
    auto told =
        parts_.completions->limits_told(generation, {{"progress", run.progress}, {"budget_left", run.model.value("budget_left", 1.0)}});
    if (!told) return told.error();
    run.progress = told->value("progress", run.progress);
    run.model["budget_left"] = told->value("budget_left", 1.0);
    for (const char* member : {"labels", "fields", "reading"})
      if (description_.contains(member)) run.domain[member] = description_[member];
  }
  return run;
}

// `alone`: the next generation knows this one although they overlap.
Json Loop::state(bool alone) const {
  Json state = {{"generation", generation_}, {"stale", stale_}, {"tally", to_json(tally_)}};
  if (alone) state["alone"] = true;
  if (use_.calls > 0) state["model"] = to_json(use_);
  return state;
}

void Loop::report_agent(const AgentRecord& agent, const char* event) const {
  parts_.progress.on_event({{"event", event},
                            {"id", agent.id},
                            {"parent", agent.parents.empty() ? Json() : Json(agent.parents.front())},
                            {"origin", agent.origin},
                            {"generation", agent.generation},
                            {"reason", agent.reason},
                            {"train", json_of(mean_of(agent.train))},
                            {"val", json_of(mean_of(agent.val))},
                            {"score", selection_score(agent)},
                            {"best", agent.id == parts_.pool.best()}});
}

void Loop::report_generation(const Generation& generation) const {
  Json event = to_json(summary(""));
  event["event"] = "generation";
  event.erase("stopped");
  event["archived"] =
      std::count_if(generation.results.begin(), generation.results.end(), [](const auto& r) { return r->candidate.agent.has_value(); });
  event["generations"] = options_.generations;
  const double seconds = parts_.clock.seconds() - started_;
  event["candidates_per_second"] = seconds > 0 ? Json(static_cast<double>(candidates_here_) / seconds) : Json();
  event["eta"] = json_of(seconds_left());
  parts_.progress.on_event(event);
}

// By the pace of this run(), to the nearest of the limits that can be foreseen.
std::optional<double> Loop::seconds_left() const {
  const double seconds = parts_.clock.seconds() - started_;
  std::optional<double> left;
  auto at_most = [&](double limit) { left = std::max(0.0, left ? std::min(*left, limit) : limit); };
  if (options_.generations > 0) at_most(seconds / generations_here_ * (options_.generations - generation_));
  if (options_.max_candidates > 0)
    at_most(seconds / static_cast<double>(candidates_here_) *
            (options_.max_candidates - static_cast<double>(parts_.pool.candidate_count())));
  if (options_.max_seconds > 0) at_most(options_.max_seconds - seconds);
  return left;
}

LoopSummary Loop::summary(const std::string& stopped) const {
  LoopSummary s;
  s.generation = generation_;
  s.best_agent = parts_.pool.best();
  if (s.best_agent >= 0) {
    const AgentRecord& best = parts_.pool.agents()[static_cast<std::size_t>(s.best_agent)];
    s.best_score = selection_score(best);
    s.best_train = mean_of(best.train);
    s.best_val = mean_of(best.val);
  }
  s.archive_head = parts_.pool.head();
  s.agents = parts_.pool.agents().size();
  s.candidates = parts_.pool.candidate_count();
  s.stopped = stopped;
  s.tally = tally_;
  s.seconds = parts_.clock.seconds() - started_;
  s.stages = times_;
  s.use = use_;
  return s;
}

}  // namespace hyperagent
