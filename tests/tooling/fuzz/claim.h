// What a fuzzer holds its subject to: a claim that does not hold ends the process, and libFuzzer keeps the input.
#pragma once

#include <string>

#include "hyperagent/core/toolchain.h"

namespace hyperagent::tooling {

void claim(bool holds, const std::string& what);

// A refusal has one of the language's codes, and says why.
void claim_answer(const Refusal& refusal);

// JSON that leaves the worker must be: a dump of anything else throws, or reads otherwise.
bool is_utf8(const std::string& text);

}  // namespace hyperagent::tooling
