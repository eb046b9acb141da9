// What an operation of the edit language makes of one edit, in two stages: prepare() finds everything the edit is about to touch, so that
// the guard can decide before anything is done (edit_guard.h); apply() then gives the new text or the reason it cannot.
#pragma once

#include <clang/Tooling/Core/Replacement.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/toolchain.h"
#include "tooling/program.h"

namespace hyperagent::tooling {

// A stretch of a file of the program, in bytes; of length 0 where text is inserted.
struct Place {
  std::string file;
  unsigned offset = 0, length = 0;
};

using Changes = std::map<std::string, clang::tooling::Replacements>;  // by file

struct Plan {
  std::vector<Place> places;
  std::function<Verdict<Changes>()> apply;  // borrows the request
  bool formatted = true;                    // what changed is laid out anew
};

// One edit against one parse of the program. Borrowed.
struct Request {
  const Compiler& compiler;
  const Program& program;
  const Json& edit;

  bool has(const char* member) const { return edit.contains(member); }
  std::string text(const char* member) const;  // "" when absent
  std::string code() const;                    // "code", closed (edit_code.h)
};

// One function per operation; edit_statements.cpp, edit_declarations.cpp, edit_rename.cpp, edit_rewrite.cpp, edit_graft.cpp.
Verdict<Plan> prepare_replace_function(const Request& request);
Verdict<Plan> prepare_replace_body(const Request& request);
Verdict<Plan> prepare_insert_declaration(const Request& request);
Verdict<Plan> prepare_remove_declaration(const Request& request);
Verdict<Plan> prepare_rename(const Request& request);
Verdict<Plan> prepare_replace_node(const Request& request);
Verdict<Plan> prepare_set_literal(const Request& request);
Verdict<Plan> prepare_insert_statement(const Request& request);
Verdict<Plan> prepare_delete_statement(const Request& request);
Verdict<Plan> prepare_move_statement(const Request& request);
Verdict<Plan> prepare_swap_statements(const Request& request);
Verdict<Plan> prepare_wrap_statement(const Request& request);
Verdict<Plan> prepare_rewrite(const Request& request);
Verdict<Plan> prepare_graft(const Request& request);

// New text for places that are known when the edit is prepared. Places that overlap are refused by apply().
struct NewText {
  Place place;
  std::string code;
};
Plan plan_of(std::vector<NewText> texts);
Plan plan_of(Place place, std::string code);

}  // namespace hyperagent::tooling
