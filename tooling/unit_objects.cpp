#include "tooling/unit_objects.h"

#include <algorithm>
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Mangle.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Basic/TargetInfo.h>
#include <clang/CodeGen/BackendUtil.h>
#include <clang/CodeGen/ModuleBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include "tooling/ast_hash.h"
#include "tooling/digest.h"
#include "tooling/known_code.h"

namespace hyperagent::tooling {
namespace {

bool is_strong(clang::GVALinkage linkage) { return linkage == clang::GVA_Internal || linkage == clang::GVA_StrongExternal; }

// What several objects must not hold a copy of, or must not disagree about.
class Unsplittable : public clang::RecursiveASTVisitor<Unsplittable> {
 public:
  bool found = false;
  bool in_own_object = false;  // static variables of a function that only one object holds are fine

  bool VisitCXXThrowExpr(clang::CXXThrowExpr*) { return no(); }
  bool VisitCXXTryStmt(clang::CXXTryStmt*) { return no(); }
  bool VisitCXXTypeidExpr(clang::CXXTypeidExpr*) { return no(); }
  bool VisitCXXDynamicCastExpr(clang::CXXDynamicCastExpr*) { return no(); }
  bool VisitCXXRecordDecl(clang::CXXRecordDecl* record) { return record->hasDefinition() && record->isDynamicClass() ? no() : true; }
  bool VisitVarDecl(clang::VarDecl* variable) { return variable->isStaticLocal() && !in_own_object ? no() : true; }

 private:
  bool no() {
    found = true;
    return false;
  }
};

// What code is generated with; the tree was parsed with exceptions and is left so.
class Exceptions {
 public:
  Exceptions(clang::LangOptions& options, bool on) : options_(options), exceptions_(options.Exceptions), cxx_(options.CXXExceptions) {
    options_.Exceptions = options_.CXXExceptions = on;
  }
  ~Exceptions() {
    options_.Exceptions = exceptions_;
    options_.CXXExceptions = cxx_;
  }
  Exceptions(const Exceptions&) = delete;
  Exceptions& operator=(const Exceptions&) = delete;

 private:
  clang::LangOptions& options_;
  const bool exceptions_, cxx_;
};

}  // namespace

// Which declarations of the unit go where.
class UnitObjects::Split {
 public:
  Split(clang::ASTContext& context, const std::vector<SyntaxTree::Event>& events, const std::string& path, const std::string& source, bool cleanup)
      : context_(context), path_(path), source_(source), mangler_(context.createMangleContext()) {
    possible_ = source.find("__") == std::string::npos;
    for (const SyntaxTree::Event& event : events) sort(event);
    if (!possible_) functions_.clear();
    if (possible_) environment_ = digest(without_bodies() + (cleanup ? "cleanup" : ""));
  }

  bool possible() const { return possible_; }
  const std::vector<clang::FunctionDecl*>& functions() const { return functions_; }
  bool has_rest() const { return strong_.size() > functions_.size(); }
  // Only one object may define it.
  bool strong(const clang::Decl* decl) const { return strong_.contains(decl); }
  bool alone(const clang::Decl* decl) const { return std::find(functions_.begin(), functions_.end(), decl) != functions_.end(); }
  const std::string& environment() const { return environment_; }

  FunctionPart part(const clang::FunctionDecl* function) const {
    const auto [begin, end] = body_of(function);
    FunctionPart part{mangled(function), begin - text_at(), end - text_at(), ast_hash(context_, function->getBody()), {}};
    part.object_key = digest(environment_ + part.symbol + '\0' + source_.substr(begin, end - begin));
    return part;
  }

  // Internal functions and variables are emitted although their own object may not use them ...
  void mark_internal() const {
    for (clang::NamedDecl* decl : internal_) decl->addAttr(clang::UsedAttr::CreateImplicit(context_));
  }
  // ... and the objects find each other's under names of their own.
  void publish(llvm::Module& module) const {
    for (const char* list : {"llvm.used", "llvm.compiler.used"})
      if (llvm::GlobalVariable* used = module.getNamedGlobal(list)) used->eraseFromParent();
    for (const clang::NamedDecl* decl : internal_)
      if (llvm::GlobalValue* value = module.getNamedValue(mangled(decl))) {
        value->setLinkage(llvm::GlobalValue::ExternalLinkage);
        value->setVisibility(llvm::GlobalValue::HiddenVisibility);
        value->setDSOLocal(true);
        value->setName(value->getName() + "$" + path_);
      }
  }

 private:
  void sort(const SyntaxTree::Event& event) {
    using Event = SyntaxTree::Event;
    clang::Decl* decl = event.decl;
    // Instances of the standard library's templates throw and catch types of their own only.
    if (decl->isFromASTFile() || context_.getSourceManager().isInSystemHeader(decl->getLocation())) return;
    if (event.kind == Event::Kind::VTable) possible_ = false;
    Unsplittable unsplittable;
    if (event.kind == Event::Kind::Declaration) {
      const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl);
      const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl);
      if (function != nullptr && !function->isTemplated()) {
        unsplittable.in_own_object = sort_function(llvm::cast<clang::FunctionDecl>(decl));
      } else if (variable != nullptr && !variable->isTemplated() && variable->isThisDeclarationADefinition() == clang::VarDecl::Definition &&
                 is_strong(context_.GetGVALinkageForVariable(variable))) {
        strong_.insert(decl);
        note_internal(llvm::cast<clang::VarDecl>(decl));
      }
    }
    unsplittable.TraverseDecl(decl);
    if (unsplittable.found) possible_ = false;
  }

  // Whether it stands alone.
  bool sort_function(clang::FunctionDecl* function) {
    if (!is_strong(context_.GetGVALinkageForFunction(function)) || emitted_where_used(function)) return false;
    note_internal(function);
    if (!function->doesThisDeclarationHaveABody()) return false;
    strong_.insert(function);
    if (llvm::isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl>(function)) possible_ = false;  // several symbols each
    const bool alone = function->getTemplateSpecializationKind() == clang::TSK_Undeclared && !llvm::isa<clang::CXXMethodDecl>(function) &&
                       !function->isConstexpr() && function->getDeclaredReturnType()->getContainedDeducedType() == nullptr && in_own_file(function);
    if (alone) functions_.push_back(function);
    return alone;
  }

  // Clang emits what is defined in its class with whatever refers to it, without being shown it. That goes for members of template
  // instances, too, which are reported like functions: in an unnamed namespace each object has its own copy, and none may be published.
  static bool emitted_where_used(const clang::FunctionDecl* function) {
    return function->doesThisDeclarationHaveABody() && llvm::isa<clang::CXXRecordDecl>(function->getLexicalDeclContext());
  }

  void note_internal(clang::NamedDecl* decl) {
    if (!decl->isExternallyVisible()) internal_.push_back(decl);
  }

  bool in_own_file(const clang::FunctionDecl* function) const {
    const clang::SourceRange body = function->getBody()->getSourceRange();
    return context_.getSourceManager().isInMainFile(function->getLocation()) && !body.getBegin().isMacroID() && !body.getEnd().isMacroID();
  }

  std::string mangled(const clang::NamedDecl* decl) const {
    if (!mangler_->shouldMangleDeclName(decl)) return decl->getNameAsString();
    std::string name;
    llvm::raw_string_ostream stream(name);
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl);
    mangler_->mangleName(function != nullptr ? clang::GlobalDecl(function) : clang::GlobalDecl(llvm::cast<clang::VarDecl>(decl)), stream);
    return stream.str();
  }

  std::size_t text_at() const { return path_.size() + 1; }  // where the file's own text begins in source_

  // Where the body stands in source_.
  std::pair<std::size_t, std::size_t> body_of(const clang::FunctionDecl* function) const {
    const auto& sources = context_.getSourceManager();
    const clang::SourceRange range = function->getBody()->getSourceRange();
    return {text_at() + sources.getFileOffset(range.getBegin()), text_at() + sources.getFileOffset(range.getEnd()) + 1};
  }

  // The definitions that stand alone become declarations: what is left reads the same when it is written that way (Compiler::compile).
  std::string without_bodies() const {
    std::string text;
    std::size_t place = 0;
    for (const clang::FunctionDecl* function : functions_) {
      const auto [begin, end] = body_of(function);
      text += source_.substr(place, begin - place) + ";";
      place = end;
    }
    return text + source_.substr(place);
  }

  clang::ASTContext& context_;
  const std::string& path_;
  const std::string& source_;
  std::unique_ptr<clang::MangleContext> mangler_;
  bool possible_ = true;
  std::vector<clang::FunctionDecl*> functions_;  // that stand alone, in source order
  std::set<const clang::Decl*> strong_;          // looked up only
  std::vector<clang::NamedDecl*> internal_;
  std::string environment_;
};

UnitObjects::UnitObjects(SyntaxTree& tree, const std::string& path, const std::string& source, bool cleanup, const llvm::StringSet<>& known,
                         ObjectCache& cache, double& code_seconds)
    : tree_(tree), path_(path), source_(source), cleanup_(cleanup), known_(known), cache_(cache), code_seconds_(code_seconds) {}

void UnitObjects::show(clang::CodeGenerator& generator, const SyntaxTree::Event& event) {
  using Event = SyntaxTree::Event;
  switch (event.kind) {
    case Event::Kind::Declaration:
      // Methods are found through their classes when they are used; taking in those that parsing happened to load costs more than a small
      // function.
      if (event.decl->isFromASTFile() && llvm::isa<clang::CXXMethodDecl>(event.decl)) break;
      generator.HandleTopLevelDecl(clang::DeclGroupRef(event.decl));
      break;
    case Event::Kind::InlineFunction:
      generator.HandleInlineFunctionDefinition(llvm::cast<clang::FunctionDecl>(event.decl));
      break;
    case Event::Kind::StaticMember:
      generator.HandleCXXStaticMemberVarInstantiation(llvm::cast<clang::VarDecl>(event.decl));
      break;
    case Event::Kind::VTable:
      generator.HandleVTable(llvm::cast<clang::CXXRecordDecl>(event.decl));
      break;
  }
}

CompiledUnit UnitObjects::generate() {
  const Split split(tree_.context(), tree_.events(), path_, source_, cleanup_);
  KnownCode::use(tree_.context(), known_);
  CompiledUnit unit = facts(split);
  if (split.possible()) split.mark_internal();
  const auto append = [&](const std::string& key, const std::function<bool(const clang::Decl*)>& wanted) {
    auto object = cache_.find(key);
    if (!object) object = cache_.put(key, emit(split, wanted));
    unit.objects.push_back(*object);
  };
  if (!split.possible()) {
    append(digest(source_ + (cleanup_ ? "cleanup" : "")), [](const clang::Decl*) { return true; });
    return unit;
  }
  for (std::size_t i = 0; i < unit.functions.size(); ++i) {
    const clang::FunctionDecl* function = split.functions()[i];
    append(unit.functions[i].object_key, [&](const clang::Decl* decl) { return decl == function || !split.strong(decl); });
  }
  if (split.has_rest()) append(unit.environment, [&](const clang::Decl* decl) { return !split.alone(decl); });
  return unit;
}

CompiledUnit UnitObjects::facts(const Split& split) const {
  clang::ASTContext& context = tree_.context();
  CompiledUnit unit;
  std::set<const clang::Stmt*> bodies;
  for (const clang::FunctionDecl* function : split.functions()) {
    unit.functions.push_back(split.part(function));
    bodies.insert(function->getBody());
  }
  unit.environment = split.environment();
  unit.rest_hash = ast_hash(context, bodies);
  unit.ast_hash = whole_hash(unit);
  for (clang::Decl* decl : context.getTranslationUnitDecl()->noload_decls()) {
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl);
    if (function != nullptr && !decl->isFromASTFile() && function->isThisDeclarationADefinition())
      unit.definitions.push_back(function->getNameAsString() + " " + function->getType().getAsString());
  }
  return unit;
}

std::string UnitObjects::emit(const Split& split, const std::function<bool(const clang::Decl*)>& wanted) {
  const AddsSeconds adds(code_seconds_);
  clang::ASTContext& context = tree_.context();
  clang::CompilerInstance& clang = tree_.instance();
  const Exceptions as_needed(clang.getLangOpts(), cleanup_);
  llvm::LLVMContext llvm_context;
  auto files = clang.getFileManager().getVirtualFileSystemPtr();
  const std::unique_ptr<clang::CodeGenerator> generator(clang::CreateLLVMCodeGen(
      clang.getDiagnostics(), path_, files, clang.getHeaderSearchOpts(), clang.getPreprocessorOpts(), clang.getCodeGenOpts(), llvm_context));
  generator->Initialize(context);
  tree_.report_to([&](const SyntaxTree::Event& event) { show(*generator, event); });
  for (std::size_t i = 0, known = tree_.events().size(); i < known; ++i) {
    const SyntaxTree::Event event = tree_.events()[i];  // a copy: the list may grow
    if (wanted(event.decl)) show(*generator, event);
  }
  generator->HandleTranslationUnit(context);
  tree_.report_to({});
  const std::unique_ptr<llvm::Module> module(generator->ReleaseModule());
  if (!module) return {};
  if (split.possible()) split.publish(*module);
  llvm::SmallVector<char, 0> object;
  clang::EmitBackendOutput(clang.getDiagnostics(), clang.getHeaderSearchOpts(), clang.getCodeGenOpts(), clang.getTargetOpts(), clang.getLangOpts(),
                           context.getTargetInfo().getDataLayoutString(), module.get(), clang::Backend_EmitObj, files,
                           std::make_unique<llvm::raw_svector_ostream>(object));
  return std::string(object.begin(), object.end());
}

}  // namespace hyperagent::tooling
