#include "hyperagent/cli/entry_point.h"

namespace hyperagent {
namespace {

constexpr const char* kReward = "reward";

// As the in-box runners look it up.
std::string symbol_of(const std::string& entry) { return entry == kReward ? "_Z6rewardRKN2ha5robot5StateE" : "_Z5solveRKN2ha4TaskERNS_4HostE"; }

}  // namespace

Result<void> check_entry(const CompiledAgent& agent, const std::string& name, const Domain& domain) {
  const std::string wanted = domain.entry(), other = wanted == kReward ? "solve" : kReward;
  const auto exports = [&](const std::string& entry) { return agent.library.find('\0' + symbol_of(entry) + '\0') != std::string::npos; };
  if (exports(wanted) || !exports(other)) return {};
  return user_error("the agent " + name + " defines `" + other + "`, and the domain " + domain.name() + " calls `" + wanted + "`: take an agent that defines it (the shipped " +
                    domain.blank_agent() + " is one), or " + (wanted == kReward ? "a domain other than robot_reward" : "the domain robot_reward"));
}

}  // namespace hyperagent
