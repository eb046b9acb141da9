// The program as a function: from arguments to exit status.
#pragma once

namespace hyperagent {

// 0 done, 1 the input is wrong, 2 the environment lacks something, 3 interrupted but resumable.
int run_program(int argc, char** argv);

}  // namespace hyperagent
