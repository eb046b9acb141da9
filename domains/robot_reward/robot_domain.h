// The robot_reward domain as the loop sees it: a task is a training with the agent's reward; the answer is the trained policy's numbers (or why
// there are none); grading has the judge, a program of its own, play them.
//
// train and val: walk, or the task that the domain's name asks for, a seed each. test: walk, walkback and hop, three seeds each: what was found
// for one is trained anew, unchanged, on the others as well (the reference has a new reward written for each of them: README). Needs neither the
// simulator nor LibTorch in this process.
#pragma once

#include <memory>
#include <string>

#include "hyperagent/core/box.h"
#include "hyperagent/core/domain.h"

namespace hyperagent::robot {

struct RobotDomainOptions {
  std::string name;   // robot_reward, with a preset (:cpu-quick, :cpu, :gpu) and a task (:walk, :walkback, :hop) or without
  std::string judge;  // path of ha-robot-judge
  BoxLauncher* launcher = nullptr;
};

bool is_robot_domain(const std::string& name);
bool wants_device(const std::string& name);  // the preset gpu: rewards must also compile for a device, and train on one where there is one
std::string description();
// User error for an unknown preset or task; environment error where the judge or boxes are missing.
Result<std::unique_ptr<Domain>> open_robot_domain(const RobotDomainOptions& options);

}  // namespace hyperagent::robot
