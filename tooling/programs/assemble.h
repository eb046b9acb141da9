// Many variants of a program as one translation unit, with a map back from places in it: a schema (schemata.h) of those that fit into one, and
// a namespace of its own for each other.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace hyperagent::programs {

class Schema;

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
};
// A part of a schema that an error in it is blamed on.
struct Mark {
  std::size_t begin, end;
  std::vector<std::size_t> variants;
  bool choice;  // the text of one variant, not the slot around it
};
struct Unit {
  std::string text;
  std::vector<Piece> pieces;         // ascending
  std::vector<Mark> marks;           // nested
  std::set<std::size_t> unmetered;   // statements that only choose a variant: they cost the program no fuel
};
// The variants named in `alone` (indices into cleaned) and those that the schema holds; a table names the entry function of each.
Unit assemble(const std::vector<Cleaned>& cleaned, const std::vector<std::size_t>& alone, const std::string& entry, Schema& schema);

// The piece that holds this offset, or nullptr. An error at the closing brace or in the table belongs to the piece before.
const Piece* piece_at(const Unit& unit, long long offset);
// The innermost mark that holds this offset, or nullptr.
const Mark* mark_at(const Unit& unit, long long offset);

}  // namespace hyperagent::programs
