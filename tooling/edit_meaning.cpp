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

class ReferenceFinder : public clang::RecursiveASTVisitor<ReferenceFinder> {
 public:
  ReferenceFinder(const Program& program, const clang::ASTContext& context, std::vector<Reference>& found)
      : program_(program), sources_(context.getSourceManager()), policy_(context.getLangOpts()), found_(found) {
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

 private:
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
    at = sources_.getExpansionLoc(at);
    const std::string file = program_.file_of(at, sources_);
    if (!file.empty()) found_.push_back({{file, sources_.getFileOffset(at), 0}, std::move(meaning)});
    return true;
  }

  const Program& program_;
  const clang::SourceManager& sources_;
  clang::PrintingPolicy policy_;
  std::vector<Reference>& found_;
};

std::vector<Reference> references(const Program& program) {
  std::vector<Reference> found;
  for (const auto& [path, text] : program.files()) {
    if (!program.parsed(path)) continue;
    SyntaxTree& tree = program.tree(path);
    ReferenceFinder finder(program, tree.context(), found);
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

std::string text_of(const Place& place, const Program& program) {
  return program.files().at(place.file).substr(place.offset, place.length);
}

}  // namespace

std::optional<Refusal> check_frozen_meaning(const Program& before, const std::vector<Region>& frozen, const Program& after) {
  const std::vector<Region> now = frozen_regions(after);
  const std::vector<Reference> old_names = references(before), new_names = references(after);
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
    const std::vector<Reference> names = inside(old_names, region.place);
    if (const Reference* use = changed(names, inside(new_names, now[same].place), meaning))
      return Refusal{refusal::kForbidden, where(use->place, before) + ": '" + region.name + "' is frozen, and what is now " + use->meaning +
                                              " would be " + meaning};
  }
  return std::nullopt;
}

std::optional<Refusal> check_unused(const Program& before, const Place& removed, const Program& after) {
  std::vector<Reference> others = references(before);
  std::erase_if(others, [&](const Reference& one) { return is_in(one.place, removed); });
  std::string meaning;
  const Reference* use = changed(others, references(after), meaning);
  if (use == nullptr) return std::nullopt;
  return Refusal{refusal::kNotApplicable,
                 where(use->place, before) + ": it is still used: what is now " + use->meaning + " would be " + meaning};
}

}  // namespace hyperagent::tooling
