// The edit language: applies edits given as data to a parsed program, all or nothing (design.md, section 5).
//
//   Before   double weight() { return 0.5; }
//   edit     {"op": "set_literal", "function": "weight", "path": "0.0", "expect": "0.5", "value": "0.7"}
//   After    double weight() { return 0.7; }
//
// Members of every edit: "op", and for those inside a function "function" (name or signature) and optionally "file", "path" (program.h)
// and "expect" (the text that must stand there, white space aside).
//   replace_function {code}            replace_body {code}            remove_declaration {name, file?}
//   insert_declaration {code, before|after: NAME | file, at: "begin"|"end"}
//   replace_node {path, expect?, code} set_literal {path, expect?, value}
//   insert_statement {path, where: "before"|"after"|"begin"|"end", code}
//   delete_statement {path, expect?}   swap_statements {path, with}   wrap_statement {path, expect?, code with $statement}
#pragma once

#include "hyperagent/core/toolchain.h"
#include "tooling/program.h"

namespace hyperagent::tooling {

// The files after the edits. Each edit sees the result of the ones before it. The result parses, but only compile_agent
// (agent_build.h) says that it type-checks as a whole and keeps its entry points.
Verdict<Files> apply_edits(const Compiler& compiler, const Files& files, const Json& edits);

}  // namespace hyperagent::tooling
