// Frames (hyperagent/core/box.h) of JSON or bytes over two file descriptors: the in-box side of the robot's programs.
#pragma once

#include <optional>
#include <string>

#include "hyperagent/core/json.h"

namespace hyperagent::robot {

class Frames {
 public:
  // Takes standard input and output over and points 0 and 1 at /dev/null, so that nothing a candidate prints gets between the frames.
  static std::optional<Frames> take_standard_streams();
  std::optional<std::string> read();
  bool write(const Json& json);

 private:
  Frames(int in, int out) : in_(in), out_(out) {}
  int in_, out_;
};

}  // namespace hyperagent::robot
