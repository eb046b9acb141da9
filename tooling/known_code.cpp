#include "tooling/known_code.h"

#include <clang/AST/Attr.h>
#include <clang/AST/DeclCXX.h>
#include <llvm/Object/Archive.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/raw_ostream.h>

#include <set>

namespace hyperagent::tooling {
namespace {

namespace object = llvm::object;

constexpr std::uint64_t kSmallBytes = 12;  // of machine code: no more than calling it takes

void add_functions(const object::ELFObjectFileBase& file, std::set<std::string>& names) {
  const auto symbols = file.getEType() == llvm::ELF::ET_DYN ? file.getDynamicSymbolIterators() : file.symbols();
  for (const object::ELFSymbolRef symbol : symbols) {
    if (symbol.getELFType() != llvm::ELF::STT_FUNC || symbol.getSize() <= kSmallBytes) continue;
    const auto flags = llvm::expectedToOptional(symbol.getFlags());
    const auto name = llvm::expectedToOptional(symbol.getName());
    const bool defined = flags && (*flags & object::SymbolRef::SF_Undefined) == 0 && (*flags & object::SymbolRef::SF_Global) != 0;
    if (defined && name) names.insert(name->split('@').first.str());
  }
}

}  // namespace

Result<std::string> functions_of(const std::string& library) {
  const auto failed = [&](llvm::Error error) {
    return environment_error("cannot read the symbols of " + library + ": " + llvm::toString(std::move(error)));
  };
  auto buffer = llvm::MemoryBuffer::getFile(library);
  if (!buffer) return environment_error("cannot read " + library + ": " + buffer.getError().message());
  std::set<std::string> names;
  auto binary = object::createBinary(**buffer);
  if (!binary) return failed(binary.takeError());
  if (const auto* single = llvm::dyn_cast<object::ELFObjectFileBase>(binary->get())) {
    add_functions(*single, names);
  } else if (const auto* archive = llvm::dyn_cast<object::Archive>(binary->get())) {
    llvm::Error walk = llvm::Error::success();
    for (const auto& child : archive->children(walk)) {
      auto member = child.getAsBinary();
      if (!member) return failed(member.takeError());
      if (const auto* file = llvm::dyn_cast<object::ELFObjectFileBase>(member->get())) add_functions(*file, names);
    }
    if (walk) return failed(std::move(walk));
  }
  std::string list;
  for (const std::string& name : names) list += name + "\n";
  return list;
}

KnownCode::KnownCode(clang::ASTContext& context, clang::ExternalSemaSource* reader, const llvm::StringSet<>& names)
    : MultiplexExternalSemaSource(reader, new clang::ExternalSemaSource), names_(names), mangler_(context.createMangleContext()) {}

void KnownCode::use(clang::ASTContext& context, const llvm::StringSet<>& names) {
  auto* reader = llvm::dyn_cast_or_null<clang::ExternalSemaSource>(context.getExternalSource());
  if (reader == nullptr || names.empty()) return;
  context.setExternalSource(new KnownCode(context, reader, names));
}

KnownCode::ExtKind KnownCode::hasExternalDefinitions(const clang::Decl* decl) {
  const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl);
  if (function == nullptr) return EK_ReplyHazy;
  const clang::FunctionDecl* canonical = function->getCanonicalDecl();
  if (const auto asked = asked_.find(canonical); asked != asked_.end()) return asked->second ? EK_Always : EK_ReplyHazy;
  // Looking at a function may load others from the precompiled header, and Clang then asks about those: nothing is held across it.
  asked_[canonical] = false;
  if (!known(function)) return EK_ReplyHazy;
  asked_[canonical] = true;
  for (clang::FunctionDecl* one : const_cast<clang::FunctionDecl*>(canonical)->redecls())
    if (!one->hasAttr<clang::NoInlineAttr>()) one->addAttr(clang::NoInlineAttr::CreateImplicit(one->getASTContext()));
  return EK_Always;
}

// Nothing of the agent's own: names of the libraries are not an agent's to define.
bool KnownCode::known(const clang::FunctionDecl* function) const {
  if (function->hasAttr<clang::AlwaysInlineAttr>() || !function->isExternallyVisible() || !mangler_->shouldMangleDeclName(function))
    return false;
  const clang::FunctionDecl* pattern = function->getTemplateInstantiationPattern();
  if (!(pattern != nullptr ? pattern : function)->isFromASTFile()) return false;
  std::string name;
  llvm::raw_string_ostream stream(name);
  if (const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(function))
    mangler_->mangleName(clang::GlobalDecl(constructor, clang::Ctor_Complete), stream);
  else if (const auto* destructor = llvm::dyn_cast<clang::CXXDestructorDecl>(function))
    mangler_->mangleName(clang::GlobalDecl(destructor, clang::Dtor_Complete), stream);
  else
    mangler_->mangleName(clang::GlobalDecl(function), stream);
  return names_.contains(stream.str());
}

}  // namespace hyperagent::tooling
