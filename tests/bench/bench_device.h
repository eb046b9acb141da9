// Figures of a CUDA device, wall time with all cores: that it simulates what the CPU does, environment steps a second of simulation alone
// and of the whole training at 4096 and 65,536 robots, and a training of the preset gpu with its score. Where there is no device it says
// so, and the status is 2.
#pragma once

#include <string>

namespace hyperagent::bench {

// `ptx`: a file with the program of task/reward_walk.cpp, as `ha-tool --ptx` prints it, for machines without Clang's libraries; empty: asks
// ha-tool.
int device(const std::string& ptx);

}  // namespace hyperagent::bench
