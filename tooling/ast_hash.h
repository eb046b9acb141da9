// Canonical hash of a translation unit: the same for programs that differ only in comments, formatting, redundant parentheses
// and how a file is laid out; different as soon as a node, a name, a literal or a type differs.
#pragma once

#include <string>

namespace clang {
class ASTContext;
}

namespace hyperagent::tooling {

// 40 hexadecimal digits (SHA-1) over the declarations of the unit's own files, in order. Stable across processes and machines.
std::string ast_hash(clang::ASTContext& context);

}  // namespace hyperagent::tooling
