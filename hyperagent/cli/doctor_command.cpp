// `hyperagent doctor`: what this machine and this installation offer, with advice for whatever fails. Ends with a real round trip.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "hyperagent/cli/agent_source.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/model_flags.h"
#include "hyperagent/cli/run_directory.h"
#include "hyperagent/cli/stop_signals.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/report/phrases.h"
#include "sandbox/box_launcher.h"
#include "sandbox/probe.h"

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 5;

Json entry(const std::string& name, bool ok, const std::string& detail, const std::string& advice, bool optional = false) {
  return {{"name", name}, {"ok", ok}, {"detail", detail}, {"advice", ok ? "" : advice}, {"optional", optional}};
}

std::string milliseconds(double seconds) { return decimal(seconds * 1e3, 1) + " ms"; }

Json file_entry(const std::string& name, const std::string& path, bool optional = false) {
  std::error_code code;
  const bool there = fs::exists(path, code);
  return entry(name, there, there ? path : path + " is missing", "build hyperagent again (quickstart.sh): this file comes with it", optional);
}

void check_installation(const Paths& paths, Json& list) {
  for (const char* program : {"ha-box", "ha-runner", "ha-tool"}) list.push_back(file_entry(program, paths.program(program)));
  list.push_back(file_entry("precompiled agent API", paths.share + "/agent.pch"));
  const auto agents = shipped_agents(paths);
  std::string names;
  for (const std::string& agent : agents) names += (names.empty() ? "" : ", ") + agent;
  list.push_back(entry("shipped agents", std::find(agents.begin(), agents.end(), "blank") != agents.end(), names.empty() ? "none in " + paths.share : names,
                       "build hyperagent again: the agents are copied by the build"));
  const std::string resources = HA_CLANG_RESOURCES;
  std::error_code code;
  const bool there = fs::exists(resources + "/include", code);
  list.push_back(entry("Clang resource directory", there, there ? resources : resources + " is missing", "install libclang-common-19-dev"));
}

void check_disk(Json& list) {
  std::error_code code;
  const fs::path here = fs::current_path(code);
  const auto space = check_free_space(here.string());
  const fs::space_info info = fs::space(here, code);
  list.push_back(entry("disk space here", space.has_value(), code ? code.message() : std::to_string(info.available >> 20) + " MiB free",
                       "a run needs 200 MiB: free some, or run elsewhere"));
}

// Compiles the blank agent, changed a little each time so that nothing is cached, and runs it.
void check_round_trip(const Paths& paths, Json& list) {
  const std::string advice = "see the failing lines above; without them, report this line";
  auto fail = [&](const std::string& name, const std::string& why) { list.push_back(entry(name, false, one_line(why, 300), advice)); };
  auto bench = Workbench::open(paths, 1);
  if (!bench) return fail("compile an agent", bench.error().message);
  auto blank = load_agent(paths, "blank");
  if (!blank) return fail("compile an agent", blank.error().message);
  const SystemClock clock;
  std::vector<double> compile_seconds, run_seconds;
  for (int round = 0; round < kRounds; ++round) {
    blank->source.files["task/solve.cpp"] += "// " + std::to_string(round) + "\n";
    double began = clock.seconds();
    auto compiled = (*bench)->compile(blank->source, "blank");
    if (!compiled) return fail("compile an agent", compiled.error().message);
    compile_seconds.push_back(clock.seconds() - began);
    const Json input = {{"id", "doctor"}, {"input", Json::object()}};
    began = clock.seconds();
    auto replies = (*bench)->runners().front()->run(compiled->library, "solve", std::span(&input, 1),
                                                    {[](std::size_t, const std::string&, const Json&) -> Result<Json> {
                                                      return Json{{"error", "no host calls here"}};
                                                    }},
                                                    10, {});
    if (!replies) return fail("run an agent", replies.error().message);
    if (!replies->front().value) return fail("run an agent", "the blank agent ended without an answer: " + describe(replies->front().outcome));
    run_seconds.push_back(clock.seconds() - began);
  }
  const auto median = [](std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  const double first = compile_seconds.front();
  list.push_back(entry("compile an agent", true, milliseconds(median(compile_seconds)) + " (the first " + milliseconds(first) + ")", ""));
  const double in_new_box = run_seconds.front();
  run_seconds.erase(run_seconds.begin());
  list.push_back(entry("run an agent", true, milliseconds(in_new_box) + " in a new box, then " + milliseconds(median(run_seconds)), ""));
}

// Trainings of robot_reward: its programs, and what the trainer finds in a box as it has in a run.
constexpr double kRobotSeconds = 60;
constexpr const char* kNoRobot =
    "robot_reward needs it, everything else does without: install libtorch-dev, configure with -DHYPERAGENT_ROBOT=ON and build again (tests/run.sh does all of that)";

constexpr const char* kNoCuda =
    "trainings of robot_reward:gpu run on the CPU without it, which takes hours: build with a LibTorch that has CUDA (domains/robot_reward/README.md, On a GPU)";

// A program of robot_reward in a box: that it answers a question, or what it says last when it ends well; else how it ended.
Json check_in_box(const std::string& name, const BoxSpec& spec, const std::string& question, const std::string& advice) {
  const auto failed = [&](const std::string& why) { return entry(name, false, why, advice, true); };
  for (const BoxMount& mount : spec.read_only)
    if (std::error_code code; !fs::exists(mount.host_path, code)) return failed(mount.host_path + " is missing");
  auto launcher = make_box_launcher();
  if (!launcher) return failed(launcher.error().message);
  auto process = (*launcher)->start(spec);
  if (!process) return failed(process.error().message);
  if (!question.empty()) {
    (*process)->send(question);
    if ((*process)->receive(spec.limits.wall_seconds)) return entry(name, true, spec.read_only.front().host_path, "");
  }
  const RunOutcome outcome = (*process)->wait();
  std::string said = (*process)->standard_error();
  if (!question.empty() || !succeeded(outcome)) return failed(describe(outcome) + ": " + said);
  if (said.ends_with('\n')) said.pop_back();
  return entry(name, true, said.substr(said.rfind('\n') + 1), "");  // libraries warn before
}

void check_robot(const Paths& paths, Json& list) {
  BoxSpec judge;
  judge.argv = {"/opt/ha-robot-judge"};
  judge.read_only = {{paths.program("ha-robot-judge"), judge.argv.front()}};
  judge.limits.wall_seconds = kRobotSeconds;
  list.push_back(check_in_box("judge of robot_reward", judge, "{}", kNoRobot));
  BoxSpec box = trainer_box(trainer_of(paths, /*device=*/true));
  box.limits.wall_seconds = kRobotSeconds;
  box.argv.push_back("--find-kernels");
  list.push_back(check_in_box("trainer of robot_reward", box, "", kNoRobot));
  box.argv.back() = "--find-torch";
  list.push_back(check_in_box("LibTorch for robot_reward:gpu", box, "", box.gpu ? kNoCuda : kNoRobot));

  const std::string name = "GPU for robot_reward:gpu", advice = "needed for that preset only; without one it trains on the CPU, which takes hours";
  box.argv.back() = "--find-device";
  list.push_back(box.gpu ? check_in_box(name, box, "", advice)
                         : entry(name, false, "no driver: /dev/nvidiactl, /dev/nvidia-uvm and /dev/nvidia0 are not all there", advice, true));
}

class DoctorCommand : public Command {
 public:
  explicit DoctorCommand(CLI::App& parent) : Command(parent, "doctor", "Check what this machine offers and say what is missing", "hyperagent doctor\n  hyperagent doctor --model openai:gpt-4.1-mini") {
    models_.add_to(app(), /*model_from_environment=*/false);  // `doctor` alone looks at the machine
  }

  Result<int> run(Environment& environment) override {
    if (!models_.none()) return check_models(environment);
    Json list = probe();
    check_installation(environment.paths, list);
    list.push_back(file_entry("ha-program-runner", environment.paths.program("ha-program-runner"), true));
    check_robot(environment.paths, list);
    check_disk(list);
    check_round_trip(environment.paths, list);
    const bool well = std::all_of(list.begin(), list.end(), [](const Json& line) { return line.value("ok", false) || line.value("optional", false); });
    print(environment, {{"ok", well}, {"checks", list}}, report_text(list, well));
    return well ? 0 : 2;
  }

 private:
  // One tiny call to each model: what it said, how fast, what it cost, or what to fix.
  Result<int> check_models(Environment& environment) {
    if (models_.replays()) return user_error("a replay has no endpoint to check; name a model");
    const auto variables = model::environment_variables();
    auto settings = model::resolve_models(models_.values, variables);
    if (!settings) return settings.error();
    CancelFlag cancel = false;
    StopSignals signals(
        cancel, 1.0, [] {}, [] {});
    Json list = Json::array();
    bool wrong = false;
    for (model::Endpoint endpoint : settings->endpoints) {
      endpoint.tries = std::min(endpoint.tries, 2);  // who waits here wants to know
      const std::string name = "model " + endpoint.name;
      // A model that does not think stops after its word; one that does needs the room that it will have in a run.
      const CompletionRequest request{
          {{"system", "Answer with one word."}, {"user", "Say hello in one word."}}, endpoint.temperature, endpoint.reply_tokens};
      auto provider = model::make_provider(endpoint, variables);
      if (!provider) return provider.error();
      const SystemClock clock;
      const double began = clock.seconds();
      auto reply = (*provider)->complete(request, cancel);
      const std::string took = decimal(clock.seconds() - began, 2) + " s";
      if (!reply) {
        wrong = wrong || reply.error().kind == ErrorKind::UserInput;
        list.push_back(entry(name, false, reply.error().message, endpoint.provider == "command" ? "try the command alone in a terminal" : ""));
        continue;
      }
      if (const auto* refusal = std::get_if<ModelRefusal>(&*reply)) {
        list.push_back(entry(name, false, refusal->code + ": " + refusal->message,
                             refusal->code == "empty" ? "a thinking model needs more room than " + std::to_string(endpoint.reply_tokens) +
                                                            " tokens: raise --reply-tokens"
                                                      : "try another model"));
        continue;
      }
      const Completion& said = std::get<Completion>(*reply);
      const ModelUse use = model::priced(endpoint, request, said);
      const std::string cost = endpoint.price ? "$" + decimal(use.cost, 6) : "price unknown: [prices.\"" + endpoint.model + "\"] in hyperagent.toml sets it";
      list.push_back(entry(name, true, "\"" + one_line(said.text, 60) + "\" by " + one_line(said.model, 60) + " in " + took + ", " + std::to_string(use.input_tokens) + " + " +
                                           std::to_string(use.output_tokens) + " tokens" + (said.estimated ? " (estimated: the server counts none)" : "") + ", " + cost, ""));
    }
    const bool well = std::all_of(list.begin(), list.end(), [](const Json& line) { return line.value("ok", false); });
    print(environment, {{"ok", well}, {"checks", list}}, report_text(list, well));
    return well ? 0 : wrong ? 1 : 2;
  }

  ModelFlags models_;

  static std::string report_text(const Json& list, bool well) {
    std::size_t width = 0;
    for (const Json& line : list) width = std::max(width, line.value("name", "").size());
    std::string text;
    for (const Json& line : list) {
      const std::string name = line.value("name", "");
      const bool ok = line.value("ok", false), optional = line.value("optional", false);
      text += (ok ? "ok       " : optional ? "missing  " : "FAILED   ") + name + std::string(width - name.size() + 2, ' ') + one_line(line.value("detail", "")) + "\n";
      if (!ok && !line.value("advice", "").empty()) text += wrapped(line.value("advice", ""), std::string(11, ' '));
    }
    return text + (well ? "everything that is needed works\n" : "something essential is missing: see the lines marked FAILED\n");
  }
};

}  // namespace

std::unique_ptr<Command> make_doctor_command(CLI::App& app) { return std::make_unique<DoctorCommand>(app); }

}  // namespace hyperagent
