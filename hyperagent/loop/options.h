// What a search run is told. Stored with the archive, so that a resumed run goes on with the same.
#pragma once

#include <cstdint>
#include <optional>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

struct LoopOptions {
  std::uint64_t seed = 1;
  int generations = 0;                // of the whole run, resumed parts included; 0: unlimited
  int batch = 8;                      // candidates per generation; part of the results, unlike the number of workers
  bool overlap = false;               // a generation begins while the one before it is worked on, and knows only what was archived by then
  double max_seconds = 0;             // wall clock of this call of run(); 0: unlimited
  double seconds_before = 0;          // wall clock that earlier parts of the run took; not stored
  int patience = 0;                   // stop after so many generations without a better best agent; 0: never
  std::optional<double> target = {};  // stop when the best agent reaches it on val (on train without a val split)
  int max_candidates = 0;             // of the whole run; 0: unlimited
  double improve_seconds = 20;        // wall-clock limit of one improve()
  int host_calls = 64;                // host calls of one improve()
  int last_generation = 0;            // of a replay: where the recorded run ended, whatever its limits; not stored; 0: none
};

Json to_json(const LoopOptions& options);
// Missing members keep their defaults; wrong types and impossible values are user errors that name the member.
Result<LoopOptions> loop_options_from(const Json& json);

}  // namespace hyperagent
