#include "tooling/edit_meaning.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/RecursiveASTVisitor.h>

#include <algorithm>

#include "tooling/edit_target.h"

namespace hyperagent::tooling {
namespace {

// A name that is written in the program, and what it means: a declaration by name and type, so that two parses agree.
struct Reference {
  Place place;
  std::string meaning;
};

// A template's specialisation: where the template stands, and for what it is one.
struct Specialisation {
  Place primary;
  std::string meaning;
};

class ReferenceFinder : public clang::RecursiveASTVisitor<ReferenceFinder> {
 public:
  ReferenceFinder(const Program& program, const clang::ASTContext& context, std::vector<Reference>& found,
                  std::vector<Specialisation>& specialisations)
      : program_(program),
        sources_(context.getSourceManager()),
        policy_(context.getLangOpts()),
        found_(found),
        specialisations_(specialisations) {
    policy_.AnonymousTagLocations = false;  // lines shift
  }

  bool VisitDeclRefExpr(clang::DeclRefExpr* use) { return add(use->getLocation(), meaning_of(use->getDecl())); }
  bool VisitMemberExpr(clang::MemberExpr* use) { return add(use->getMemberLoc(), meaning_of(use->getMemberDecl())); }
  bool VisitCXXConstructExpr(clang::CXXConstructExpr* use) { return add(use->getLocation(), meaning_of(use->getConstructor())); }
  bool VisitOverloadExpr(clang::OverloadExpr* use) {
    std::vector<std::string> all;
    for (const clang::NamedDecl* decl : use->decls()) all.push_back(meaning_of(decl->getUnderlyingDecl()));
    std::sort(all.begin(), all.end());
    std::string text;
    for (const std::string& one : all) text += (text.empty() ? "" : " or ") + one;
    return add(use->getNameLoc(), text);
  }
  bool VisitTypeLoc(clang::TypeLoc use) {
    const clang::QualType type = use.getType().getCanonicalType();
    const auto* instance = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl());
    const bool special =
        instance != nullptr && (instance->getSpecializationKind() == clang::TSK_ExplicitSpecialization ||
                                instance->getSpecializedTemplateOrPartial().is<clang::ClassTemplatePartialSpecializationDecl*>());
    return add(use.getBeginLoc(), type.getAsString(policy_) + (special ? ", specialised" : ""));
  }
  bool VisitFunctionDecl(clang::FunctionDecl* function) {
    if (function->getTemplateSpecializationKind() != clang::TSK_ExplicitSpecialization) return true;
    const clang::NamedDecl* primary = function->getPrimaryTemplate();
    if (primary == nullptr) primary = function->getInstantiatedFromMemberFunction();
    return add_special(primary, meaning_of(function));
  }
  bool VisitClassTemplateSpecializationDecl(clang::ClassTemplateSpecializationDecl* record) {
    if (record->getSpecializationKind() != clang::TSK_ExplicitSpecialization) return true;
    return add_special(record->getSpecializedTemplate(), clang::QualType(record->getTypeForDecl(), 0).getAsString(policy_));
  }
  bool VisitVarTemplateSpecializationDecl(clang::VarTemplateSpecializationDecl* variable) {
    if (variable->getSpecializationKind() != clang::TSK_ExplicitSpecialization) return true;
    std::string text;
    llvm::raw_string_ostream out(text);
    variable->getNameForDiagnostic(out, policy_, true);
    return add_special(variable->getSpecializedTemplate(), text);
  }

 private:
  Place place_of(clang::SourceLocation at) const {
    at = sources_.getExpansionLoc(at);
    return {program_.file_of(at, sources_), sources_.getFileOffset(at), 0};
  }

  bool add_special(const clang::NamedDecl* primary, std::string meaning) {
    if (primary != nullptr) specialisations_.push_back({place_of(primary->getLocation()), std::move(meaning)});
    return true;
  }

  std::string meaning_of(const clang::NamedDecl* decl) const {
    const auto* value = llvm::dyn_cast<clang::ValueDecl>(decl);
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl);
    const bool special = function != nullptr && function->getTemplateSpecializationKind() == clang::TSK_ExplicitSpecialization;
    std::string text = decl->getQualifiedNameAsString();
    if (value != nullptr) text += " of type " + value->getType().getCanonicalType().getAsString(policy_);
    if (function != nullptr && function->getPrimaryTemplate() != nullptr)
      text += " from " + function->getPrimaryTemplate()->getTemplatedDecl()->getType().getAsString(policy_);
    return text + (special ? ", specialised" : "");
  }

  bool add(clang::SourceLocation at, std::string meaning) {
    Place place = place_of(at);
    if (!place.file.empty()) found_.push_back({std::move(place), std::move(meaning)});
    return true;
  }

  const Program& program_;
  const clang::SourceManager& sources_;
  clang::PrintingPolicy policy_;
  std::vector<Reference>& found_;
  std::vector<Specialisation>& specialisations_;
};

struct Names {
  std::vector<Reference> references;
  std::vector<Specialisation> specialisations;
};

Names names_of(const Program& program) {
  Names found;
  for (const auto& [path, text] : program.files()) {
    if (!program.parsed(path)) continue;
    SyntaxTree& tree = program.tree(path);
    ReferenceFinder finder(program, tree.context(), found.references, found.specialisations);
    for (clang::Decl* decl : own_declarations(tree)) finder.TraverseDecl(decl);
  }
  return found;
}

bool is_in(const Place& place, const Place& region) {
  return place.file == region.file && place.offset >= region.offset && place.offset < region.offset + region.length;
}

std::vector<Reference> inside(const std::vector<Reference>& all, const Place& region) {
  std::vector<Reference> found;
  for (const Reference& one : all)
    if (is_in(one.place, region)) found.push_back(one);
  return found;
}

// The first of two lists of the same names that means something else, with what it would mean; null when there is none.
const Reference* changed(const std::vector<Reference>& before, const std::vector<Reference>& after, std::string& meaning) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (i < after.size() && before[i].meaning == after[i].meaning) continue;
    meaning = i < after.size() ? after[i].meaning : "nothing";
    return &before[i];
  }
  return nullptr;
}

// What the templates in the frozen regions are specialised for, wherever that stands.
std::vector<std::string> specialised(const Names& names, const std::vector<Region>& frozen) {
  std::vector<std::string> found;
  for (const Specialisation& one : names.specialisations)
    if (std::any_of(frozen.begin(), frozen.end(), [&](const Region& region) { return is_in(one.primary, region.place); }))
      found.push_back(one.meaning);
  return found;
}

std::string text_of(const Place& place, const Program& program) {
  return program.files().at(place.file).substr(place.offset, place.length);
}

}  // namespace

std::optional<Refusal> check_frozen_meaning(const Program& before, const std::vector<Region>& frozen, const Program& after) {
  const std::vector<Region> now = frozen_regions(after);
  const Names old_names = names_of(before), new_names = names_of(after);
  std::vector<char> taken(now.size());
  for (const Region& region : frozen) {
    std::size_t same = 0;
    while (same < now.size() &&
           (taken[same] || now[same].place.file != region.place.file || text_of(now[same].place, after) != text_of(region.place, before)))
      ++same;
    if (same == now.size())
      return Refusal{refusal::kForbidden, where(region.place, before) + ": '" + region.name + "' is frozen, and would no longer be"};
    taken[same] = 1;
    std::string meaning;
    const std::vector<Reference> names = inside(old_names.references, region.place);
    if (const Reference* use = changed(names, inside(new_names.references, now[same].place), meaning))
      return Refusal{refusal::kForbidden, where(use->place, before) + ": '" + region.name + "' is frozen, and what is now " + use->meaning +
                                              " would be " + meaning};
  }
  std::vector<std::string> known = specialised(old_names, frozen);
  for (const std::string& one : specialised(new_names, now)) {
    const auto found = std::find(known.begin(), known.end(), one);
    if (found == known.end())
      return Refusal{refusal::kForbidden, "'" + one + "' specialises a template that is frozen: it would answer in its place"};
    known.erase(found);
  }
  return std::nullopt;
}

std::optional<Refusal> check_unused(const Program& before, const Place& removed, const Program& after) {
  std::vector<Reference> others = names_of(before).references;
  std::erase_if(others, [&](const Reference& one) { return is_in(one.place, removed); });
  std::string meaning;
  const Reference* use = changed(others, names_of(after).references, meaning);
  if (use == nullptr) return std::nullopt;
  return Refusal{refusal::kNotApplicable,
                 where(use->place, before) + ": it is still used: what is now " + use->meaning + " would be " + meaning};
}

}  // namespace hyperagent::tooling
