// bench_robot device alone: a program that needs neither MuJoCo nor Clang, for a machine with a GPU and little else.
#include "tests/bench/bench_device.h"

int main(int argc, char** argv) { return hyperagent::bench::device({argv + (argc > 0 ? 1 : 0), argv + argc}); }
