// What compiling one source file of an agent gives, in parts, so that the next version of the file can take over what did not change.
#pragma once

#include <string>
#include <vector>

namespace hyperagent::tooling {

// One error as Clang said it.
struct Diagnostic {
  std::string file;
  unsigned line = 0, column = 0;
  std::string message;
  bool syntax = false;  // a parse error; otherwise a semantic one
};

// A function with an object of its own (unit_objects.h).
struct FunctionPart {
  std::string symbol;             // mangled name
  std::size_t begin = 0, end = 0; // of its body, braces included, in the text of the file
  std::string ast_hash;           // of its body
  std::string object_key;
};

struct CompiledUnit {
  std::vector<std::string> objects;      // ELF relocatables: of `functions` in their order, then of the rest; none when there are errors
  std::string ast_hash;                  // canonical hash of the unit (ast_hash.h)
  std::vector<std::string> definitions;  // functions defined in the unit's own files, qualified
  std::vector<Diagnostic> errors;

  std::string environment;               // names everything but the bodies of `functions`; empty for a unit compiled in one piece
  std::string rest_hash;                 // canonical hash of everything but those bodies
  std::vector<FunctionPart> functions;   // in source order
};

}  // namespace hyperagent::tooling
