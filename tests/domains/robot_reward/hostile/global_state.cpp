// Remembers between calls.
#include <ha/robot.h>

static int calls = 0;

float reward(const ha::robot::State&) { return static_cast<float>(++calls % 7); }
