#include "tooling/agent_build.h"

#include <algorithm>

#include "tooling/digest.h"
#include "tooling/program.h"

namespace hyperagent::tooling {
namespace {

constexpr const char* kSolve = "solve ha::Answer (const ha::Task &, ha::Host &)";
constexpr const char* kReward = "reward float (const ha::robot::State &)";
constexpr const char* kImprove = "improve ha::Proposal (const ha::Self &, ha::Host &)";

}  // namespace

Result<Verdict<CompiledAgent>> build_agent(const Compiler& compiler, const Files& files, const DeviceCode* device) {
  std::vector<std::string> objects, definitions;
  std::string hashes;
  std::map<std::string, std::string> halves;
  for (const auto& [path, text] : files) {
    if (!is_source(path)) continue;
    const auto unit = compiler.compile(path, files);
    if (!unit->errors.empty()) return Verdict<CompiledAgent>(refuse(unit->errors));
    hashes += path + " " + unit->ast_hash + "\n";
    for (const std::string& object : unit->objects) {
      halves[half_of(path)] += object;
      objects.push_back(object);
    }
    definitions.insert(definitions.end(), unit->definitions.begin(), unit->definitions.end());
  }
  const auto times = [&](const char* entry) { return std::count(definitions.begin(), definitions.end(), entry); };
  // The task half solves tasks, or is a reward that a robot learns from (domains/robot_reward).
  const bool rewards = times(kSolve) == 0 && times(kReward) > 0;
  for (const char* entry : {rewards ? kReward : kSolve, kImprove})
    if (times(entry) != 1) return Verdict<CompiledAgent>(Refusal{refusal::kEntryPoints, std::string("the program must define once: ") + entry});
  std::string program;
  if (rewards && device != nullptr) {
    auto ptx = device->ptx(files);
    if (const auto* no = std::get_if<Refusal>(&ptx)) return Verdict<CompiledAgent>(*no);
    program = std::get<std::string>(std::move(ptx));
  }
  auto library = compiler.link(objects, program);
  if (!library) {
    if (library.error().kind == ErrorKind::Environment) return library.error();
    return Verdict<CompiledAgent>(Refusal{"compile", library.error().message});
  }
  CompiledAgent agent{std::move(*library), digest(hashes), Json::object()};
  for (const auto& [half, bytes] : halves) agent.object_hashes[half] = digest(bytes);
  return Verdict<CompiledAgent>(std::move(agent));
}

}  // namespace hyperagent::tooling
