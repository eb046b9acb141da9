// C++ programs under repair: their single-edit variants and one shared object that holds many variants at once.
// Called inside a forked child of the tooling worker, which runs in a box: sources are untrusted. No LLVM type shows here.
//
// `share` is the folder that holds cpp_harness.h and programs.pch (made from it at build time, with the same code and flags). Without
// programs.pch both functions still work, only slower.
#pragma once

#include <string>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent::programs {

// {"source","entry"} -> {"mutants":[{"offset","length","text","line","kind"}]} in source order, no two giving the same text,
// at most kMutantCap; {"error": "..."} when the source does not compile. Offsets are bytes.
inline constexpr int kMutantCap = 4000;
Json mutate_cpp(const Json& request, const std::string& share);

// {"entry","variants":[whole source ...]} or {"entry","source","edits":[{"offset","length","text"} ...]}, where each edit of the source is a
// variant -> {"library": binary or null,"compiled":[bool ...],"errors":[first diagnostic or "" ...]}.
// The library is null when no variant compiles. Its symbols: ha_program_state (ha_harness::State), ha_program_variants (an array
// of ha_harness::Variant), ha_program_count (int). {"error"} for a malformed request or a linker failure.
Json build_cpp(const Json& request, const std::string& share);

// Precompiles share/cpp_harness.h (domains/coding) into share/programs.pch. Environment error when it cannot be read or compiled.
Result<void> build_precompiled_header(const std::string& share);

}  // namespace hyperagent::programs
