// A libcuda.so.1 for tests, where there is no device: the driver's functions that CudaDevice calls, over host memory. A launch runs the
// kernel's body (device/step.h) compiled for the host, one thread index after the other, the last one first.
//
// A shared object of its own (pretended_driver.cpp), so that the real path is tested from dlopen on. These are its knobs, found by dlsym.
#pragma once

#include <ha/robot.h>

extern "C" {
// What `reward` of a loaded program stands for: nobody runs PTX here.
void pretended_reward(float (*reward)(const ha::robot::State&));
// From now on the call of this name returns `status`; null: nothing fails.
void pretended_failure(const char* call, int status);
// Of memory that was asked for and is not given back. A copy that leaves a block fails.
unsigned long long pretended_bytes();
}
