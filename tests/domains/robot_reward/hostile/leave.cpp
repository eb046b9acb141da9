// Ends the process with status 0.
#include <unistd.h>

#include <ha/robot.h>

float reward(const ha::robot::State&) { _exit(0); }
