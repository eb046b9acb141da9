#include "tooling/ast_diff_renames.h"

#include <algorithm>
#include <set>

#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/ADT/StringExtras.h>

namespace hyperagent::tooling::diff {
namespace {

using Hashes = std::set<std::size_t>;

constexpr llvm::StringRef kMacro = "Macro", kNamespace = "Namespace";

// What one version of a half declares and uses.
struct Names {
  std::map<std::size_t, std::vector<Name>> declared;
  Hashes used, foreign;  // foreign: what the program does not declare itself, or nobody knows
  Hashes macros;
};

class Visitor : public clang::RecursiveASTVisitor<Visitor> {
 public:
  using Base = clang::RecursiveASTVisitor<Visitor>;
  Visitor(const Entity& entity, int index, const std::set<std::string>& own, Names& out) : entity_(entity), index_(index), own_(own), out_(out) {}

  bool VisitNamedDecl(clang::NamedDecl* decl) {
    const auto& manager = entity_.source->tree->sources();
    if (decl->isImplicit() || decl->getIdentifier() == nullptr || !manager.isInMainFile(decl->getLocation()) || decl->getLocation().isMacroID()) return true;
    Name name;
    name.entity = index_;
    name.token = entity_.source->first_at(manager.getFileOffset(decl->getLocation()));
    if (!entity_.source->is(name.token, decl->getName())) return true;
    name.text = decl->getName().str();
    name.first = entity_.first, name.last = entity_.last;
    name.owner = entity_.name;
    name.kind = decl->getDeclKindName();
    name.local = decl->getParentFunctionOrMethod() != nullptr || llvm::isa<clang::ParmVarDecl>(decl) || decl->isTemplateParameter();
    name.top = decl == entity_.decl;
    for (const clang::DeclContext* around = decl->getDeclContext(); around != nullptr; around = around->getParent()) {
      const auto* named = llvm::dyn_cast<clang::NamedDecl>(around);
      if (named == nullptr) continue;
      name.scope.push_back(hash_text(named->getNameAsString()));
      if (const auto* function = function_of(named)) name.owner = function->getQualifiedNameAsString();
    }
    if (const auto* function = function_of(decl)) name.owner = name.local ? name.owner : function->getQualifiedNameAsString();
    out_.declared[hash_text(decl->getName())].push_back(std::move(name));
    return true;
  }
  bool VisitDeclRefExpr(clang::DeclRefExpr* use) { return note(use->getDecl()); }
  bool VisitMemberExpr(clang::MemberExpr* use) { return note(use->getMemberDecl()); }
  bool VisitOverloadExpr(clang::OverloadExpr* use) {
    for (const clang::NamedDecl* decl : use->decls()) note(decl);
    return use->decls_begin() != use->decls_end() || unknown(use->getName());
  }
  bool VisitCXXDependentScopeMemberExpr(clang::CXXDependentScopeMemberExpr* use) {
    return use->isImplicitAccess() || llvm::isa<clang::CXXThisExpr>(use->getBase()) || unknown(use->getMember());
  }
  bool VisitDependentScopeDeclRefExpr(clang::DependentScopeDeclRefExpr* use) { return unknown(use->getDeclName()); }
  bool VisitOffsetOfExpr(clang::OffsetOfExpr* use) {
    for (unsigned i = 0; i < use->getNumComponents(); ++i)
      if (use->getComponent(i).getKind() == clang::OffsetOfNode::Field) note(use->getComponent(i).getField());
    return true;
  }
  bool VisitDesignatedInitExpr(clang::DesignatedInitExpr* use) {
    for (const auto& designator : use->designators())
      if (designator.isFieldDesignator()) note(designator.getFieldDecl());
    return true;
  }
  bool VisitTypeLoc(clang::TypeLoc type) {
    if (const auto tag = type.getAs<clang::TagTypeLoc>()) note(tag.getDecl());
    if (const auto alias = type.getAs<clang::TypedefTypeLoc>()) note(alias.getTypedefNameDecl());
    if (const auto used = type.getAs<clang::UsingTypeLoc>()) note(used.getFoundDecl()->getTargetDecl());
    if (const auto dependent = type.getAs<clang::DependentNameTypeLoc>()) unknown(dependent.getTypePtr()->getIdentifier());
    if (const auto dependent = type.getAs<clang::DependentTemplateSpecializationTypeLoc>()) unknown(dependent.getTypePtr()->getIdentifier());
    return true;
  }
  bool TraverseTemplateName(clang::TemplateName name) {
    if (const auto* decl = name.getAsTemplateDecl()) note(decl);
    return Base::TraverseTemplateName(name);
  }
  bool TraverseConceptReference(clang::ConceptReference* use) { return note(use->getNamedConcept()) && Base::TraverseConceptReference(use); }
  bool TraverseNestedNameSpecifierLoc(clang::NestedNameSpecifierLoc scope) {
    if (scope && scope.getNestedNameSpecifier()->getAsNamespace() != nullptr) note(scope.getNestedNameSpecifier()->getAsNamespace()->getFirstDecl());
    if (scope) unknown(scope.getNestedNameSpecifier()->getAsIdentifier());
    return Base::TraverseNestedNameSpecifierLoc(scope);
  }
  bool VisitUsingDecl(clang::UsingDecl* decl) {
    for (const auto* shadow : decl->shadows()) note(shadow->getTargetDecl());
    return true;
  }
  bool VisitUsingDirectiveDecl(clang::UsingDirectiveDecl* decl) { return note(decl->getNominatedNamespace()->getFirstDecl()); }
  bool VisitUnresolvedUsingValueDecl(clang::UnresolvedUsingValueDecl* decl) { return unknown(decl->getDeclName()); }

 private:
  bool note(const clang::NamedDecl* decl) {
    if (decl == nullptr || decl->getIdentifier() == nullptr) return true;
    const auto& manager = entity_.source->tree->sources();
    if (!own_.contains(manager.getFilename(manager.getExpansionLoc(decl->getLocation())).str())) out_.foreign.insert(hash_text(decl->getName()));
    return true;
  }
  bool unknown(const clang::IdentifierInfo* name) {
    if (name != nullptr) out_.foreign.insert(hash_text(name->getName()));
    return true;
  }
  bool unknown(clang::DeclarationName name) { return unknown(name.getAsIdentifierInfo()); }

  const Entity& entity_;
  int index_;
  const std::set<std::string>& own_;
  Names& out_;
};

std::vector<std::size_t> scope_of(const clang::Decl* decl) {
  std::vector<std::size_t> scope;
  for (const clang::DeclContext* around = decl->getDeclContext(); around != nullptr; around = around->getParent())
    if (const auto* named = llvm::dyn_cast<clang::NamedDecl>(around)) scope.push_back(hash_text(named->getNameAsString()));
  return scope;
}

// A namespace of the file whose entities begin at `entities[from]`, and those inside it. One that holds nothing is text.
void note_namespace(const std::vector<Entity>& entities, std::size_t from, const clang::NamespaceDecl* space, Names& out) {
  const Source& source = *entities[from].source;
  const auto& manager = source.tree->sources();
  if (!manager.isInMainFile(space->getLocation())) return;
  for (const clang::Decl* decl : space->decls())
    if (const auto* inner = llvm::dyn_cast<clang::NamespaceDecl>(decl)) note_namespace(entities, from, inner, out);
  if (space->getIdentifier() == nullptr) return;
  Name name;
  std::tie(name.first, name.last) = token_range(source, space->getSourceRange());
  name.token = source.first_at(manager.getFileOffset(space->getLocation()));
  const auto inside = std::find_if(entities.begin() + from, entities.end(),
                                   [&](const Entity& entity) { return entity.source != &source || entity.first > name.token; });
  if (inside == entities.end() || inside->source != &source || inside->first >= name.last) return;
  name.entity = static_cast<int>(inside - entities.begin());
  name.text = space->getName().str();
  name.owner = "global " + space->getQualifiedNameAsString();
  name.kind = kNamespace;
  name.scope = scope_of(space);
  name.top = true;
  out.declared[hash_text(name.text)].push_back(std::move(name));
}

// The word that a #define is about; 0 when the directive is another.
std::size_t defined_word(const Token& directive) {
  static const std::size_t define = hash_text("define"), blank = hash_text(" ");
  std::vector<std::size_t> words = directive.words;
  std::erase(words, blank);
  return words.size() > 2 && words[1] == define ? words[2] : 0;
}

void note_macro(const Entity& entity, int index, Names& out) {
  const std::size_t word = defined_word(entity.source->tokens[entity.first]);
  if (word == 0) return;
  const llvm::StringRef text = entity.source->view(entity.source->tokens[entity.first]);
  const llvm::StringRef behind = text.drop_front(text.find("define") + 6).ltrim();
  Name name;
  name.entity = index;
  name.token = name.first = entity.first;
  name.last = entity.last;
  name.text = behind.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; }).str();
  if (hash_text(name.text) != word) return;  // a line break in the midst
  name.owner = entity.name;
  name.kind = kMacro;
  name.top = true;
  out.declared[word].push_back(std::move(name));
}

// Names that stand for themselves in the text: of attributes, of macros, and of directives other than #define.
void note_text(const Source& source, Names& out) {
  static const std::size_t hash = hash_text("#"), paste = hash_text("##");
  const bool makes_words = std::any_of(source.tokens.begin(), source.tokens.end(), [&](const Token& token) {
    return defined_word(token) != 0 &&
           std::count(token.words.begin(), token.words.end(), hash) + std::count(token.words.begin(), token.words.end(), paste) > 1;
  });
  int square = 0, round = 0;  // depth inside an attribute
  for (int i = 0; i < static_cast<int>(source.tokens.size()); ++i) {
    const Token& token = source.tokens[i];
    out.used.insert(token.hash);
    out.used.insert(token.words.begin(), token.words.end());
    const std::size_t macro = defined_word(token);
    if (macro == 0)
      out.foreign.insert(token.words.begin(), token.words.end());
    else if (makes_words)
      out.foreign.insert(macro);
    if (square > 0 || (source.is(i, "[") && source.is(i + 1, "["))) square += source.is(i, "[") - source.is(i, "]");
    if (round > 0 || source.is(i - 1, "__attribute__")) round += source.is(i, "(") - source.is(i, ")");
    if (square > 0 || round > 0) out.foreign.insert(token.hash);
    // Macros of the headers and of the program alike.
    if (source.tree == nullptr) out.foreign.insert(token.hash);
    else if (token.name && source.tree->instance().getPreprocessor().getIdentifierInfo(source.view(token))->hadMacroDefinition())
      out.macros.insert(token.hash);
  }
}

Names names_of(const std::vector<Entity>& entities, const std::string& half, const std::string& root) {
  Names out;
  std::set<std::string> own;  // a file that did not change keeps its names
  for (const Entity& entity : entities)
    if (entity.source->tree != nullptr) own.insert(root + entity.source->path);
  const Source* last = nullptr;
  for (std::size_t i = 0; i < entities.size(); ++i) {
    const Entity& entity = entities[i];
    if (part_of(entity.source->path) != half) continue;
    if (entity.source != last) note_text(*entity.source, out);
    if (entity.source != last && entity.source->tree != nullptr)
      for (const clang::Decl* decl : entity.source->tree->top_level())
        if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl);
            space != nullptr && space->getLexicalDeclContext()->isTranslationUnit())
          note_namespace(entities, i, space, out);
    last = entity.source;
    if (entity.decl != nullptr) Visitor(entity, static_cast<int>(i), own, out).TraverseDecl(entity.decl);
    else
      note_macro(entity, static_cast<int>(i), out);
  }
  for (const std::size_t macro : out.macros) {
    const auto found = out.declared.find(macro);
    const bool own_macro = found != out.declared.end() &&
                           std::all_of(found->second.begin(), found->second.end(), [](const Name& name) { return name.kind == kMacro; });
    if (!own_macro) out.foreign.insert(macro);
  }
  return out;
}

double share(std::vector<std::size_t> a, std::vector<std::size_t> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<std::size_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return a.empty() || b.empty() ? 0 : 2.0 * both.size() / (a.size() + b.size());
}

// One version beside the other, names that came or went as if they were all the same.
struct Side {
  const std::vector<Entity>& entities;
  const Names& names;
  const Hashes& others;
  std::string half;

  std::size_t masked(std::size_t hash) const { return names.declared.contains(hash) && !others.contains(hash) ? 0 : hash; }
  std::vector<std::size_t> masked(std::vector<std::size_t> hashes) const {
    for (std::size_t& hash : hashes) hash = masked(hash);
    return hashes;
  }
  std::vector<std::size_t> candidates() const {
    std::vector<std::pair<std::pair<int, int>, std::size_t>> order;
    for (const auto& [hash, where] : names.declared)
      if (!others.contains(hash) && !names.foreign.contains(hash)) order.push_back({{where.front().entity, where.front().token}, hash});
    std::sort(order.begin(), order.end());
    std::vector<std::size_t> out;
    for (const auto& [place, hash] : order) out.push_back(hash);
    return out;
  }
  std::vector<std::size_t> contexts(std::size_t name) const {
    std::vector<std::size_t> out;
    for (const Entity& entity : entities) {
      if (part_of(entity.source->path) != half) continue;
      const auto& tokens = entity.source->tokens;
      for (int i = entity.first; i < entity.last; ++i) {
        if (tokens[i].hash == name)
          out.push_back(hash_words({i > entity.first ? masked(tokens[i - 1].hash) : 1, i + 1 < entity.last ? masked(tokens[i + 1].hash) : 1}));
        const auto& words = tokens[i].words;
        for (std::size_t k = 1; k < words.size(); ++k)
          if (words[k] == name) out.push_back(hash_words({masked(words[k - 1]), k + 1 < words.size() ? masked(words[k + 1]) : 1}));
      }
    }
    for (const Name& space : names.declared.at(name))
      if (space.kind == kNamespace) out.push_back(hash_words({hash_text(kNamespace)}));
    return out;
  }
  std::vector<std::size_t> whole(const Name& name) const {
    std::vector<std::size_t> out;
    for (int i = name.first; i < name.last; ++i) {
      const Token& token = entities[name.entity].source->tokens[i];
      for (const std::size_t word : token.words) out.push_back(masked(word));
      if (token.words.empty() && !token.punctuation) out.push_back(masked(token.hash));
    }
    return out;
  }
};

std::string renamed(const std::string& text, const std::map<std::size_t, std::string>& names) {
  std::string out, word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && (llvm::isAlnum(text[i]) || text[i] == '_')) { word += text[i]; continue; }
    const auto found = names.find(hash_text(word));
    out += found == names.end() ? word : found->second;
    word.clear();
    if (i < text.size()) out += text[i];
  }
  return out;
}

int uses_in(const Entity& entity, std::size_t name) {
  int n = 0;
  for (int i = entity.first; i < entity.last; ++i) {
    const Token& token = entity.source->tokens[i];
    n += token.words.empty() ? token.hash == name : std::count(token.words.begin(), token.words.end(), name);
  }
  return n;
}

int first_in(const Entity& entity, std::size_t name) {
  for (int i = entity.first; i < entity.last; ++i)
    if (entity.source->tokens[i].hash == name) return i;
  return -1;
}

}  // namespace

std::string part_of(const std::string& path) { return path.substr(0, path.find('/')); }

std::vector<Rename> apply_renames(std::vector<Entity>& before, const std::vector<Entity>& after, const std::string& half, const std::string& root) {
  const Names old = names_of(before, half, root), now = names_of(after, half, root);
  const Side from{before, old, now.used, half}, to{after, now, old.used, half};
  struct Guess { double like; std::size_t from, to; };
  std::vector<Guess> guesses;
  const auto gone = from.candidates(), come = to.candidates();
  if (gone.size() * come.size() > 10'000) return {};  // another program
  for (const std::size_t a : gone) {
    const auto places = from.contexts(a);
    for (const std::size_t b : come) {
      const Name &n1 = old.declared.at(a).front(), &n2 = now.declared.at(b).front();
      if (n1.kind != n2.kind || n1.top != n2.top || n1.local != n2.local || from.masked(n1.scope) != to.masked(n2.scope)) continue;
      if (n1.top && share(from.whole(n1), to.whole(n2)) < 0.6) continue;
      if (const double like = share(places, to.contexts(b)); like >= 0.5) guesses.push_back({like, a, b});
    }
  }
  std::stable_sort(guesses.begin(), guesses.end(), [](const Guess& a, const Guess& b) { return a.like > b.like; });
  std::vector<Rename> renames;
  std::map<std::size_t, std::size_t> hashes;
  std::map<std::size_t, std::string> texts;
  Hashes taken;
  for (const Guess& guess : guesses) {
    if (hashes.contains(guess.from) || !taken.insert(guess.to).second) continue;
    Rename rename{guess.from, guess.to, old.declared.at(guess.from), now.declared.at(guess.to), false};
    rename.only_local = std::all_of(rename.after.begin(), rename.after.end(), [](const Name& name) { return name.local; });
    hashes[guess.from] = guess.to;
    texts[guess.from] = rename.after.front().text;
    renames.push_back(std::move(rename));
  }
  std::set<Source*> sources;
  for (const Entity& entity : before)
    if (part_of(entity.source->path) == half) sources.insert(entity.source);
  const auto apply = [&](std::size_t& hash) { if (const auto found = hashes.find(hash); found != hashes.end()) hash = found->second; };
  for (Source* source : sources)
    for (Token& token : source->tokens) {
      apply(token.hash);
      for (std::size_t& word : token.words) apply(word);
      if (token.words.size() > 1) token.hash = hash_words(token.words);
    }
  for (Entity& entity : before) {
    if (part_of(entity.source->path) != half || hashes.empty()) continue;
    for (std::string* text : {&entity.name, &entity.key, &entity.bare, &entity.scope}) *text = renamed(*text, texts);
    entity.hash = hash_tokens(*entity.source, entity.first, entity.last);
  }
  return renames;
}

void tell_renames(const std::vector<Rename>& renames, const std::vector<Entity>& before, const std::vector<Entity>& after,
                  const std::vector<int>& partner, std::vector<std::pair<int, Change>>& told) {
  const auto tell = [&](const Entity& a, int token1, int j, int token2, const Name& old, const Name& name, const std::string& owner,
                        int uses) {
    const auto at = [](const Entity& entity, int token, const std::string& text) {
      const Source& source = *entity.source;
      return place(source, source.tokens[token].offset + static_cast<unsigned>(source.view(source.tokens[token]).find(text)), text);
    };
    Change change;
    change.owner = owner;
    change.kind = "update";
    change.node = name.kind == kMacro ? "Directive" : name.kind.str() + "Decl";
    change.before = at(a, token1, old.text);
    change.after = at(after[j], token2, name.text);
    change.uses = uses;
    told.emplace_back(j, std::move(change));
  };
  for (const Rename& rename : renames) {
    int elsewhere = 0;
    for (std::size_t j = 0; j < after.size(); ++j) {
      if (part_of(after[j].source->path) != part_of(after[rename.after.front().entity].source->path)) continue;
      const int uses = uses_in(after[j], rename.to), i = partner[j];
      const auto local = std::find_if(rename.after.begin(), rename.after.end(), [&](const Name& name) { return name.local && name.entity == static_cast<int>(j); });
      if (local == rename.after.end() && !rename.only_local) elsewhere += uses;
      else if (const int token1 = uses > 0 && i >= 0 ? first_in(before[i], rename.to) : -1; token1 >= 0)
        tell(before[i], token1, static_cast<int>(j), first_in(after[j], rename.to), rename.before.front(), rename.after.front(),
             local == rename.after.end() ? after[j].name : local->owner, uses - 1);
    }
    if (rename.only_local) continue;
    const auto common = [](const Name& name) { return !name.local; };
    const auto a = std::find_if(rename.before.begin(), rename.before.end(), common), b = std::find_if(rename.after.begin(), rename.after.end(), common);
    const Name& first = a == rename.before.end() ? rename.before.front() : *a;
    const bool counted = b->kind != kNamespace;  // the heads of namespaces lie in no entity
    const int heads =
        static_cast<int>(std::count_if(rename.after.begin(), rename.after.end(), [](const Name& name) { return name.kind == kNamespace; }));
    tell(before[first.entity], first.token, b->entity, b->token, first, *b, b->owner, counted ? elsewhere - 1 : elsewhere + heads - 1);
  }
}

}  // namespace hyperagent::tooling::diff
