#include "hyperagent/cli/program.h"

int main(int argc, char** argv) { return hyperagent::run_program(argc, argv); }
