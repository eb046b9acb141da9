// Canonical hash of a translation unit: the same for programs that differ only in comments, formatting, redundant parentheses
// and how a file is laid out; different as soon as a node, a name, a literal or a type differs.
#pragma once

#include <set>
#include <string>

#include "tooling/compiled_unit.h"

namespace clang {
class ASTContext;
class Stmt;
}  // namespace clang

namespace hyperagent::tooling {

// 40 hexadecimal digits (SHA-1) over the declarations of the unit's own files, in order, without the statements `left_out`. Stable across
// processes and machines.
std::string ast_hash(clang::ASTContext& context, const std::set<const clang::Stmt*>& left_out);
// Of one statement.
std::string ast_hash(clang::ASTContext& context, const clang::Stmt* statement);
// Of a unit from its parts.
std::string whole_hash(const CompiledUnit& unit);

}  // namespace hyperagent::tooling
