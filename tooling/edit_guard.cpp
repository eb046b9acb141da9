#include "tooling/edit_guard.h"

#include <clang/AST/Attr.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>

#include "tooling/edit_target.h"

namespace hyperagent::tooling {
namespace {

constexpr const char* kFrozen = "ha::frozen";

class FrozenFinder : public clang::RecursiveASTVisitor<FrozenFinder> {
 public:
  FrozenFinder(const Program& program, const clang::ASTContext& context, std::vector<Region>& found)
      : program_(program), context_(context), found_(found) {}

  bool VisitDecl(clang::Decl* decl) {
    for (const auto* note : decl->specific_attrs<clang::AnnotateAttr>())
      if (note->getAnnotation() == kFrozen) add(decl);
    return true;
  }

 private:
  void add(const clang::Decl* decl) {
    const auto& sources = context_.getSourceManager();
    const clang::SourceLocation begin = begin_with_attributes(decl);  // nobody may take the mark away
    const clang::SourceLocation end =
        clang::Lexer::getLocForEndOfToken(sources.getExpansionLoc(decl->getEndLoc()), 0, sources, context_.getLangOpts());
    const std::string file = program_.file_of(begin, sources);
    if (file.empty() || end.isInvalid()) return;
    const auto* named = llvm::dyn_cast<clang::NamedDecl>(decl);
    found_.push_back({place_of(file, clang::CharSourceRange::getCharRange(begin, end), sources),
                      named == nullptr ? "a declaration" : spelled_name(named)});
  }

  const Program& program_;
  const clang::ASTContext& context_;
  std::vector<Region>& found_;
};

// An insertion at the border of a region does not touch it.
bool touches(const Place& place, const Place& region) {
  if (place.file != region.file) return false;
  const unsigned end = place.offset + place.length, region_end = region.offset + region.length;
  return place.offset < region_end && region.offset < end;
}

// The declarations at namespace level, with the names a rule may know them by.
struct Named {
  Place place;
  std::vector<std::string> names;
};

std::vector<Named> named_regions(const Program& program) {
  std::vector<Named> all;
  for (const TopLevel& top : top_levels(program)) {
    const clang::ASTContext& context = top.decl->getASTContext();
    all.push_back({place_of(top.file, declaration_range(top, context), context.getSourceManager()),
                   {top.decl->getNameAsString(), spelled_name(top.decl)}});
    if (const clang::FunctionDecl* function = top.decl->getAsFunction()) all.back().names.push_back(signature_of(function));
  }
  for (const Function& function : program.functions()) {  // members, too
    const clang::ASTContext& context = program.context(function.file);
    const auto range = clang::Lexer::getAsCharRange(function.decl->getSourceRange(), context.getSourceManager(), context.getLangOpts());
    if (range.isValid())
      all.push_back({place_of(function.file, range, context.getSourceManager()),
                     {function.decl->getNameAsString(), function.name, function.signature}});
  }
  return all;
}

std::vector<std::string> names_at(const Place& place, const std::vector<Named>& regions) {
  std::vector<std::string> names;
  for (const Named& region : regions)
    if (touches(place, region.place)) names.insert(names.end(), region.names.begin(), region.names.end());
  return names;
}

}  // namespace

std::vector<Region> frozen_regions(const Program& program) {
  std::vector<Region> found;
  for (const auto& [path, text] : program.files()) {
    if (!program.parsed(path)) continue;
    SyntaxTree& tree = program.tree(path);
    FrozenFinder finder(program, tree.context(), found);
    for (clang::Decl* decl : own_declarations(tree)) finder.TraverseDecl(decl);
  }
  return found;
}

std::optional<Refusal> check_allowed(const Program& program, const std::vector<Region>& frozen, const EditPolicy& policy,
                                     const std::vector<Place>& places, std::vector<std::string>& needs_approval) {
  const std::vector<Named> regions = policy.allows_everything() ? std::vector<Named>() : named_regions(program);
  for (const Place& place : places) {
    for (const Region& region : frozen)
      if (touches(place, region.place))
        return Refusal{refusal::kForbidden, where(place, program) + ": '" + region.name + "' is frozen (annotated " + kFrozen + ")"};
    const auto [decision, rule] = policy.ruling(place.file, half_of(place.file), names_at(place, regions));
    if (decision == EditDecision::Deny)
      return Refusal{refusal::kForbidden, where(place, program) + ": edits are not allowed here: " + rule};
    if (decision != EditDecision::NeedsApproval) continue;
    const std::string why = where(place, program) + ": " + rule;
    if (std::find(needs_approval.begin(), needs_approval.end(), why) == needs_approval.end()) needs_approval.push_back(why);
  }
  return std::nullopt;
}

}  // namespace hyperagent::tooling
