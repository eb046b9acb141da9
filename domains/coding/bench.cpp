#include "domains/coding/bench.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "domains/coding/budget.h"
#include "domains/coding/sha256.h"
#include "hyperagent/core/json_text.h"

namespace hyperagent {
namespace {

// A reply may come from hostile code.
std::optional<Json> parse_reply(const std::string& text) {
  Json json = parse_untrusted(text);
  if (!json.is_object()) return std::nullopt;
  return json;
}

// Exactly one result and one list of lines per call, whatever the box said.
ProgramRun shaped(const Json& json, std::size_t calls) {
  ProgramRun run;
  run.compiled = true;
  const Json results = json.is_object() && json.contains("results") && json["results"].is_array() ? json["results"] : Json::array();
  const Json coverage = json.is_object() && json.contains("coverage") && json["coverage"].is_array() ? json["coverage"] : Json::array();
  for (std::size_t i = 0; i < calls; ++i) {
    Json result = i < results.size() && results[i].is_object() ? results[i] : Json{{"status", "crash"}};
    if (!result.contains("status") || !result["status"].is_string()) result["status"] = "crash";
    if (result.contains("what") && !result["what"].is_string()) result.erase("what");
    run.results.push_back(std::move(result));
    std::vector<int> lines;
    if (i < coverage.size() && coverage[i].is_array()) {
      for (const Json& line : coverage[i]) if (line.is_number_integer() && lines.size() < 10000) lines.push_back(line.get<int>());
    }
    run.coverage.push_back(std::move(lines));
  }
  return run;
}

ProgramRun crashed(const std::string& why, std::size_t calls) {
  ProgramRun run;
  run.compiled = true;
  run.results.assign(calls, Json{{"status", "crash"}, {"what", why}});
  run.coverage.resize(calls);
  return run;
}

ProgramRun uncompiled(const std::string& why) {
  ProgramRun run;
  run.error = why.empty() ? "does not compile" : why;
  return run;
}

bool inside_character(const std::string& text, std::size_t at) { return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; }

// The least replacement that turns `from` into `to`, at whole UTF-8 characters.
Mutant difference(const std::string& from, const std::string& to) {
  std::size_t begin = 0, end = 0;
  const std::size_t least = std::min(from.size(), to.size());
  while (begin < least && from[begin] == to[begin]) ++begin;
  while (begin > 0 && inside_character(from, begin)) --begin;
  while (end < least - begin && from[from.size() - 1 - end] == to[to.size() - 1 - end]) ++end;
  while (end > 0 && inside_character(from, from.size() - end)) --end;
  Mutant mutant;
  mutant.offset = begin;
  mutant.length = from.size() - begin - end;
  mutant.text = to.substr(begin, to.size() - begin - end);
  mutant.size = static_cast<int>(std::max(mutant.length, mutant.text.size()));
  return mutant;
}

Json edit_of(const Mutant& mutant) { return {{"offset", mutant.offset}, {"length", mutant.length}, {"text", mutant.text}}; }

Json edits_of(const std::vector<Mutant>& mutants) {
  Json edits = Json::array();
  for (const Mutant& mutant : mutants) edits.push_back(edit_of(mutant));
  return edits;
}

BoxLimits limits(double seconds) {
  BoxLimits limits;
  limits.wall_seconds = seconds;
  limits.memory_bytes = kBoxMemory;
  limits.processes = kBoxProcesses;
  limits.output_bytes = kBoxOutput;
  return limits;
}

// A mutant that takes much longer than the original on tests of like size is endless in practice. An original that never ends tells nothing.
long long fuel_of_mutants(const ProgramRun& original) {
  long long most = 0;
  for (const Json& result : original.results)
    if (result.value("status", "") == "value" || result.value("status", "") == "exception") most = std::max(most, result.value("steps", 0ll));
  return most == 0 ? kFuel : std::clamp(kMutantFuelFactor * most, kLeastMutantFuel, kFuel);
}

std::vector<Json> calls_of(const std::vector<RepairTest>& tests) {
  std::vector<Json> calls;
  for (const RepairTest& test : tests) calls.push_back(test.call);
  return calls;
}

// Right on every test it finished, and it finished one: what is left may only need longer.
bool only_slow(const ProgramRun& run, const std::vector<RepairTest>& tests) {
  bool finished = false, unfinished = false;
  for (std::size_t i = 0; i < run.results.size(); ++i) {
    const std::string status = run.results[i].value("status", "");
    if (status == "fuel" || status == "skipped") unfinished = true;
    else if (failure(run.results[i], tests[i]).empty()) finished = true;
    else return false;
  }
  return finished && unfinished;
}

constexpr const char* kBoxShare = "/opt/hyperagent";

}  // namespace

Bench::Bench(const RepairOptions& options) : options_(options), cache_(options.cache_dir) {}

std::mutex& Bench::stripe(const std::string& key, Kind kind) { return stripes_[kind][std::hash<std::string>{}(key) % stripes_[kind].size()]; }

std::string Bench::run_key(const Program& program, const std::vector<RepairTest>& tests) const {
  Json calls = Json::array();
  for (const RepairTest& test : tests) calls.push_back({test.call, test.expected, test.approximate, test.tolerance});
  return sha256_hex(Json{kBenchVersion, "run", program.language, program.entry, program.source, calls}.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json Bench::settings_of(const Job& job) {
  return {{"fuel", job.fuel}, {"depth", kDepth}, {"memory", kProgramMemory}, {"seconds", job.seconds}, {"exhaust", job.exhaust}};
}

Result<Json> Bench::ask_python(const Json& request, double seconds, std::string& why) {
  BoxSpec spec;
  spec.argv = {"/usr/bin/python3", "-s", "-S", "-B", std::string(kBoxShare) + "/python_worker.py"};
  for (const char* script : {"/python_worker.py", "/python_mutation.py"}) spec.read_only.push_back({options_.share + script, kBoxShare + std::string(script)});
  // The hash seed decides in which order sets of strings iterate; -I would ignore it, and the environment is ours alone anyway.
  spec.environment = {{"PYTHONHASHSEED", "0"}, {"LC_ALL", "C.UTF-8"}, {"PYTHONUTF8", "1"}};
  spec.limits = limits(seconds);
  spec.profile = SyscallProfile::Tool;
  auto process = options_.launcher->start(spec);
  if (!process) return process.error();
  std::optional<std::string> reply;
  if ((*process)->send(request.dump(-1, ' ', false, Json::error_handler_t::replace))) reply = (*process)->receive(seconds);
  if (reply) {
    if (auto json = parse_reply(*reply)) return *json;
    why = "a malformed reply";
  } else {
    why = describe((*process)->wait());
    const std::string words = (*process)->standard_error();
    if (!words.empty()) why += ": " + words.substr(words.size() > 400 ? words.size() - 400 : 0);
  }
  return Json(nullptr);
}

Result<Bench::Box> Bench::run_python(const Program& program, const Mutants& mutants, const Job& job) {
  Json request = settings_of(job);
  request.update({{"op", "run"}, {"coverage", mutants.empty()}, {"entry", program.entry}, {"source", program.source}, {"edits", edits_of(mutants)}, {"tests", job.calls}});
  if (mutants.empty()) request["edits"].push_back(edit_of({}));
  Box box;
  auto reply = ask_python(request, kBoxSeconds, box.why);
  if (!reply) return reply.error();
  if (!reply->is_object() || !reply->contains("runs") || !(*reply)["runs"].is_array() || (*reply)["runs"].size() != request["edits"].size()) return box;
  box.replied = true;
  for (const Json& run : (*reply)["runs"]) {
    const bool compiled = !run.is_object() || run.value("compiled", true);
    box.runs.push_back(compiled ? shaped(run, job.calls.size()) : uncompiled(run.value("error", "")));
  }
  return box;
}

Result<Json> Bench::ask_toolchain(const std::string& request, const Json& arguments) {
  if (!options_.toolchain) return environment_error("cannot work on a C++ program under repair: no toolchain was given");
  std::unique_ptr<Toolchain> toolchain;
  {
    std::unique_lock lock(toolchains_mutex_);
    toolchain_free_.wait(lock, [&] { return !toolchains_.empty() || toolchains_made_ < kToolchains; });
    if (!toolchains_.empty()) {
      toolchain = std::move(toolchains_.back());
      toolchains_.pop_back();
    } else {
      ++toolchains_made_;
    }
  }
  Result<Json> reply = Json();
  if (!toolchain) {
    auto made = options_.toolchain();
    if (made) toolchain = std::move(*made);
    else reply = made.error();
  }
  if (toolchain) reply = toolchain->ask(request, arguments);
  {
    const std::lock_guard lock(toolchains_mutex_);
    // One that failed is not used again: its worker may be gone.
    if (toolchain && reply) toolchains_.push_back(std::move(toolchain));
    else --toolchains_made_;
  }
  toolchain_free_.notify_one();
  return reply;
}

Result<Bench::Box> Bench::run_cpp(const Program& program, const Mutants& mutants, const Job& job) {
  Box box;
  const std::size_t count = std::max<std::size_t>(mutants.size(), 1);
  const Json request = mutants.empty() ? Json{{"entry", program.entry}, {"variants", Json::array({program.source})}}
                                       : Json{{"entry", program.entry}, {"source", program.source}, {"edits", edits_of(mutants)}};
  auto built = ask_toolchain("build_cpp", request);
  if (!built) return built.error();
  if (!built->contains("compiled") || (*built)["compiled"].size() != count) {
    // The compiler broke down on this source: its fault when it is alone, to be found by splitting when it is not.
    box.why = built->contains("refused") ? (*built)["refused"].value("message", "") : built->value("error", "the compiler failed");
    if (count == 1) {
      box.replied = true;
      box.runs.push_back(uncompiled(box.why));
    }
    return box;
  }
  box.runs.resize(count);
  bool any = false;
  for (std::size_t i = 0; i < count; ++i) {
    box.runs[i].compiled = (*built)["compiled"][i].get<bool>();
    any = any || box.runs[i].compiled;
    if (!box.runs[i].compiled) box.runs[i] = uncompiled((*built)["errors"][i].get<std::string>());
  }
  box.replied = true;
  if (!any) return box;
  box.replied = false;

  BoxSpec spec;
  const std::string runner = std::string(kBoxShare) + "/ha-program-runner";
  spec.argv = {runner};
  spec.read_only = {{options_.share + "/ha-program-runner", runner}};
  spec.limits = limits(kBoxSeconds);
  spec.profile = SyscallProfile::Agent;
  auto process = options_.launcher->start(spec);
  if (!process) return process.error();
  Json settings = settings_of(job);
  settings["tests"] = Json::array();
  for (const Json& call : job.calls) settings["tests"].push_back(call["args"].dump());
  const auto& library = (*built)["library"].get_binary();
  std::optional<std::string> reply;
  if ((*process)->send(settings.dump()) && (*process)->send(std::string_view(reinterpret_cast<const char*>(library.data()), library.size()))) {
    reply = (*process)->receive(kBoxSeconds);
  }
  if (!reply) {
    box.why = describe((*process)->wait());
    const std::string words = (*process)->standard_error();
    if (!words.empty()) box.why += ": " + words.substr(words.size() > 400 ? words.size() - 400 : 0);
    return box;
  }
  const auto json = parse_reply(*reply);
  if (!json || !json->contains("runs") || !(*json)["runs"].is_array() || (*json)["runs"].size() != count) {
    box.why = "a malformed reply";
    return box;
  }
  for (std::size_t i = 0; i < count; ++i) if (box.runs[i].compiled) box.runs[i] = shaped((*json)["runs"][i], job.calls.size());
  box.replied = true;
  return box;
}

// A box that ended without a reply: is it the program's doing, or does nothing run here at all?
Result<void> Bench::check_worker(const std::string& language, const std::string& why) {
  const bool python = language == "python";
  const Program probe{language, "probe", python ? "def probe():\n    return 1\n" : "int probe() { return 1; }\n"};
  const auto box = run_box(probe, {}, {{Json{{"args", Json::array()}}}, kFuel, kProgramSeconds, kExhaust});
  if (!box) return box.error();
  if (box->replied && box->runs[0].compiled && box->runs[0].results[0].value("status", "") == "value") return {};
  return environment_error(std::string("cannot run ") + (python ? "Python" : "C++") + " programs under repair: even a trivial program gave " +
                           (box->why.empty() ? (box->runs.empty() ? "nothing" : box->runs[0].error) : box->why) + " (first: " + why + "); run `hyperagent doctor`");
}

// A source that does not compile may be anybody's; that none compiles is ours, and must not be kept as what became of a program. A Python that
// says what is wrong with a source works.
Result<void> Bench::check_compiler(const std::string& language, const std::string& why) {
  if (language == "python" || compiler_works_) return {};
  auto works = check_worker(language, why);
  compiler_works_ = works.has_value();
  return works;
}

Result<Bench::Box> Bench::run_box(const Program& program, const Mutants& mutants, const Job& job) {
  return program.language == "python" ? run_python(program, mutants, job) : run_cpp(program, mutants, job);
}

Result<std::vector<ProgramRun>> Bench::run_batch(const Program& program, const Mutants& mutants, const Job& job) {
  auto box = run_box(program, mutants, job);
  if (!box) return box.error();
  if (box->replied) {
    if (std::none_of(box->runs.begin(), box->runs.end(), [](const ProgramRun& run) { return run.compiled; }))
      if (auto works = check_compiler(program.language, box->runs.empty() ? "" : box->runs[0].error); !works) return works.error();
    return std::move(box->runs);
  }
  if (mutants.size() <= 1) {
    if (auto works = check_worker(program.language, box->why); !works) return works.error();
    return std::vector<ProgramRun>{crashed(box->why, job.calls.size())};
  }
  const auto middle = mutants.begin() + static_cast<long>(mutants.size() / 2);
  auto first = run_batch(program, Mutants(mutants.begin(), middle), job);
  if (!first) return first;
  auto second = run_batch(program, Mutants(middle, mutants.end()), job);
  if (!second) return second;
  first->insert(first->end(), std::make_move_iterator(second->begin()), std::make_move_iterator(second->end()));
  return first;
}

Result<ProgramRun> Bench::run_alone(const Program& program, const std::vector<RepairTest>& tests) {
  Job job{calls_of(tests), kFuel, kProgramSeconds, kExhaust};
  auto runs = run_batch(program, {}, job);
  if (!runs) return runs.error();
  if (runs->front().compiled && only_slow(runs->front(), tests)) {
    job.fuel = kSecondFuel;
    job.seconds = kSecondSeconds;
    job.exhaust = 1;
    runs = run_batch(program, {}, job);
    if (!runs) return runs.error();
  }
  return std::move(runs->front());
}

Result<std::shared_ptr<const std::vector<Mutant>>> Bench::mutants(const Program& program) {
  const std::string key = sha256_hex(Json{kBenchVersion, "mutants", program.language, program.entry, program.source}.dump(-1, ' ', false, Json::error_handler_t::replace));
  const std::lock_guard computing(stripe(key, kMutantLists));
  {
    const std::lock_guard lock(mutants_mutex_);
    if (const auto found = mutants_.find(key); found != mutants_.end()) return found->second;
  }
  auto document = cache_.find(key);
  if (!document) {
    Json list = Json::array();
    if (program.language == "python") {
      std::string why;
      auto reply = ask_python({{"op", "mutate"}, {"source", program.source}, {"cap", kPythonMutants}}, kMutateSeconds, why);
      if (!reply) return reply.error();
      if (reply->is_null()) {
        if (auto works = check_worker(program.language, why); !works) return works.error();
      } else if (reply->contains("mutants")) {
        for (const Json& made : (*reply)["mutants"]) {
          Json mutant = edit_of(difference(program.source, made["source"]));
          mutant.update({{"line", made["line"]}, {"kind", made["kind"]}});
          list.push_back(std::move(mutant));
        }
      }
    } else {
      auto reply = ask_toolchain("mutate_cpp", {{"source", program.source}, {"entry", program.entry}});
      if (!reply) return reply.error();
      if (reply->contains("mutants")) {
        list = (*reply)["mutants"];
      } else if (auto works = check_compiler(program.language, reply->contains("refused") ? (*reply)["refused"].value("message", "") : "it lists no mutants"); !works) {
        return works.error();
      }
    }
    document = cache_.store(key, std::move(list));
  }
  cache_.forget(key);
  auto out = std::make_shared<std::vector<Mutant>>();
  for (const Json& m : *document) {
    Mutant mutant{m["offset"], m["length"], m["text"], m["line"], m["kind"], 0};
    mutant.size = difference(program.source, mutant.of(program.source)).size;
    out->push_back(std::move(mutant));
  }
  const std::lock_guard lock(mutants_mutex_);
  return mutants_.emplace(key, std::move(out)).first->second;
}

Result<ProgramRun> Bench::run(const Program& program, const std::vector<RepairTest>& tests) {
  const std::string key = run_key(program, tests);
  const std::lock_guard computing(stripe(key, kRuns));
  if (const auto document = cache_.find(key)) return program_run_from(*document);
  auto alone = run_alone(program, tests);
  if (!alone) return alone.error();
  cache_.store(key, to_json(*alone));
  return alone;
}

// One text a mutant: a digit a test, 1 when it passes; null when it does not compile.
Result<Json> Bench::try_family(const Program& program, const std::vector<RepairTest>& tests) {
  auto list = mutants(program);
  if (!list) return list.error();
  auto original = run(program, tests);
  if (!original) return original.error();
  Json trials = Json::array();
  if ((*list)->empty()) return trials;
  // No second run here: many mutants of a program with a loop never end, and each would cost 25 times its fuel.
  auto runs = run_batch(program, **list, {calls_of(tests), fuel_of_mutants(*original), kProgramSeconds, kExhaust});
  if (!runs) return runs.error();
  for (const ProgramRun& run : *runs) {
    std::string passed;
    for (std::size_t i = 0; i < run.results.size(); ++i) passed += failure(run.results[i], tests[i]).empty() ? '1' : '0';
    trials.push_back(run.compiled ? Json(passed) : Json(nullptr));
  }
  return trials;
}

Result<std::shared_ptr<const Bench::Family>> Bench::family(const Program& program, const std::vector<RepairTest>& tests) {
  const std::string key = sha256_hex("family " + run_key(program, tests));
  const std::lock_guard computing(stripe(key, kFamilies));
  {
    const std::lock_guard lock(mutants_mutex_);
    if (const auto found = families_.find(key); found != families_.end()) return found->second;
  }
  auto document = cache_.find(key);
  if (!document) {
    auto tried = try_family(program, tests);
    if (!tried) return tried.error();
    document = cache_.store(key, std::move(*tried));
  }
  auto trials = std::make_shared<Family>();
  for (const Json& one : *document) {
    Trial trial{one.is_string(), {}};
    if (trial.compiled) for (const char c : one.get_ref<const std::string&>()) trial.passed.push_back(c == '1');
    trials->push_back(std::move(trial));
  }
  cache_.forget(key);
  const std::lock_guard lock(mutants_mutex_);
  return families_.emplace(key, std::move(trials)).first->second;
}

}  // namespace hyperagent
