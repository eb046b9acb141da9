// The check of every option that takes a floating-point number.
#pragma once

#include <CLI/CLI.hpp>

namespace hyperagent {

// A number from `low` to `high`. CLI::Range does not do: it lets NaN through, which is neither below nor above.
CLI::Validator number_from(double low, double high);

}  // namespace hyperagent
