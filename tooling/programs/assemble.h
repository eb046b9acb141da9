// Mutant schemata: many variants of a program as one translation unit, with a map back.
//
// Theory of operation. Variants differ in one top-level declaration; what stands before it is the same text. Each declaration goes into
// a namespace that uses the one before it, and variants share the namespaces of their common beginning, as in a prefix tree:
//
//   Before   "struct S {}; int f(S) { return 1; }"   and   "struct S {}; int f(S) { return 2; }"
//   After    namespace ha_0 { struct S {}; }
//            namespace ha_1 { using namespace ha_0; int f(S) { return 1; } }
//            namespace ha_2 { using namespace ha_0; int f(S) { return 2; } }
//
// so that templates over S are instantiated once and not once a variant (cpp_room_bookings: 5.2 s for 64 variants became 0.7 s). Programs to which this does not apply
// (forward declarations, templates, operators, out-of-class members, macros) give each variant one namespace of its own.
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
  std::vector<std::size_t> variants;  // those that hold this text; indices in the request
  std::size_t begin, end;             // of the source's own text in the unit
  int lines_before;                   // lines of the source in front of it
};
struct Unit {
  std::string text;
  std::vector<Piece> pieces;  // ascending
};
// The variants named in `which` (indices into cleaned), in order. `shared`: common beginnings once, where the programs allow it.
Unit assemble(const std::vector<Cleaned>& cleaned, const std::vector<std::size_t>& which, const std::string& entry, bool shared);

// The top-level declarations of a program, their texts adding up to the whole; empty when its variants cannot share them.
std::vector<std::string> declarations(const Cleaned& program);

// The piece that holds this offset, or nullptr. An error at the closing brace or in the table belongs to the piece before.
const Piece* piece_at(const Unit& unit, long long offset);

}  // namespace hyperagent::programs
