// <ha/value.h> for a device: the marks that <ha/robot.h> puts on its functions, which mean nothing here. There is no ha::Value.
#pragma once

// All there is, because for the CPU an agent finds the standard library there without including it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#define HA_BLOCK
#define HA_VOCAB(kind)
#define HA_RANGE(values)
