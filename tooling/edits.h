// The edit language: applies edits given as data to a parsed program, all or nothing (design.md, section 5).
//
//   Before   double weight() { return 0.5; }
//   edit     {"op": "set_literal", "function": "weight", "path": "0.0", "expect": "0.5", "value": "0.7"}
//   After    double weight() { return 0.7; }
//
// edits.schema.json lists the operations and their members. The checks, in order, each with its code (program.h): the schema
// (edit_schema.h) and what new code may hold (edit_code.h), the target (edit_target.h), whether the place may be touched (edit_guard.h),
// and whether the operation applies (edit_plan.h).
#pragma once

#include "hyperagent/core/edit_policy.h"
#include "hyperagent/core/toolchain.h"
#include "tooling/program.h"

namespace hyperagent::tooling {

struct EditRules {
  EditPolicy policy;
  bool agent = true;       // includes are limited to those of an agent, and grafts are possible
  std::string style = {};  // text of a .clang-format for what changed; empty: our own
};

struct Edited {
  Files files;
  std::vector<std::string> needs_approval;  // why a person has to agree, one line a place; empty: nobody has to
};

// The files after the edits. Each edit sees the result of the ones before it, which therefore parses; of the last one's result only
// build_agent (agent_build.h) says that it parses and type-checks as a whole and keeps its entry points.
Verdict<Edited> apply_edits(const Compiler& compiler, const Files& files, const Json& edits, const EditRules& rules);

// Under the policy that allows everything.
Verdict<Files> apply_edits(const Compiler& compiler, const Files& files, const Json& edits);

}  // namespace hyperagent::tooling
