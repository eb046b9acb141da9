// Figures of a CUDA device, wall time with all cores: that it simulates what the CPU does, control steps a second of simulation alone and
// of the whole training at 4096 and 65,536 robots, a training of the preset gpu with its score, and the scores of each file's reward on
// walk, of three such trainings. Where there is no device it says so, and the status is 2.
#pragma once

#include <string>
#include <vector>

namespace hyperagent::bench {

// `files`: programs of rewards as `ha-tool --ptx` prints them, the first of task/reward_walk.cpp; for machines without Clang's libraries.
// None: asks ha-tool for that one, and leaves out the scores.
int device(const std::vector<std::string>& files);

}  // namespace hyperagent::bench
