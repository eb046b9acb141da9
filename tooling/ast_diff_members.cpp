#include "tooling/ast_diff_members.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>

namespace hyperagent::tooling::diff {
namespace {

const clang::CXXRecordDecl* record_of(const clang::Decl* decl) {
  if (const auto* shell = llvm::dyn_cast_or_null<clang::ClassTemplateDecl>(decl)) return shell->getTemplatedDecl();
  return llvm::dyn_cast_or_null<clang::CXXRecordDecl>(decl);
}

// The body of a member function as an entity of its own: initialisers of a constructor belong to it.
Entity body_of(const Entity& holder, clang::CXXMethodDecl* method) {
  Entity body = holder;
  body.decl = method;
  body.kind = clang::ASTNodeKind::getFromNode(*method).asStringRef();
  std::tie(body.first, body.last) = token_range(*holder.source, method->getBody()->getSourceRange());
  if (const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(method))
    for (const auto* initialiser : constructor->inits())
      if (initialiser->isWritten()) body.first = std::min(body.first, token_range(*holder.source, initialiser->getSourceRange()).first - 1);
  body.hash = hash_tokens(*body.source, body.first, body.last);
  return body;
}

std::size_t name_hash(const Source& source, const clang::Decl* decl) {
  const auto& manager = source.tree->sources();
  const int token = source.first_at(manager.getFileOffset(manager.getExpansionLoc(decl->getLocation())));
  return token < static_cast<int>(source.tokens.size()) ? source.tokens[token].hash : 0;
}

Json shown(const Source& source, std::pair<int, int> range) {
  const auto [first, last] = range;
  return place(source, source.tokens[first].offset, snippet(source, first, last));
}

}  // namespace

Relocated relocate_members(std::vector<Entity>& before, std::vector<Entity>& after, const List& to_after, const List& to_before) {
  Relocated out;
  for (const bool leaves : {true, false}) {
    auto& outside = leaves ? after : before;
    auto& inside = leaves ? before : after;
    const List& partner = leaves ? to_before : to_after;
    for (std::size_t k = 0; k < outside.size(); ++k) {
      auto* method = llvm::dyn_cast_or_null<clang::CXXMethodDecl>(outside[k].decl);
      if (partner[k] >= 0 || method == nullptr || !method->isOutOfLine() || !method->doesThisDeclarationHaveABody()) continue;
      std::size_t c = 0;
      while (c < outside.size() && (record_of(outside[c].decl) != method->getParent() || partner[c] < 0)) ++c;
      if (c == outside.size()) continue;
      Entity& holder = inside[partner[c]];
      const Entity body = body_of(outside[k], method);
      clang::CXXMethodDecl* found = nullptr;
      double best = 0.5;
      for (auto* candidate : record_of(holder.decl) != nullptr ? record_of(holder.decl)->methods() : clang::CXXRecordDecl::method_range({}, {})) {
        if (candidate->isImplicit() || !candidate->doesThisDeclarationHaveABody() || candidate->getNumParams() != method->getNumParams() ||
            name_hash(*holder.source, candidate) != name_hash(*outside[k].source, method))
          continue;
        const Entity other = body_of(holder, candidate);
        const double like = other.hash == body.hash ? 2 : likeness(*body.source, body.first, body.last, *other.source, other.first, other.last);
        if (like >= best) best = like, found = candidate;
      }
      if (found == nullptr) continue;
      Entity other = body_of(holder, found), mine = body;
      other.name = mine.name;
      const int at = static_cast<int>(leaves ? k : partner[c]);
      const Json there = shown(*outside[k].source, {outside[k].first, outside[k].last});
      const Json here = shown(*holder.source, token_range(*holder.source, found->getSourceRange()));
      std::vector<Change> changes;
      Change move;
      move.owner = mine.name;
      move.kind = "move";
      move.node = mine.kind.str();
      move.before = leaves ? here : there;
      move.after = leaves ? there : here;
      changes.push_back(std::move(move));
      if (mine.hash != other.hash) compare(leaves ? other : mine, leaves ? mine : other, changes);
      for (Change& change : changes) out.told.emplace_back(at, std::move(change));
      (leaves ? out.after : out.before).insert(static_cast<int>(k));
      for (int i = other.first; i < other.last; ++i) holder.source->tokens[i].carved = true;
      const int end = token_range(*outside[c].source, method->getCanonicalDecl()->getSourceRange()).second;
      if (outside[c].source->is(end, ";")) outside[c].source->tokens[end].carved = true;
      holder.hash = hash_tokens(*holder.source, holder.first, holder.last);
      outside[c].hash = hash_tokens(*outside[c].source, outside[c].first, outside[c].last);
    }
  }
  return out;
}

}  // namespace hyperagent::tooling::diff
