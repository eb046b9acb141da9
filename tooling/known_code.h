// Functions whose code is in every process that an agent is loaded into: the API's library and the C++ library hold it (ha/instances.h), so
// an agent's objects need not.
//
// Theory of operation. The symbols and their sizes are read when the precompiled header is built. While code is generated, Clang asks the
// AST's external source whether a function is defined elsewhere; what is known is (its linkage becomes available_externally), and bears an
// implicit "noinline", on which Clang generates nothing for it. Small functions are not worth a call and stay.
#pragma once

#include <clang/AST/ASTContext.h>
#include <clang/AST/Mangle.h>
#include <clang/Sema/MultiplexExternalSemaSource.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/StringSet.h>

#include <memory>
#include <string>
#include <vector>

#include "hyperagent/core/result.h"

namespace hyperagent::tooling {

// Names of functions, a line each: what the library (an archive, a shared or a relocatable object) defines for others, but for small functions.
Result<std::string> functions_of(const std::string& library);

// Passes all questions on to the reader of the precompiled header, but for the one.
class KnownCode : public clang::MultiplexExternalSemaSource {
 public:
  // From here on functions in `names` are not compiled for this context.
  static void use(clang::ASTContext& context, const llvm::StringSet<>& names);

  ExtKind hasExternalDefinitions(const clang::Decl* decl) override;

 private:
  KnownCode(clang::ASTContext& context, clang::ExternalSemaSource* reader, const llvm::StringSet<>& names);
  bool known(const clang::FunctionDecl* function) const;

  const llvm::StringSet<>& names_;
  std::unique_ptr<clang::MangleContext> mangler_;
  llvm::DenseMap<const clang::Decl*, bool> asked_;
};

}  // namespace hyperagent::tooling
