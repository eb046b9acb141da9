// ha-robot-judge: scores policies. It loads numbers, never code of an agent.
//
//   in    {"policy": {...}, "task", "seed", "robots", "threads"}, any number of them
//   out   {"score", "stderr", "average_fitness", "fell", "speed_error", "highest"} each, or {"refused": why} for a policy that is none
#include <algorithm>

#include "domains/robot_reward/frames.h"
#include "domains/robot_reward/judge.h"

using namespace hyperagent;
using namespace hyperagent::robot;

namespace {

Json answer(const Json& request) {
  if (!request.is_object()) return {{"refused", "no JSON object"}};
  auto policy = policy_from(request.value("policy", Json()));
  if (!policy) return {{"refused", policy.error().message}};
  auto task = task_from(request.value("task", ""));
  if (!task) return {{"refused", task.error().message}};
  Crew crew(std::clamp(request.value("threads", 1), 1, 64));
  return to_json(judge(*policy, {*task, std::clamp(request.value("robots", 256), 16, 65536), request.value("seed", 1u)}, best_kernels(), crew));
}

}  // namespace

int main() {
  auto frames = Frames::take_standard_streams();
  if (!frames) return 100;
  while (const auto frame = frames->read()) {
    Json reply;
    try {
      reply = answer(Json::parse(*frame, nullptr, false));
    } catch (const Json::exception& malformed) {
      reply = {{"refused", malformed.what()}};
    }
    if (!frames->write(reply)) return 111;
  }
  return 0;
}
