#include "domains/coding/bench.h"

#include <algorithm>
#include <numeric>
#include <functional>
#include <optional>

#include "domains/coding/budget.h"
#include "domains/coding/sha256.h"

namespace hyperagent {
namespace {

// A reply may come from hostile code: nesting that would overflow the stack of a recursive walk is refused before it is parsed.
std::optional<Json> parse_reply(const std::string& text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > 100) return std::nullopt;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  Json json = Json::parse(text, nullptr, false);
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

int edit_size(const std::string& a, const std::string& b) {
  std::size_t from = 0, end = 0;
  const std::size_t least = std::min(a.size(), b.size());
  while (from < least && a[from] == b[from]) ++from;
  while (end < least - from && a[a.size() - 1 - end] == b[b.size() - 1 - end]) ++end;
  return static_cast<int>(std::max(a.size(), b.size()) - from - end);
}

BoxLimits limits(double seconds) {
  BoxLimits limits;
  limits.wall_seconds = seconds;
  limits.memory_bytes = kBoxMemory;
  limits.processes = kBoxProcesses;
  limits.output_bytes = kBoxOutput;
  return limits;
}

Json run_settings(bool second) {
  return {{"fuel", second ? kSecondFuel : kFuel}, {"depth", kDepth}, {"memory", kProgramMemory},
          {"seconds", second ? kSecondSeconds : kProgramSeconds}, {"exhaust", second ? 1 : kExhaust}};
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

std::mutex& Bench::stripe(const std::string& key) { return stripes_[std::hash<std::string>{}(key) % stripes_.size()]; }

std::string Bench::run_key(const Program& program, const std::vector<RepairTest>& tests) const {
  Json calls = Json::array();
  for (const RepairTest& test : tests) calls.push_back({test.call, test.expected, test.approximate, test.tolerance});
  return sha256_hex(Json{kBenchVersion, "run", program.language, program.entry, program.source, calls}.dump(-1, ' ', false, Json::error_handler_t::replace));
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

Result<Bench::Box> Bench::run_python(const Program& like, const Sources& sources, const Job& job) {
  Json request = run_settings(job.second);
  request.update({{"op", "run"}, {"entry", like.entry}, {"programs", sources}, {"tests", job.calls}});
  Box box;
  auto reply = ask_python(request, kBoxSeconds, box.why);
  if (!reply) return reply.error();
  if (!reply->is_object() || !reply->contains("runs") || !(*reply)["runs"].is_array() || (*reply)["runs"].size() != sources.size()) return box;
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

Result<Bench::Box> Bench::run_cpp(const Program& like, const Sources& sources, const Job& job) {
  Box box;
  auto built = ask_toolchain("build_cpp", {{"entry", like.entry}, {"variants", sources}});
  if (!built) return built.error();
  if (!built->contains("compiled") || (*built)["compiled"].size() != sources.size()) {
    // The compiler broke down on this source: its fault when it is alone, to be found by splitting when it is not.
    box.why = built->contains("refused") ? (*built)["refused"].value("message", "") : built->value("error", "the compiler failed");
    if (sources.size() == 1) {
      box.replied = true;
      box.runs.push_back(uncompiled(box.why));
    }
    return box;
  }
  box.runs.resize(sources.size());
  bool any = false;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    box.runs[i].compiled = (*built)["compiled"][i].get<bool>();
    any = any || box.runs[i].compiled;
    if (!box.runs[i].compiled) box.runs[i] = uncompiled((*built)["errors"][i].get<std::string>());
  }
  box.replied = true;
  if (!any) return box;
  box.replied = false;

  BoxSpec spec;
  const std::string program = std::string(kBoxShare) + "/ha-program-runner";
  spec.argv = {program};
  spec.read_only = {{options_.share + "/ha-program-runner", program}};
  spec.limits = limits(kBoxSeconds);
  spec.profile = SyscallProfile::Agent;
  auto process = options_.launcher->start(spec);
  if (!process) return process.error();
  Json request = run_settings(job.second);
  request["tests"] = Json::array();
  for (const Json& call : job.calls) request["tests"].push_back(call["args"].dump());
  const auto& library = (*built)["library"].get_binary();
  std::optional<std::string> reply;
  if ((*process)->send(request.dump()) && (*process)->send(std::string_view(reinterpret_cast<const char*>(library.data()), library.size()))) {
    reply = (*process)->receive(kBoxSeconds);
  }
  if (!reply) {
    box.why = describe((*process)->wait());
    const std::string words = (*process)->standard_error();
    if (!words.empty()) box.why += ": " + words.substr(words.size() > 400 ? words.size() - 400 : 0);
    return box;
  }
  const auto json = parse_reply(*reply);
  if (!json || !json->contains("runs") || !(*json)["runs"].is_array() || (*json)["runs"].size() != sources.size()) {
    box.why = "a malformed reply";
    return box;
  }
  for (std::size_t i = 0; i < sources.size(); ++i) if (box.runs[i].compiled) box.runs[i] = shaped((*json)["runs"][i], job.calls.size());
  box.replied = true;
  return box;
}

// A box that ended without a reply: is it the program's doing, or does nothing run here at all?
Result<void> Bench::check_worker(const std::string& language, const std::string& why) {
  const bool python = language == "python";
  const Program probe{language, "probe", python ? "def probe():\n    return 1\n" : "int probe() { return 1; }\n"};
  const Job job{{Json{{"args", Json::array()}}}, false};
  const auto box = python ? run_python(probe, {probe.source}, job) : run_cpp(probe, {probe.source}, job);
  if (!box) return box.error();
  if (box->replied && box->runs[0].compiled && box->runs[0].results[0].value("status", "") == "value") return {};
  return environment_error(std::string("cannot run ") + (python ? "Python" : "C++") + " programs under repair: even a trivial program gave " +
                           (box->why.empty() ? (box->runs.empty() ? "nothing" : box->runs[0].error) : box->why) + " (first: " + why + "); run `hyperagent doctor`");
}

Result<std::vector<ProgramRun>> Bench::run_batch(const Program& like, const Sources& sources, const Job& job) {
  auto box = like.language == "python" ? run_python(like, sources, job) : run_cpp(like, sources, job);
  if (!box) return box.error();
  if (box->replied) return std::move(box->runs);
  if (sources.size() == 1) {
    if (auto works = check_worker(like.language, box->why); !works) return works.error();
    return std::vector<ProgramRun>{crashed(box->why, job.calls.size())};
  }
  const auto middle = sources.begin() + static_cast<long>(sources.size() / 2);
  auto first = run_batch(like, Sources(sources.begin(), middle), job);
  if (!first) return first;
  auto second = run_batch(like, Sources(middle, sources.end()), job);
  if (!second) return second;
  first->insert(first->end(), std::make_move_iterator(second->begin()), std::make_move_iterator(second->end()));
  return first;
}

Result<ProgramRun> Bench::run_alone(const Program& program, const std::vector<RepairTest>& tests) {
  Job job;
  for (const RepairTest& test : tests) job.calls.push_back(test.call);
  auto runs = run_batch(program, {program.source}, job);
  if (!runs) return runs.error();
  if (runs->front().compiled && only_slow(runs->front(), tests)) {
    job.second = true;
    runs = run_batch(program, {program.source}, job);
    if (!runs) return runs.error();
  }
  return std::move(runs->front());
}

Result<std::shared_ptr<const std::vector<Mutant>>> Bench::mutants(const Program& program) {
  const std::string key = sha256_hex(Json{kBenchVersion, "mutants", program.language, program.entry, program.source}.dump(-1, ' ', false, Json::error_handler_t::replace));
  const std::lock_guard computing(stripe(key));
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
        list = (*reply)["mutants"];
      }
    } else {
      auto reply = ask_toolchain("mutate_cpp", {{"source", program.source}, {"entry", program.entry}});
      if (!reply) return reply.error();
      if (reply->contains("mutants")) {
        for (const Json& edit : (*reply)["mutants"]) {
          std::string source = program.source;
          source.replace(edit["offset"].get<std::size_t>(), edit["length"].get<std::size_t>(), edit["text"].get<std::string>());
          list.push_back({{"source", source}, {"line", edit["line"]}, {"kind", edit["kind"]}});
        }
      }
    }
    document = cache_.store(key, std::move(list));
  }
  cache_.forget(key);
  auto out = std::make_shared<std::vector<Mutant>>();
  for (const Json& m : *document) {
    Mutant mutant{m["source"], m["line"], m["kind"], 0};
    mutant.size = edit_size(program.source, mutant.source);
    out->push_back(std::move(mutant));
  }
  const std::lock_guard lock(mutants_mutex_);
  return mutants_.emplace(key, std::move(out)).first->second;
}

Result<ProgramRun> Bench::run(const Program& program, const std::vector<RepairTest>& tests) {
  const std::string key = run_key(program, tests);
  const std::lock_guard computing(stripe(key));
  if (const auto document = cache_.find(key)) return program_run_from(*document);
  auto alone = run_alone(program, tests);
  if (!alone) return alone.error();
  cache_.store(key, to_json(*alone));
  return alone;
}

Result<std::shared_ptr<const std::vector<std::size_t>>> Bench::suspicion_order(const Program& program, const std::vector<RepairTest>& tests,
                                                                              const std::string& key) {
  {
    const std::lock_guard lock(mutants_mutex_);
    if (const auto found = orders_.find(key); found != orders_.end()) return found->second;
  }
  auto list = mutants(program);
  if (!list) return list.error();
  auto original = run(program, tests);
  if (!original) return original.error();
  const auto suspicion = suspicion_of(*original, tests);
  const auto of = [&](std::size_t mutant) {
    const auto found = suspicion.find((**list)[mutant].line);
    return found == suspicion.end() ? 0.0 : found->second;
  };
  auto order = std::make_shared<std::vector<std::size_t>>((*list)->size());
  std::iota(order->begin(), order->end(), std::size_t{0});
  std::stable_sort(order->begin(), order->end(), [&](std::size_t a, std::size_t b) { return of(a) > of(b); });
  const std::lock_guard lock(mutants_mutex_);
  return orders_.emplace(key, std::move(order)).first->second;
}

Result<ProgramRun> Bench::run_mutant(const Program& program, const std::vector<RepairTest>& tests, std::size_t mutant) {
  const std::string family = run_key(program, tests);
  auto order = suspicion_order(program, tests, family);
  if (!order) return order.error();
  const auto place = static_cast<std::size_t>(std::find((*order)->begin(), (*order)->end(), mutant) - (*order)->begin());
  if (place == (*order)->size()) return user_error("no such mutant");
  const std::size_t first = place / kBatch * kBatch, last = std::min((*order)->size(), first + kBatch);
  auto list = mutants(program);  // before the stripe is held: it takes one of its own
  if (!list) return list.error();
  const std::string key = sha256_hex("batch " + std::to_string(first / kBatch) + " " + family);
  const std::lock_guard computing(stripe(key));
  {
    const std::lock_guard lock(mutants_mutex_);
    if (const auto found = batches_.find(key); found != batches_.end()) return (*found->second)[place - first];
  }
  auto document = cache_.find(key);
  if (document && document->size() != last - first) document = nullptr;  // the mutants were made by another version
  if (!document) {
    Sources sources;
    for (std::size_t i = first; i < last; ++i) sources.push_back((**list)[(**order)[i]].source);
    Job job;
    for (const RepairTest& test : tests) job.calls.push_back(test.call);
    // No second run here: many mutants of a program with a loop never end, and each would cost 25 times its fuel.
    auto runs = run_batch(program, sources, job);
    if (!runs) return runs.error();
    Json all = Json::array();
    for (const ProgramRun& run : *runs) all.push_back(to_json(run));
    document = cache_.store(key, std::move(all));
  }
  auto out = std::make_shared<std::vector<ProgramRun>>();
  for (const Json& run : *document) out->push_back(program_run_from(run));
  cache_.forget(key);
  const std::lock_guard lock(mutants_mutex_);
  return (*batches_.emplace(key, std::move(out)).first->second)[place - first];
}

}  // namespace hyperagent
