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
#pragma once

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>
#include <llvm/ADT/StringSet.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "hyperagent/core/lru.h"
#include "tooling/compiled_unit.h"

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

// Fills a CompiledUnit at the end of a translation unit without errors.
class UnitObjects : public clang::ASTConsumer {
 public:
  // `source` is all_of_unit(path, ...), `known` the functions that need no code here (known_code.h). Adds the seconds that generating code
  // takes to `code_seconds`.
  UnitObjects(clang::CompilerInstance& instance, std::string path, std::string source, const llvm::StringSet<>& known, ObjectCache& cache,
              CompiledUnit& unit, double& code_seconds);
  ~UnitObjects() override;

  bool HandleTopLevelDecl(clang::DeclGroupRef group) override;
  void HandleInlineFunctionDefinition(clang::FunctionDecl* function) override;
  void HandleCXXStaticMemberVarInstantiation(clang::VarDecl* variable) override;
  void HandleVTable(clang::CXXRecordDecl* record) override;
  void HandleTranslationUnit(clang::ASTContext& context) override;

 private:
  class Split;
  struct Event {
    enum class Kind { Declaration, InlineFunction, StaticMember, VTable } kind;
    clang::Decl* decl;
  };
  void take(clang::Decl* decl);
  void note(Event event);
  static void show(clang::CodeGenerator& generator, const Event& event);
  void state_facts(clang::ASTContext& context, const Split& split);
  // The object of the declarations that `wanted` lets through. Empty when Clang could not make it.
  std::string emit(clang::ASTContext& context, const Split& split, const std::function<bool(const clang::Decl*)>& wanted);

  clang::CompilerInstance& instance_;
  const std::string path_, source_;
  const llvm::StringSet<>& known_;
  ObjectCache& cache_;
  CompiledUnit& unit_;
  double& code_seconds_;
  std::vector<Event> events_;  // in the order Clang reported them
  clang::CodeGenerator* generator_ = nullptr;  // at work: what it makes the precompiled header load is reported to us, and meant for it
};

}  // namespace hyperagent::tooling
