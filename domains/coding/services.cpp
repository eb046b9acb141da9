#include "domains/coding/services.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "domains/coding/budget.h"

namespace hyperagent {
namespace {

Json refused(const std::string& why) { return {{"error", why}}; }

class Services : public TaskServices {
 public:
  Services(Bench& bench, const RepairTask& task) : bench_(bench), task_(task) {}

  Result<std::optional<Json>> call(const std::string& name, const Json& arguments) override {
    if (!name.starts_with("repair.")) return std::optional<Json>();
    if (!arguments.is_object()) return std::optional<Json>(refused("arguments must be an object"));
    if (spent_ + kCallCost > kBudget) return std::optional<Json>(refused("the budget of this task is spent"));
    spent_ += kCallCost;
    Result<Json> reply = Json();
    if (name == "repair.mutants") reply = mutants(arguments);
    else if (name == "repair.evaluate") reply = evaluate(arguments);
    else if (name == "repair.lines") reply = lines(arguments);
    else if (name == "repair.suspicion") reply = suspicion(arguments);
    else if (name == "repair.source") reply = source(arguments);
    else return std::optional<Json>();
    if (!reply) return reply.error();
    return std::optional<Json>(std::move(*reply));
  }

 private:
  Bench::Program program(const std::string& source) const { return {task_.language, task_.entry, source}; }

  // True when the budget allows it; charges once per distinct thing.
  bool afford(const std::string& what, int cost) {
    if (paid_.count(what) != 0) return true;
    if (spent_ + cost > kBudget) return false;
    spent_ += cost;
    paid_.insert(what);
    return true;
  }

  Result<NamedProgram> named(const Json& arguments) { return resolve(bench_, task_, arguments.contains("program") ? arguments["program"] : Json()); }

  Result<Json> mutants(const Json& arguments) {
    auto origin = named(arguments);
    if (!origin) return origin.error();
    if (!origin->error.empty()) return refused(origin->error);
    if (!origin->original && origin->handle.empty()) return refused("mutants are made of the task's program and its mutants only");
    if (!origin->original && !afford("mutants " + origin->source, kMutantsCost)) return refused("the budget of this task is spent");
    auto list = bench_.mutants(program(origin->source));
    if (!list) return list.error();
    const bool one_line = arguments.contains("line") && arguments["line"].is_number();
    const double line = one_line ? arguments["line"].get<double>() : 0;
    Json programs = Json::array();
    for (std::size_t i = 0; i < (*list)->size(); ++i) {
      const Mutant& mutant = (**list)[i];
      if (one_line && mutant.line != line) continue;
      const std::string handle = (origin->handle.empty() ? "" : origin->handle + ".") + std::to_string(i);
      programs.push_back({{"handle", handle}, {"line", mutant.line}, {"kind", mutant.kind}, {"size", mutant.size}});
    }
    return Json{{"programs", std::move(programs)}};
  }

  // The visible tests of a program in a box of its own, or nothing when the budget is spent. A program that does not compile is not
  // charged: no test was run.
  Result<std::optional<ProgramRun>> alone(const NamedProgram& what) {
    const bool known = paid_.count(what.source) != 0;
    if (!what.original && !afford(what.source, kAloneCost)) return std::optional<ProgramRun>();
    auto run = bench_.run(program(what.source), task_.visible);
    if (!run) return run.error();
    if (!what.original && !run->compiled && !known) spent_ -= kAloneCost;
    return std::optional<ProgramRun>(std::move(*run));
  }

  // The same without its values.
  Result<std::optional<Trial>> trial(const Json& program) {
    if (const auto index = mutant_of_original(program)) return mutant_trial(*index);
    auto what = resolve(bench_, task_, program);
    if (!what) return what.error();
    if (!what->error.empty()) return std::optional<Trial>(Trial{});
    auto run = alone(*what);
    if (!run) return run.error();
    if (!*run) return std::optional<Trial>();
    Trial trial{(*run)->compiled, {}};
    for (std::size_t i = 0; i < (*run)->results.size(); ++i) trial.passed.push_back(failure((*run)->results[i], task_.visible[i]).empty());
    return std::optional<Trial>(std::move(trial));
  }

  // The index that a handle names when it is that of a mutant of the task's program.
  static std::optional<std::size_t> mutant_of_original(const Json& program) {
    if (!program.is_object() || !program.contains("handle") || !program["handle"].is_string()) return std::nullopt;
    const std::string& handle = program["handle"].get_ref<const std::string&>();
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(handle.data(), handle.data() + handle.size(), index);
    return error == std::errc() && end == handle.data() + handle.size() ? std::optional(index) : std::nullopt;
  }

  Result<std::optional<Trial>> mutant_trial(std::size_t index) {
    if (!family_) {
      auto family = bench_.family(program(task_.source), task_.visible);
      if (!family) return family.error();
      family_ = *family;
    }
    if (index >= family_->size()) return std::optional<Trial>(Trial{});
    const Trial& trial = (*family_)[index];
    if (trial.compiled && !afford("mutant " + std::to_string(index), 1)) return std::optional<Trial>();
    return std::optional<Trial>(trial);
  }

  Result<Json> evaluate(const Json& arguments) {
    if (!arguments.contains("programs") || !arguments["programs"].is_array()) return refused("\"programs\" must be a list");
    Json results = Json::array();
    for (const Json& one : arguments["programs"]) {
      if (results.size() >= static_cast<std::size_t>(kBudget)) break;
      auto tried = trial(one);
      if (!tried) return tried.error();
      if (!*tried) {
        results.push_back(refused("the budget of this task is spent"));
        continue;
      }
      const std::vector<bool>& passed = (*tried)->passed;
      results.push_back({{"passed", std::count(passed.begin(), passed.end(), true)}, {"of", task_.visible.size()}});
      if (!(*tried)->compiled) results.back()["why"] = "does not compile, or no such program";
    }
    return Json{{"results", std::move(results)}};
  }

  Result<Json> lines(const Json& arguments) {
    auto what = named(arguments);
    if (!what) return what.error();
    if (!what->error.empty()) return refused(what->error);
    auto run = alone(*what);
    if (!run) return run.error();
    if (!*run) return refused("the budget of this task is spent");
    std::vector<std::pair<int, double>> ranked;
    for (const auto& entry : suspicion_of(**run, task_.visible)) ranked.push_back(entry);
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    Json out = Json::array();
    for (const auto& [line, value] : ranked) out.push_back({{"line", line}, {"suspicion", value}});
    return Json{{"lines", std::move(out)}};
  }

  // Of the line that a mutant edits, measured on the original program: free, because that is.
  Result<Json> suspicion(const Json& arguments) {
    if (!arguments.contains("programs") || !arguments["programs"].is_array()) return refused("\"programs\" must be a list");
    if (!suspicion_) {
      auto run = bench_.run(program(task_.source), task_.visible);
      if (!run) return run.error();
      suspicion_ = suspicion_of(*run, task_.visible);
    }
    Json out = Json::array();
    for (const Json& one : arguments["programs"]) {
      const auto found = one.is_object() && one.contains("line") && one["line"].is_number() ? suspicion_->find(static_cast<int>(one["line"].get<double>())) : suspicion_->end();
      out.push_back(found == suspicion_->end() ? 0.0 : found->second);
    }
    return Json{{"suspicion", std::move(out)}};
  }

  Result<Json> source(const Json& arguments) {
    auto what = named(arguments);
    if (!what) return what.error();
    if (!what->error.empty()) return refused(what->error);
    return Json{{"source", what->source}};
  }

  Bench& bench_;
  const RepairTask& task_;
  int spent_ = 0;
  std::set<std::string> paid_;
  std::optional<std::map<int, double>> suspicion_;
  std::shared_ptr<const Bench::Family> family_;
};

}  // namespace

Result<NamedProgram> resolve(Bench& bench, const RepairTask& task, const Json& program) {
  NamedProgram out;
  const Json source = program.is_string() ? program : program.is_object() && program.contains("source") ? program["source"] : Json();
  if (source.is_string()) {
    out.source = source.get<std::string>();
    if (out.source.size() > kSourceBytes) out.error = "the source is too long";
    out.original = out.source == task.source;
    return out;
  }
  if (!program.is_object() || !program.contains("handle") || !program["handle"].is_string()) {
    out.error = "a program is {\"handle\": text} or {\"source\": text}";
    return out;
  }
  out.handle = program["handle"].get<std::string>();
  out.source = task.source;
  out.original = true;
  std::size_t depth = 0;
  const char* at = out.handle.data();
  const char* const end = at + out.handle.size();
  while (at != end) {
    std::size_t index = 0;
    const auto [next, error] = std::from_chars(at, end, index);
    if (error != std::errc() || ++depth > kHandleDepth || (next != end && (*next != '.' || next + 1 == end))) {
      out.error = "no program has this handle";
      return out;
    }
    auto list = bench.mutants({task.language, task.entry, out.source});
    if (!list) return list.error();
    if (index >= (*list)->size()) {
      out.error = "no program has this handle";
      return out;
    }
    const Mutant& mutant = (**list)[index];
    out.source = mutant.of(out.source);
    out.line = mutant.line;
    out.kind = mutant.kind;
    out.original = false;
    at = next == end ? end : next + 1;
  }
  return out;
}

std::unique_ptr<TaskServices> repair_services(Bench& bench, const RepairTask& task) { return std::make_unique<Services>(bench, task); }

}  // namespace hyperagent
