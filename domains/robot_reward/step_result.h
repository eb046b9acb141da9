// What a control step gave one robot, as a training needs it. The same bytes on the CPU and on a device.
#pragma once

namespace hyperagent::robot {

struct StepResult {
  float reward;
  float error;   // commanded minus actual forward speed, m/s
  float height;  // m, of the base
  unsigned char fell, timed_out;
};

}  // namespace hyperagent::robot
