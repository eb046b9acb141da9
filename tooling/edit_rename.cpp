// rename: a declaration and all its references.
//
//   Before   double weight() { return 1; }  double f() { return weight(); }
//   edit     {"op": "rename", "name": "weight", "to": "importance"}
//   After    double importance() { return 1; }  double f() { return importance(); }
//
// Theory of operation. Clang names a symbol by its USR and finds the places where a USR is spelled. That says nothing about what the new
// name would meet: it may hide an outer one, or join an overload set. So the renamed program is parsed again, and the declaration must be
// referred to at exactly the places that were renamed.
#include "tooling/edit_rename.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Tooling/Refactoring/Rename/USRFindingAction.h>
#include <clang/Tooling/Refactoring/Rename/USRLocFinder.h>

#include <algorithm>
#include <set>

#include "hyperagent/core/nearest.h"
#include "tooling/edit_code.h"
#include "tooling/edit_target.h"

namespace hyperagent::tooling {
namespace {

bool operator<(const Place& a, const Place& b) { return std::tie(a.file, a.offset) < std::tie(b.file, b.offset); }
bool same(const Place& a, const Place& b) { return a.file == b.file && a.offset == b.offset; }

// Every named declaration of a unit, at any depth.
class NameWalker : public clang::RecursiveASTVisitor<NameWalker> {
 public:
  explicit NameWalker(std::function<void(const clang::NamedDecl*)> found) : found_(std::move(found)) {}
  bool VisitNamedDecl(clang::NamedDecl* decl) {
    const bool alias = llvm::isa<clang::BaseUsingDecl, clang::UsingDirectiveDecl>(decl);
    const bool pattern = decl->getDescribedTemplate() != nullptr;  // its template is named, too
    if (!decl->isImplicit() && !alias && !pattern && decl->getIdentifier() != nullptr) found_(decl);
    return true;
  }

 private:
  std::function<void(const clang::NamedDecl*)> found_;
};

void for_each_name(SyntaxTree& tree, const std::function<void(const clang::NamedDecl*)>& found) {
  NameWalker walker(found);
  for (clang::Decl* decl : own_declarations(tree)) walker.TraverseDecl(decl);
}

Place place_of_name(const Program& program, const clang::NamedDecl* decl) {
  const auto& sources = decl->getASTContext().getSourceManager();
  return {program.file_of(decl->getLocation(), sources), sources.getFileOffset(decl->getLocation()),
          static_cast<unsigned>(decl->getName().size())};
}

// The class template that a type in a template is made from, whatever its arguments; null when it may be another or one of several: the
// template is specialised, or the type is a parameter.
const clang::CXXRecordDecl* only_pattern_of(clang::QualType type) {
  if (type.isNull()) return nullptr;
  type = type.getNonReferenceType();
  if (!type->getPointeeType().isNull()) type = type->getPointeeType();
  const auto* made = type->getAs<clang::TemplateSpecializationType>();
  const auto* shell =
      made == nullptr ? nullptr : llvm::dyn_cast_or_null<clang::ClassTemplateDecl>(made->getTemplateName().getAsTemplateDecl());
  if (shell == nullptr) return nullptr;
  llvm::SmallVector<clang::ClassTemplatePartialSpecializationDecl*> partial;
  const_cast<clang::ClassTemplateDecl*>(shell)->getPartialSpecializations(partial);
  const bool special =
      !partial.empty() || llvm::any_of(shell->specializations(), [](const auto* one) { return one->isExplicitSpecialization(); });
  return special ? nullptr : shell->getTemplatedDecl()->getCanonicalDecl();
}

// Places in templates where a name's meaning is settled only when the template is used: members of dependent types, and calls with
// dependent arguments. Of a member of a class template those where it can only be meant are told apart.
class OpenNames : public clang::RecursiveASTVisitor<OpenNames> {
 public:
  explicit OpenNames(const clang::NamedDecl* decl) : name_(decl->getNameAsString()), member_(decl->isCXXClassMember()) {
    if (member_) owner_ = llvm::cast<clang::Decl>(decl->getDeclContext())->getCanonicalDecl();
  }
  bool VisitCXXDependentScopeMemberExpr(clang::CXXDependentScopeMemberExpr* expr) {
    if (member_ && expr->getMember().getAsString() == name_ && only_pattern_of(expr->getBaseType()) == owner_)
      settled_.push_back(expr->getMemberLoc());
    else
      add(true, expr->getMember(), expr->getMemberLoc());
    return true;
  }
  bool VisitDependentScopeDeclRefExpr(clang::DependentScopeDeclRefExpr* expr) {
    return add(true, expr->getDeclName(), expr->getLocation());
  }
  bool VisitUnresolvedMemberExpr(clang::UnresolvedMemberExpr* expr) { return add(true, expr->getName(), expr->getNameLoc()); }
  bool VisitUnresolvedLookupExpr(clang::UnresolvedLookupExpr* expr) { return add(false, expr->getName(), expr->getNameLoc()); }
  std::vector<clang::SourceLocation> take() { return std::move(found_); }
  const std::vector<clang::SourceLocation>& settled() const { return settled_; }

 private:
  bool add(bool member, const clang::DeclarationName& name, clang::SourceLocation at) {
    if (member == member_ && name.getAsString() == name_) found_.push_back(at);
    return true;
  }
  std::string name_;
  bool member_;
  const clang::Decl* owner_ = nullptr;
  std::vector<clang::SourceLocation> found_, settled_;
};

// Such a place that has the name and is not among `places`.
std::optional<Place> unsettled_use(const Program& program, const clang::NamedDecl* decl, const std::vector<Place>& places) {
  for (const auto& [path, text] : program.files()) {
    if (!program.parsed(path)) continue;
    SyntaxTree& tree = program.tree(path);
    OpenNames open(decl);
    for (clang::Decl* own : own_declarations(tree)) open.TraverseDecl(own);
    for (const clang::SourceLocation at : open.take()) {
      const Place use{program.file_of(at, tree.sources()), tree.sources().getFileOffset(at), 0};
      if (!use.file.empty() && std::none_of(places.begin(), places.end(), [&](const Place& place) { return same(place, use); })) return use;
    }
  }
  return std::nullopt;
}

// Names without linkage beyond their file are alike in files of the same name: they count in their own file only.
bool may_know(const clang::NamedDecl* decl, const std::string& declared_in, const std::string& unit) {
  return decl->hasExternalFormalLinkage() || !is_source(declared_in) || declared_in == unit;
}

// Declarations that "name" may mean, by the place of the first declaration of each.
struct Candidates {
  std::map<std::string, const clang::NamedDecl*> by_symbol;
  std::vector<std::string> known;
};

std::string symbol_of(const Program& program, const clang::NamedDecl* decl) {
  const auto* first = llvm::cast<clang::NamedDecl>(decl->getCanonicalDecl());
  if (decl->hasExternalFormalLinkage()) {
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(first);
    return first->getQualifiedNameAsString() + " " + first->getDeclKindName() +
           (function == nullptr ? "" : " " + function->getType().getAsString());
  }
  const Place place = place_of_name(program, first);
  return place.file + ":" + std::to_string(place.offset);
}

void add_candidate(const Program& program, const clang::NamedDecl* decl, bool match, Candidates& candidates) {
  candidates.known.push_back(spelled_name(decl));
  if (match) candidates.by_symbol.emplace(symbol_of(program, decl), decl);
}

Candidates local_candidates(const Program& program, const Function& function, const std::string& name) {
  Candidates candidates;
  NameWalker([&](const clang::NamedDecl* decl) {
    if (llvm::isa<clang::ParmVarDecl, clang::VarDecl, clang::BindingDecl>(decl))
      add_candidate(program, decl, decl->getName() == name, candidates);
  }).TraverseDecl(const_cast<clang::FunctionDecl*>(function.decl));
  return candidates;
}

Candidates global_candidates(const Program& program, const std::string& name, const std::string& file) {
  Candidates candidates;
  std::map<const clang::Decl*, std::string> signatures;
  for (const Function& function : program.functions()) signatures[function.decl] = function.signature;
  for (const auto& [path, text] : program.files()) {
    if (!program.parsed(path)) continue;
    for_each_name(program.tree(path), [&](const clang::NamedDecl* decl) {
      if (decl->getParentFunctionOrMethod() != nullptr || llvm::isa<clang::ParmVarDecl>(decl)) return;
      const Place place = place_of_name(program, decl);
      if (place.file.empty() || (!file.empty() && place.file != file)) return;
      const auto signature = signatures.find(decl);
      const bool member = decl->getDeclContext()->isRecord();  // meant by Type::member only
      const bool match = spelled_name(decl) == name || decl->getQualifiedNameAsString() == name || (!member && decl->getName() == name) ||
                         (signature != signatures.end() && signature->second == name);
      add_candidate(program, decl, match, candidates);
    });
  }
  return candidates;
}

Verdict<const clang::NamedDecl*> declaration_of(const Request& request) {
  const std::string name = request.text("name");
  Candidates candidates;
  if (request.has("function")) {
    auto function = function_of(request);
    if (auto* refused = std::get_if<Refusal>(&function)) return *refused;
    candidates = local_candidates(request.program, std::get<Function>(function), name);
  } else {
    candidates = global_candidates(request.program, name, request.text("file"));
  }
  if (candidates.by_symbol.size() == 1) return candidates.by_symbol.begin()->second;
  if (auto refused = candidates.by_symbol.empty() ? request.program.unknown_file(request.text("file")) : std::nullopt) return *refused;
  if (candidates.by_symbol.empty())
    return Refusal{refusal::kNotFound, "no declaration '" + name + "'" + did_you_mean(name, candidates.known)};
  std::string places;
  for (const auto& [symbol, decl] : candidates.by_symbol)
    places += (places.empty() ? "" : ", ") + where(place_of_name(request.program, decl), request.program);
  return Refusal{refusal::kAmbiguous,
                 "'" + name + "' names several declarations (" + places + "); give a signature, a file or \"function\""};
}

Files with_name(const Files& files, const std::vector<Place>& places, const std::string& to) {
  Files renamed = files;
  for (auto place = places.rbegin(); place != places.rend(); ++place) renamed.at(place->file).replace(place->offset, place->length, to);
  return renamed;
}

// Where the places are once all of them have the new name.
std::vector<Place> shifted(std::vector<Place> places, const std::string& to) {
  std::map<std::string, long> by;
  for (Place& place : places) {
    long& moved = by[place.file];
    place.offset = static_cast<unsigned>(place.offset + moved);
    moved += static_cast<long>(to.size()) - static_cast<long>(place.length);
    place.length = static_cast<unsigned>(to.size());
  }
  return places;
}

const clang::NamedDecl* declared_at(const Program& program, const std::vector<Place>& places) {
  const clang::NamedDecl* at = nullptr;
  for (const auto& [path, text] : program.files()) {
    if (at != nullptr || !program.parsed(path)) continue;
    for_each_name(program.tree(path), [&](const clang::NamedDecl* decl) {
      const Place place = place_of_name(program, decl);
      if (at == nullptr && std::any_of(places.begin(), places.end(), [&](const Place& other) { return same(place, other); })) at = decl;
    });
  }
  return at;
}

}  // namespace

std::vector<Place> references_of(const Program& program, const clang::NamedDecl* decl) {
  std::vector<std::string> symbols;
  for (const auto& [path, text] : program.files()) {
    if (!program.parsed(path) || &program.context(path) != &decl->getASTContext()) continue;
    const NarrowedScope narrowed(program.context(path), own_declarations(program.tree(path)));
    symbols = clang::tooling::getUSRsForDeclaration(clang::tooling::getCanonicalSymbolDeclaration(decl), decl->getASTContext());
  }
  std::vector<Place> places;
  const std::string declared_in = place_of_name(program, decl).file;
  for (const auto& [path, text] : program.files()) {
    if (!program.parsed(path) || !may_know(decl, declared_in, path)) continue;
    SyntaxTree& tree = program.tree(path);
    const auto add = [&](clang::SourceLocation at) {
      const std::string file = program.file_of(at, tree.sources());
      if (!file.empty()) places.push_back({file, tree.sources().getFileOffset(at), static_cast<unsigned>(decl->getName().size())});
    };
    if (&tree.context() == &decl->getASTContext()) {
      OpenNames open(decl);
      for (clang::Decl* own : own_declarations(tree)) open.TraverseDecl(own);
      for (const clang::SourceLocation at : open.settled()) add(at);
    }
    for (clang::Decl* own : own_declarations(tree)) {
      for (const auto& occurrence : clang::tooling::getOccurrencesOfUSRs(symbols, decl->getName(), own)) {
        add(occurrence.getNameRanges().front().getBegin());
      }
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a < b; });
  places.erase(std::unique(places.begin(), places.end(), same), places.end());
  return places;
}

Verdict<Changes> rename_places(const Compiler& compiler, const Program& program, const std::vector<Place>& places, const std::string& to) {
  auto parsed = Program::parse(compiler, with_name(program.files(), places, to));
  if (auto* refused = std::get_if<Refusal>(&parsed)) return *refused;
  const Program& renamed = std::get<Program>(parsed);
  const std::vector<Place> wanted = shifted(places, to);
  const clang::NamedDecl* decl = declared_at(renamed, wanted);
  const std::vector<Place> found = decl == nullptr ? std::vector<Place>() : references_of(renamed, decl);
  if (!std::equal(found.begin(), found.end(), wanted.begin(), wanted.end(), same)) {
    std::vector<Place> odd;
    const auto before = [](const Place& a, const Place& b) { return a < b; };
    std::set_symmetric_difference(found.begin(), found.end(), wanted.begin(), wanted.end(), std::back_inserter(odd), before);
    return Refusal{refusal::kNotApplicable, "'" + to + "' means something else at " +
                                                where(odd.empty() ? wanted.front() : odd.front(), renamed) + "; choose another name"};
  }
  Changes changes;
  for (const Place& place : places)
    if (auto failed = changes[place.file].add(clang::tooling::Replacement(place.file, place.offset, place.length, to))) {
      llvm::consumeError(std::move(failed));
      return Refusal{refusal::kNotApplicable, "the places to rename overlap"};
    }
  return changes;
}

Verdict<Plan> prepare_rename(const Request& request) {
  const std::string to = request.text("to");
  if (!is_identifier(to)) return Refusal{refusal::kMalformed, "'" + to + "' is not an identifier"};
  auto found = declaration_of(request);
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  const clang::NamedDecl* decl = std::get<const clang::NamedDecl*>(found);
  if (decl->getName() == to) return Refusal{refusal::kNotApplicable, "it is called '" + to + "' already"};
  Plan plan;
  for (const clang::Decl* other : decl->redecls())
    if (!other->isImplicit() && request.program.file_of(other->getLocation(), other->getASTContext().getSourceManager()).empty()) {
      const auto& sources = other->getASTContext().getSourceManager();
      return Refusal{refusal::kNotApplicable, "'" + decl->getNameAsString() + "' is declared in " + sources.getFilename(sources.getExpansionLoc(other->getLocation())).str() +
                                                  " as well, which is not among the files to edit"};
    }
  const std::vector<Place> places = references_of(request.program, decl);
  plan.places = places;
  // What is named inside of it has another name then, by which a rule may know it.
  if (llvm::isa<clang::TagDecl, clang::NamespaceDecl>(decl))
    for (const clang::Decl* part : decl->redecls()) {
      const auto& sources = part->getASTContext().getSourceManager();
      const auto range = clang::Lexer::getAsCharRange(part->getSourceRange(), sources, part->getASTContext().getLangOpts());
      const std::string file = request.program.file_of(part->getLocation(), sources);
      if (range.isValid() && !file.empty()) plan.places.push_back(place_of(file, range, sources));
    }
  plan.formatted = false;
  if (places.empty()) return Refusal{refusal::kNotApplicable, "the name '" + request.text("name") + "' comes from a macro"};
  if (const auto use = unsettled_use(request.program, decl, places); use && !decl->getParentFunctionOrMethod())
    return Refusal{refusal::kNotApplicable,
                   where(*use, request.program) + ": '" + decl->getNameAsString() +
                       "' stands in a template here, and what it means depends on the template's arguments; name the type "
                       "there first (Box<T> rather than T or auto)"};
  plan.apply = [&request, places, to] { return rename_places(request.compiler, request.program, places, to); };
  return plan;
}

}  // namespace hyperagent::tooling
