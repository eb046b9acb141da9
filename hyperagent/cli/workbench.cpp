#include "hyperagent/cli/workbench.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "domains/domains.h"
#include "sandbox/box_launcher.h"
#include "sandbox/gpu.h"
#include "tooling/client.h"

namespace hyperagent {
namespace {

Result<void> check_installed(const Paths& paths) {
  for (const std::string& file :
       {paths.program("ha-tool"), paths.program("ha-runner"), paths.program("ha-box"), paths.share + "/agent.pch"})
    if (::access(file.c_str(), R_OK) != 0)
      return environment_error("the installation is incomplete: " + file + " is missing; build hyperagent again, `hyperagent doctor` lists what is needed");
  return {};
}

}  // namespace

Result<std::unique_ptr<Workbench>> Workbench::open(const Paths& paths, int workers, const Json& policy, bool device) {
  if (auto installed = check_installed(paths); !installed) return installed.error();
  auto launcher = make_box_launcher();
  if (!launcher) return launcher.error();
  std::unique_ptr<Workbench> bench(new Workbench(paths));
  bench->launcher_ = std::move(*launcher);
  for (int i = 0; i < workers; ++i) {
    bench->toolchains_.push_back(bench->make_toolchain({.device = device, .policy = policy}));
    for (auto* runners : {&bench->runners_, &bench->spare_runners_})  // a box is started with the first run, so a spare costs nothing
      runners->push_back(make_boxed_runner(*bench->launcher_, {.program = paths.program("ha-runner"), .trainer = trainer_of(paths, device)}));
  }
  return bench;
}

TrainerOptions trainer_of(const Paths& paths, bool device) {
  const std::string module = paths.program("ha-robot-torch.so");
  return {.program = paths.program("ha-robot-trainer"), .module = module, .folders = folders_beside(module), .gpu = device ? find_gpu_driver() : std::nullopt};
}

std::unique_ptr<Toolchain> Workbench::make_toolchain(ToolchainLimits limits) {
  return make_boxed_toolchain(*launcher_, {.program = paths_.program("ha-tool"), .share = paths_.share, .policy = std::move(limits.policy), .device = limits.device, .readable = std::move(limits.readable)});
}

std::vector<Worker> Workbench::workers() {
  std::vector<Worker> workers;
  for (std::size_t i = 0; i < runners_.size(); ++i) workers.push_back({toolchains_[i].get(), runners_[i].get(), spare_runners_[i].get()});
  return workers;
}

std::vector<AgentRunner*> Workbench::runners() {
  std::vector<AgentRunner*> runners;
  for (const auto& runner : runners_) runners.push_back(runner.get());
  return runners;
}

Result<CompiledAgent> Workbench::compile(const AgentSource& source, const std::string& what) {
  auto compiled = toolchain().compile(source);
  if (!compiled) return compiled.error();
  if (const auto* refusal = std::get_if<Refusal>(&*compiled)) return user_error("the agent " + what + " does not compile: " + refusal->message);
  return std::get<CompiledAgent>(std::move(*compiled));
}

std::string domain_name(const std::string& given) {
  std::error_code code;
  const bool folder = std::filesystem::exists(given + "/domain.json", code) || std::filesystem::exists(given + "/exercises.jsonl", code);
  return folder ? absolute_path(given) : given;
}

Result<std::unique_ptr<Domain>> open_domain(const Paths& paths, Workbench& workbench, const DomainChoice& choice) {
  DomainOptions options;
  options.name = choice.name;
  options.data = choice.data;
  options.graded_data = choice.graded_data;
  options.share = paths.share;
  if (const std::string judge = paths.program("ha-robot-judge"); ::access(judge.c_str(), R_OK) == 0) options.judge = judge;  // a build may leave it out
  options.cache_dir = choice.cache_dir;
  options.launcher = &workbench.launcher();
  options.make_toolchain = [&workbench]() -> Result<std::unique_ptr<Toolchain>> { return workbench.make_toolchain(); };
  return open_domain(options);
}

void note_missing_device(Console& console, const std::string& domain) {
  if (wants_device(domain) && !find_gpu_driver())
    console.note("hyperagent: no graphics driver here: trainings of " + domain + " run on the CPU, and take hours (`hyperagent doctor` says what it finds)\n");
}

int core_count() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace hyperagent
