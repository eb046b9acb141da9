#include "hyperagent/loop/evaluate.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <numeric>
#include <optional>
#include <thread>

#include "hyperagent/loop/proposal.h"

namespace hyperagent {
namespace {

constexpr double kChunkSeconds = 0.5, kLargestChunk = 4096;

// Words that are the same on every machine and in every run: no measured times.
std::string how_it_ended(const RunOutcome& outcome, double limit_seconds) {
  if (std::holds_alternative<TimedOut>(outcome)) return describe(RunOutcome(TimedOut{limit_seconds}));
  if (succeeded(outcome)) return "ended without returning a result";
  return describe(outcome);
}

struct Chunk {
  std::vector<EntryReply> replies;
  std::vector<Json> observed;  // by the services, for grading
  std::vector<std::size_t> host_calls;
  ModelUse use;
};

Result<Chunk> run_chunk(const Evaluation& e, std::span<const std::size_t> indexes) {
  Timed timed(e.clock, e.times, Stage::Run);
  std::vector<Json> inputs;
  for (std::size_t index : indexes) inputs.push_back(e.domain.input(e.split, index));
  std::vector<std::unique_ptr<TaskServices>> services(indexes.size());  // made when first asked for: many agents never ask
  std::vector<std::optional<ModelCalls>> models(indexes.size());
  const auto services_of = [&](std::size_t i) -> TaskServices& {
    if (!services[i]) services[i] = e.domain.services(e.split, indexes[i]);
    return *services[i];
  };
  std::vector<std::size_t> host_calls(indexes.size());
  HostCalls calls;
  calls.answer = [&](std::size_t i, const std::string& name, const Json& arguments) -> Result<Json> {
    ++host_calls[i];
    if (e.stop.requested()) return stopped_error();
    if (!nested_within_limit(arguments)) return Json{{"error", "arguments are nested too deeply"}};
    if (ModelCalls::knows(name)) {
      if (!models[i]) {
        CallSite site = e.site;
        site.entry = "solve";
        site.place = std::string(to_string(e.split)) + " " + e.domain.task_id(e.split, indexes[i]);
        models[i].emplace(e.models, std::move(site), kModelCallsPerSolve);
      }
      return models[i]->call(arguments);
    }
    Result<std::optional<Json>> reply = services_of(i).call(name, arguments);
    if (!reply) return reply.error();
    if (!*reply) return Json{{"error", "no host call '" + name + "' in this domain"}};
    return **reply;
  };
  calls.foresee = [&](std::size_t i, const std::string& name, const Json& arguments) -> std::optional<Json> {
    if (ModelCalls::knows(name) || !nested_within_limit(arguments)) return std::nullopt;  // as `answer` would say
    return services_of(i).foresee(name, arguments);
  };
  calls.served = [&](std::size_t i, int count) {
    host_calls[i] += static_cast<std::size_t>(count);
    services_of(i).served(count);
  };
  auto replies = e.runner.run(e.library, e.domain.entry(), inputs, calls, e.domain.solve_seconds(), [&] { return e.stop.requested(); });
  if (!replies) return replies.error();
  assert(replies->size() == inputs.size() && "a runner replies once per input");
  Chunk chunk{std::move(*replies), {}, std::move(host_calls), {}};
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    chunk.observed.push_back(services[i] ? services[i]->observed() : Json());
    if (models[i]) chunk.use += models[i]->use();
  }
  return chunk;
}

Result<TaskResult> grade(const Evaluation& e, std::size_t index, const EntryReply& reply, const Json& observed) {
  Timed timed(e.clock, e.times, Stage::Score);
  const bool usable = reply.value && storable(*reply.value);
  const Json no_answer;
  auto result = retried(e.stop, [&] { return e.domain.grade_observed(e.split, index, usable ? *reply.value : no_answer, observed); });
  if (!result || usable) return result;
  if (!result->detail.is_object()) result->detail = Json::object();
  result->detail["why"] = "no answer: " + (reply.value ? "it is nested too deeply or is not UTF-8 text"
                                                       : how_it_ended(reply.outcome, e.domain.solve_seconds()));
  return result;
}

}  // namespace

void Pace::took(double seconds) {
  const double fitting = static_cast<double>(chunk_) * kChunkSeconds / std::max(seconds, 1e-3);
  chunk_ = static_cast<std::size_t>(std::clamp(fitting, 1.0, std::min(8.0 * static_cast<double>(chunk_), kLargestChunk)));
}

std::vector<std::size_t> all_tasks(const Domain& domain, Split split) {
  std::vector<std::size_t> indexes(domain.size(split));
  std::iota(indexes.begin(), indexes.end(), std::size_t{0});
  return indexes;
}

Result<EvaluatedTasks> evaluate_tasks(const Evaluation& e, std::span<const std::size_t> indexes) {
  EvaluatedTasks done;
  while (done.results.size() < indexes.size()) {
    if (e.stop.requested()) return stopped_error();
    const std::span<const std::size_t> rest = indexes.subspan(done.results.size());
    const std::span<const std::size_t> chunk = rest.first(std::min(e.pace.chunk(), rest.size()));
    const double start = e.clock.seconds();
    auto ran = retried(e.stop, [&] { return run_chunk(e, chunk); });
    if (!ran) return ran.error();
    const std::vector<EntryReply>& replies = ran->replies;
    done.use += ran->use;
    if (chunk.size() == e.pace.chunk()) e.pace.took(e.clock.seconds() - start);  // the last few say little
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      if (e.stop.requested()) return stopped_error();
      auto result = grade(e, chunk[i], replies[i], ran->observed[i]);
      if (!result) return result.error();
      if (replies[i].value) {
        ++done.answered;
        done.host_calls += ran->host_calls[i];
      }
      done.results.push_back(std::move(*result));
    }
  }
  return done;
}

Result<EvaluateReport> evaluate_agent(const std::string& library, const Domain& domain, Split split, std::span<AgentRunner* const> runners,
                                      const Clock& clock, CancelFlag& cancel, Completions* completions, const std::string& program) {
  assert(!runners.empty() && "an evaluation needs a runner");
  const std::vector<std::size_t> indexes = all_tasks(domain, split);
  StopSignal stop(clock, cancel);
  const std::size_t parts = std::clamp<std::size_t>(indexes.size(), 1, runners.size());
  std::vector<std::optional<Result<EvaluatedTasks>>> done(parts);
  auto work = [&](std::size_t part) {
    const std::size_t begin = indexes.size() * part / parts, end = indexes.size() * (part + 1) / parts;
    StageTimes times;
    Pace pace = completions != nullptr ? Pace(1) : Pace();  // a box has an hour, and models may take minutes a task
    done[part] = evaluate_tasks({library, domain, split, *runners[part], clock, stop, times, pace, {completions, &cancel}, {"solve", program, "", "", 0, 0}},
                                std::span(indexes).subspan(begin, end - begin));
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t part = 1; part < parts; ++part) threads.emplace_back(work, part);
    work(0);
  }
  EvaluateReport report;
  for (auto& part : done) {
    if (!*part) return part->error();
    report.answered += (*part)->answered;
    report.host_calls += (*part)->host_calls;
    report.use += (*part)->use;
    for (TaskResult& result : (*part)->results) report.results.push_back(std::move(result));
  }
  report.score = score_of(report.results);
  report.metrics = domain.metrics(report.results);
  return report;
}

Json to_json(const EvaluateReport& report) {
  Json json = to_json(report.score);
  json["metrics"] = report.metrics;
  json["answered"] = report.answered;
  json["host_calls"] = report.host_calls;
  if (report.use.calls > 0) json["model"] = to_json(report.use);
  json["tasks"] = Json::array();
  for (const TaskResult& result : report.results) json["tasks"].push_back(to_json(result));
  return json;
}

}  // namespace hyperagent
