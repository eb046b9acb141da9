// Code generation of one unit, function by function: what an edit did not touch is not compiled again.
//
// Theory of operation. A function stands alone when it is a free function of the unit's own file, no template, not constexpr, with a
// written return type: then no other code depends on its body. Each such function gets an object of its own, made from the unit's AST by a
// code generator that is shown this one definition and, as in any unit, all that is only emitted where it is used (inline functions,
// template instances, records). Variables and what else must exist once go into one more object. The key of an object is the unit
// with the bodies of all such functions taken out, and the one body: nothing else can change the code. What had internal linkage becomes
// external, hidden and named after its file, so that the objects find each other.
//
// A unit that holds what must not be split is compiled in one piece: exceptions and run-time types (type information of internal types
// is compared by address), static variables of functions that several objects hold, virtual functions, constructors out of line, and
// names with "__".
//
// In a program that catches nothing no function cleans up after an exception: whoever called the agent ends it. Without that code a function
// takes a fifth less time to compile. Variables that are static in a function need it: they would stay locked.
#pragma once

#include <llvm/ADT/StringSet.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "hyperagent/core/lru.h"
#include "tooling/compiled_unit.h"
#include "tooling/syntax_tree.h"

namespace clang {
class CodeGenerator;
}

namespace hyperagent::tooling {

// Adds the time until its destruction to a sum.
class AddsSeconds {
 public:
  explicit AddsSeconds(double& sum) : sum_(sum) {}
  ~AddsSeconds() { sum_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  AddsSeconds(const AddsSeconds&) = delete;
  AddsSeconds& operator=(const AddsSeconds&) = delete;

 private:
  double& sum_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

using ObjectCache = Lru<std::string, std::string>;  // key of an object -> its bytes

// Fills a CompiledUnit from a tree without errors.
class UnitObjects {
 public:
  // `source` is all_of_unit(path, ...), `known` the functions that need no code here (known_code.h). Adds the seconds that generating code
  // takes to `code_seconds`.
  UnitObjects(SyntaxTree& tree, const std::string& path, const std::string& source, bool cleanup, const llvm::StringSet<>& known,
              ObjectCache& cache, double& code_seconds);

  // Once for a tree. Errors of code generation are the tree's.
  CompiledUnit generate();

 private:
  class Split;
  static void show(clang::CodeGenerator& generator, const SyntaxTree::Event& event);
  CompiledUnit facts(const Split& split) const;
  // The object of the declarations that `wanted` lets through. Empty when Clang could not make it.
  std::string emit(const Split& split, const std::function<bool(const clang::Decl*)>& wanted);

  SyntaxTree& tree_;
  const std::string &path_, &source_;
  const bool cleanup_;  // functions clean up after exceptions
  const llvm::StringSet<>& known_;
  ObjectCache& cache_;
  double& code_seconds_;
};

}  // namespace hyperagent::tooling
