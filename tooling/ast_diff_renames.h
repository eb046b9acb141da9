// Which names of the first version are other names in the second.
//
// Theory of operation. A name that is nowhere in the second version is taken for a new one that is nowhere in the first when both are
// declared by the same kind of thing in the same scope, and stand in like places. Then every token of the first version that reads like the
// old name is given the hash of the new one: what follows compares as if the first version had been written with the new names, and the
// renames are told once each. As the old name is gone and the new one was not there, no two things can become one. Names that a file also
// uses of something the program does not declare (`max` beside std::max), names in attributes and in what macros stand for are left as they
// are: there a rename is a change of meaning. So are macros that are asked for (#ifdef), and all of them where a macro makes words or texts
// of others (# and ##).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tooling/ast_diff_pairing.h"

namespace hyperagent::tooling::diff {

// A declared name, at its token. A namespace's stands before the entity, a macro's inside its directive.
struct Name {
  int entity = -1, token = -1;
  int first = 0, last = 0;  // tokens of what is declared
  std::string text, owner;
  llvm::StringRef kind;
  std::vector<std::size_t> scope;  // names around it
  bool local = false, top = false;
};

struct Rename {
  std::size_t from = 0, to = 0;  // hashes
  std::vector<Name> before, after;
  bool only_local = false;
};

// The first folder of a path: what is linked together.
std::string part_of(const std::string& path);

// Finds the renames of a half and applies them to `before`. `root`: what Clang's names of the program's own files begin with.
std::vector<Rename> apply_renames(std::vector<Entity>& before, const std::vector<Entity>& after, const std::string& half, const std::string& root);

// One change a rename: of locals in each pair of entities, of others where they are declared. `found` gives the entity of each change.
void tell_renames(const std::vector<Rename>& renames, const std::vector<Entity>& before, const std::vector<Entity>& after,
                  const std::vector<int>& partner, std::vector<std::pair<int, Change>>& told);

}  // namespace hyperagent::tooling::diff
