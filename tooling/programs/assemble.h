// Mutant schemata: many variants of a program as one translation unit, each in its own namespace, with a map back.
//
//   Before   "#include <vector>\nint f() { return 1; }"   and   "#include <vector>\nint f() { return 2; }"
//   After    namespace ha_variant_0 {           // one line, then the source with its directives blanked, lines unchanged
//            <blank>
//            int f() { return 1; }
//            }
//            namespace ha_variant_1 { ...
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hyperagent::programs {

struct Cleaned {
  std::string text;   // same length and lines; #include lines blanked (the precompiled header has them all)
  std::string macros; // "#undef NAME" lines for what it defines
  std::string error;  // why the preprocessor directives are refused, or empty
};
// Only #include of the standard headers listed in taskformat (cpp_harness.h) and plain #define are accepted.
Cleaned clean(const std::string& source);

struct Piece {
  std::size_t variant;       // index in the request
  std::size_t begin, end;    // of the source's own text in the unit
};
struct Unit {
  std::string text;
  std::vector<Piece> pieces;  // ascending
};
// The variants named in `which` (indices into cleaned), in order.
Unit assemble(const std::vector<Cleaned>& cleaned, const std::vector<std::size_t>& which, const std::string& entry);

// The piece that holds this offset, or nullptr. An error at the closing brace or in the table belongs to the piece before.
const Piece* piece_at(const Unit& unit, long long offset);

}  // namespace hyperagent::programs
