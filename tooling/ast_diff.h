// The difference between two programs as a person would tell it: per function, what was inserted, deleted, updated or moved.
//
// Runs inside the boxed worker, like the Compiler it is given (untrusted source may crash Clang). Not thread-safe.
#pragma once

#include "hyperagent/core/json.h"
#include "tooling/compiler.h"

namespace hyperagent::tooling {

// Compares the C++ files of two agents; files that are equal byte for byte are not parsed. Returns
//   {"functions": [{"name", "file", "half", "status": "changed" | "added" | "removed", "changes": [CHANGE]}],
//    "files": [{"file", "added", "removed"}],                    lines, of every file that differs; "unparsed": true for a header
//                                                                that does not stand alone (its functions are then not listed)
//    "summary": {"insert", "delete", "update", "move"}}          an update_move counts as both
//   CHANGE = {"id": of this change, stable over other changes, "kind": "insert" | "delete" | "update" | "move" | "update_move", "node": Clang's class name,
//             "before": PLACE | null, "after": PLACE | null, "context": the expression or head around an update, or "OLD -> NEW" of the
//             namespaces and linkage blocks around a move from one to another (else absent)}
//   PLACE  = {"line", "column", "text"}                          1-based; text: "..." for code that was kept
// Functions are in source order of the file, removed ones last. What is not in a function is grouped as "global NAME"; include and
// other preprocessor lines outside of functions as "global preprocessor", tokens that belong to no declaration as "global text outside of
// declarations", and what differs in a file without declarations (data, an unparsed header), or in no other way, as "global text": programs that
// differ in more than comments and layout never come without a change. A renamed function has "old_name"; a rename is one update at the
// declaration ("uses": how often the name stands elsewhere), and a declaration that came from another file has "old_file". Functions and
// files without a change, comments and formatting are left out.
// A program that does not parse: {"refused": {"code": "parse", "side": "before" | "after", "message"}}.
Json ast_diff(const Compiler& compiler, const Files& before, const Files& after);

}  // namespace hyperagent::tooling
