// Every number that limits programs under repair or what an agent may ask about them, in one place.
#pragma once

#include <cstddef>

namespace hyperagent {

// What one solve() may ask. Counts, never times: the same agent gets the same replies on any machine. Prices follow what things cost us.
// Every host call costs kCallCost. On top, the visible tests of a program: 1 for a mutant of the original, all of which are run at once and
// kept; kAloneCost for any other, which is compiled on its own. Listing the original's mutants is free; listing those of another program
// opens a family that no other candidate will ask for: kMutantsCost. The original and repeats are free.
inline constexpr int kBudget = 5000;
inline constexpr int kCallCost = 10;
inline constexpr int kAloneCost = 300;
inline constexpr int kMutantsCost = 2500;

// One test. Fuel is executed statements (C++) or lines (Python), far above what a task may need (50,000).
inline constexpr long long kFuel = 200'000;
// A program that is right on every test it finishes, and finishes one, gets a second run with this much: slow, not
// endless. Programs run on their own only, not batches of mutants.
inline constexpr long long kSecondFuel = 5'000'000;
inline constexpr double kSecondSeconds = 30;
// A mutant gets this many times the statements of the original's longest finished test, but no less than the least and no more than kFuel.
inline constexpr long long kMutantFuelFactor = 20;
inline constexpr long long kLeastMutantFuel = 2'000;
inline constexpr int kDepth = 10'000;                    // C++ calls on the stack; Python has its recursion limit of 1000
inline constexpr long long kProgramMemory = 512ll << 20;
inline constexpr double kProgramSeconds = 5;             // one child; only ends what fuel cannot see
inline constexpr int kExhaust = 2;                       // tests that may run out of fuel before the rest count as failed

// One box.
inline constexpr double kBoxSeconds = 300;
inline constexpr double kMutateSeconds = 30;
inline constexpr long long kBoxMemory = 1ll << 30;
inline constexpr int kBoxProcesses = 16;
inline constexpr long long kBoxOutput = 256ll << 20;

inline constexpr std::size_t kPythonMutants = 4000;  // per program, as the toolchain's for C++
inline constexpr std::size_t kSourceBytes = 256 << 10;   // longest patch
inline constexpr std::size_t kToolchains = 2;
inline constexpr std::size_t kHandleDepth = 4;           // mutants of mutants of ...

// Part of every cache key: raise it when mutation, harness or worker change what a result means.
inline constexpr const char* kBenchVersion = "repair-12";

}  // namespace hyperagent
