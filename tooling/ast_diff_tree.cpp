#include "tooling/ast_diff_tree.h"

#include <algorithm>

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>
#include <llvm/ADT/Hashing.h>

namespace hyperagent::tooling::diff {
namespace {

bool implicit_expression(const clang::Stmt* stmt) {
  if (const auto* self = llvm::dyn_cast<clang::CXXThisExpr>(stmt)) return self->isImplicit();
  return llvm::isa<clang::ParenExpr, clang::CXXDefaultArgExpr, clang::CXXDefaultInitExpr, clang::ImplicitCastExpr>(stmt);
}

bool is_statement(const Tree& tree, const Item& item, const clang::Stmt* stmt) {
  const llvm::StringRef parent = item.parent < 0 ? "" : tree.items[item.parent].kind;
  if (stmt == nullptr) return item.declared != nullptr && item.parent >= 0 && tree.items[item.parent].declared != nullptr &&
                              !llvm::isa<clang::ParmVarDecl>(item.declared);
  if (!item.expression) return true;
  if (parent == "CompoundStmt" || parent == "CaseStmt" || parent == "DefaultStmt" || parent == "LabelStmt")
    return tree.source->is(item.last, ";");
  // The body of `for (...; ...; ...) f();` and the like; the parts in the head are no statements.
  return (parent == "IfStmt" || parent == "WhileStmt" || parent == "CXXForRangeStmt" || parent == "ForStmt") &&
         tree.source->is(item.last, ";") && item.last >= tree.items[item.parent].last;
}

}  // namespace

std::size_t hash_text(llvm::StringRef text) { return llvm::hash_value(text); }

static void finish(Source& source) {
  source.claimed.assign(source.tokens.size(), 0);
  source.lines = {0};
  for (unsigned i = 0; i < source.text.size(); ++i)
    if (source.text[i] == '\n') source.lines.push_back(i + 1);
}

std::size_t hash_words(const std::vector<std::size_t>& words) { return llvm::hash_combine_range(words.begin(), words.end()); }

std::size_t hash_tokens(const Source& source, int first, int last) {
  if (last > first && source.is(last - 1, ";")) --last;
  std::size_t hash = 0;
  for (int i = first; i < last; ++i)
    if (!source.tokens[i].carved) hash = llvm::hash_combine(hash, source.tokens[i].hash);
  return hash;
}

void tokenise(Source& source) {
  clang::LangOptions options;
  options.CPlusPlus = options.CPlusPlus11 = options.CPlusPlus14 = options.CPlusPlus17 = options.CPlusPlus20 = options.Bool = options.LineComment = true;
  options.RawStringLiterals = options.Digraphs = true;
  const char* const text = source.text.c_str();
  clang::Lexer lexer(clang::SourceLocation(), options, text, text, text + source.text.size());
  clang::Token token;
  bool directive = false;
  for (;;) {
    lexer.LexFromRawLexer(token);
    if (token.is(clang::tok::eof)) break;
    Token kept{static_cast<unsigned>(lexer.getBufferLocation() - text) - token.getLength(), token.getLength(), false, 0, false, false, {}};
    const llvm::StringRef view = source.view(kept);
    if (token.isAtStartOfLine()) directive = token.is(clang::tok::hash);
    if (directive && !token.isAtStartOfLine()) {
      Token& whole = source.tokens.back();
      if (token.hasLeadingSpace()) whole.words.push_back(hash_text(" "));
      whole.words.push_back(hash_text(view));
      whole.length = kept.offset + kept.length - whole.offset;
      whole.hash = hash_words(whole.words);
      continue;
    }
    kept.name = token.is(clang::tok::raw_identifier);
    kept.punctuation = view.size() == 1 ? llvm::StringRef(",;(){}[]:").contains(view[0]) : view == "else";
    kept.hash = hash_text(view);
    if (directive) kept.words = {kept.hash};
    source.tokens.push_back(std::move(kept));
  }
  finish(source);
}

void split_lines(Source& source) {
  const llvm::StringRef text = source.text;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) source.tokens.push_back({static_cast<unsigned>(at), static_cast<unsigned>(end - at), false, hash_text(text.slice(at, end)), false, false, {}});
    at = end + 1;
  }
  finish(source);
}

std::pair<int, int> token_range(const Source& source, clang::SourceRange range) {
  const auto& manager = source.tree->sources();
  if (range.isInvalid()) return {0, 0};
  const clang::SourceLocation begin = manager.getExpansionLoc(range.getBegin());
  const clang::SourceLocation end = manager.getExpansionRange(range.getEnd()).getEnd();
  if (!manager.isInMainFile(begin) || !manager.isInMainFile(end)) return {0, 0};
  const int first = source.first_at(manager.getFileOffset(begin)), last = source.past(manager.getFileOffset(end));
  return first < last ? std::pair(first, last) : std::pair(0, 0);
}

double likeness(const Source& s1, int f1, int l1, const Source& s2, int f2, int l2) {
  std::vector<std::size_t> a, b, both;
  for (int i = f1; i < l1; ++i) if (!s1.tokens[i].punctuation) a.push_back(s1.tokens[i].hash);
  for (int i = f2; i < l2; ++i) if (!s2.tokens[i].punctuation) b.push_back(s2.tokens[i].hash);
  if (a.empty() && b.empty()) return 1;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return 2.0 * both.size() / (a.size() + b.size());
}

const clang::FunctionDecl* function_of(const clang::Decl* decl) {
  if (const auto* shell = llvm::dyn_cast<clang::FunctionTemplateDecl>(decl)) return shell->getTemplatedDecl();
  return llvm::dyn_cast<clang::FunctionDecl>(decl);
}

namespace {

// The tokens of a declaration and its attributes, which Clang does not count in.
std::pair<int, int> with_attributes(const Source& source, std::pair<int, int> range, const clang::Decl* decl) {
  auto& [first, last] = range;
  const auto keyword = [&](int token) { return source.is(token, "__attribute__") || source.is(token, "alignas") || source.is(token, "__declspec"); };
  // The other end of a bracket; 1: forward.
  const auto match = [&](int token, int step) {
    int depth = 0;
    for (const int end = static_cast<int>(source.tokens.size()); token >= 0 && token < end; token += step) {
      const llvm::StringRef text = source.view(source.tokens[token]);
      if (text == "(" || text == "[") depth += step;
      if (text == ")" || text == "]") depth -= step;
      if (depth == 0) return token;
    }
    return -1;
  };
  for (;;) {
    const bool square = source.is(first - 1, "]") && source.is(first - 2, "]"), round = source.is(first - 1, ")");
    const int open = square || round ? match(first - 1, -1) : -1;
    if (square && open >= 0 && source.is(open + 1, "[")) first = open;
    else if (round && open > 0 && keyword(open - 1)) first = open - 1;
    else break;
  }
  const auto* function = function_of(decl);
  if (function != nullptr && function->doesThisDeclarationHaveABody()) return range;  // what follows is the next one's
  for (;;) {
    const bool square = source.is(last, "[") && source.is(last + 1, "["), round = keyword(last) || source.is(last, "asm") || source.is(last, "__asm__");
    const int close = square ? match(last, 1) : round ? match(last + 1, 1) : -1;
    if (close < 0) return range;
    last = close + 1;
  }
}

bool implicit_instance(const clang::Decl* decl) {
  auto kind = clang::TSK_Undeclared;
  if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl)) kind = function->getTemplateSpecializationKind();
  if (const auto* type = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(decl)) kind = type->getSpecializationKind();
  if (const auto* variable = llvm::dyn_cast<clang::VarTemplateSpecializationDecl>(decl)) kind = variable->getSpecializationKind();
  return kind == clang::TSK_ImplicitInstantiation;
}

struct Scope {
  std::string heads;
  int open = -1;  // the brace
};

void claim(Source& source, int first, int last) {
  std::fill(source.claimed.begin() + first, source.claimed.begin() + last, 1);
  if (source.is(last, ";")) source.claimed[last] = 1;
}

void collect(Source& source, clang::Decl* decl, const Scope& scope, std::vector<Entity>& out) {
  const auto& manager = source.tree->sources();
  if (decl->isImplicit() || implicit_instance(decl) || !manager.isInMainFile(manager.getExpansionLoc(decl->getLocation()))) return;
  const auto range = token_range(source, decl->getSourceRange());
  if (range.first == range.second || llvm::isa<clang::EmptyDecl>(decl)) return;
  const auto* linkage = llvm::dyn_cast<clang::LinkageSpecDecl>(decl);
  if (linkage != nullptr || llvm::isa<clang::NamespaceDecl>(decl)) {
    const bool braces = linkage == nullptr || linkage->hasBraces();
    int end = range.first + (braces ? 0 : 2);
    while (braces && end < range.second && !source.is(end++, "{")) {}
    Scope inner{scope.heads, braces ? end - 1 : -1};
    if (!braces || inner.open != scope.open)  // else the next part of `namespace a::b {`
      for (int i = range.first; i < end; ++i) inner.heads += (inner.heads.empty() ? "" : " ") + source.view(source.tokens[i]).str();
    const std::size_t before = out.size();
    for (clang::Decl* held : llvm::cast<clang::DeclContext>(decl)->decls()) collect(source, held, inner, out);
    if (out.size() == before) return;
    std::fill(source.claimed.begin() + range.first, source.claimed.begin() + end, 1);
    if (braces) source.claimed[range.second - 1] = 1;
    return;
  }
  Entity entity;
  entity.source = &source;
  entity.decl = decl;
  entity.scope = scope.heads;
  entity.kind = clang::ASTNodeKind::getFromNode(*decl).asStringRef();
  std::tie(entity.first, entity.last) = with_attributes(source, range, decl);
  const auto* declarator = llvm::dyn_cast<clang::DeclaratorDecl>(decl);
  if (declarator != nullptr && !out.empty() && out.back().source == &source && out.back().first == entity.first && out.back().last < entity.last)
    entity.first = source.first_at(manager.getFileOffset(manager.getExpansionLoc(decl->getLocation())));  // `int a, b;`
  const auto* named = llvm::dyn_cast<clang::NamedDecl>(decl);
  if (named != nullptr) entity.bare = named->getNameAsString();
  if (const auto* function = function_of(decl)) {
    entity.name = function->getQualifiedNameAsString();
    entity.key = entity.name + " " + function->getType().getAsString() + (function->isThisDeclarationADefinition() ? "" : " declared");
  } else {
    std::string name = named != nullptr && named->getDeclName() ? named->getQualifiedNameAsString() : decl->getDeclKindName();
    if (llvm::isa<clang::UsingDirectiveDecl>(decl)) name = "using namespace";
    entity.name = "global " + name;
    entity.key = std::string(decl->getDeclKindName()) + " " + name;
  }
  claim(source, entity.first, entity.last);
  out.push_back(std::move(entity));
}

}  // namespace

void collect(Source& source, std::vector<Entity>& out) {
  const std::size_t before = out.size();
  for (clang::Decl* decl : source.tree != nullptr ? source.tree->top_level() : std::vector<clang::Decl*>())
    if (decl->getLexicalDeclContext()->isTranslationUnit()) collect(source, decl, {}, out);
  for (int i = 0; i < static_cast<int>(source.tokens.size()); ++i) {
    if (source.tokens[i].words.empty() || source.claimed[i]) continue;
    claim(source, i, i + 1);
    out.push_back({&source, nullptr, "global preprocessor", source.view(source.tokens[i]).str(), "", "", "", "Directive", i, i + 1, 0});
  }
  std::stable_sort(out.begin() + before, out.end(), [](const Entity& a, const Entity& b) { return a.first < b.first; });
  for (std::size_t i = before; i < out.size(); ++i) out[i].hash = hash_tokens(source, out[i].first, out[i].last);
}

Tree build(const Entity& entity, const clang::diff::SyntaxTree* syntax) {
  Tree tree{entity.source, {}, {}, {}, {}};
  const Source& source = *entity.source;
  Item root{llvm::StringRef(), -1, {}, entity.first, entity.last, entity.hash, false, true, entity.decl->getCanonicalDecl(), nullptr};
  root.kind = entity.kind;
  tree.items.push_back(root);
  tree.declarations[root.declared] = 0;
  if (syntax == nullptr) return tree;
  const int size = syntax->getSize();
  tree.item_of.assign(size, -1);
  std::vector<int> owner(size, 0);
  std::vector<std::pair<int, int>> ranges(size);
  for (int id = 1; id < size; ++id) ranges[id] = token_range(source, syntax->getNode(id).ASTNode.getSourceRange());
  for (int id = 1; id < size; ++id) {
    const clang::diff::Node& node = syntax->getNode(id);
    const auto* decl = node.ASTNode.get<clang::Decl>();
    const auto* stmt = node.ASTNode.get<clang::Stmt>();
    owner[id] = node.Parent.isValid() ? owner[node.Parent] : 0;
    if (decl == entity.decl) {
      tree.item_of[id] = 0;
      continue;
    }
    auto [first, last] = decl != nullptr && !llvm::isa<clang::ParmVarDecl>(decl) ? with_attributes(source, ranges[id], decl) : ranges[id];
    bool dropped = first == last || first < entity.first || last > entity.last || source.tokens[first].carved || (stmt != nullptr && implicit_expression(stmt));
    const bool expression = stmt != nullptr && llvm::isa<clang::Expr>(stmt);
    if (expression)  // conversions and copies nobody wrote cover exactly what they wrap
      for (const clang::diff::NodeId child : node.Children)
        dropped |= ranges[child] == ranges[id] && syntax->getNode(child).ASTNode.get<clang::Expr>() != nullptr &&
                   !implicit_expression(syntax->getNode(child).ASTNode.get<clang::Stmt>());
    // The operator () or [] spans its operands: its tokens say nothing.
    const auto* reference = llvm::dyn_cast_or_null<clang::DeclRefExpr>(stmt);
    if (reference != nullptr) {
      const auto op = reference->getNameInfo().getName().getCXXOverloadedOperator();
      dropped |= op == clang::OO_Call || op == clang::OO_Subscript;
    }
    if (dropped) continue;
    Item item{node.getTypeLabel(), owner[id], {}, first, last, 0, expression, false, nullptr, nullptr};
    Item& parent = tree.items[item.parent];
    const auto* declarator = llvm::dyn_cast_or_null<clang::DeclaratorDecl>(decl);
    if (declarator != nullptr && !parent.children.empty() && tree.items[parent.children.back()].first == first) {
      // `int a = 1, b = 2;`: both declarations begin at the type
      const auto& manager = source.tree->sources();
      item.first = std::max(first, source.first_at(manager.getFileOffset(manager.getExpansionLoc(declarator->getLocation()))));
    }
    item.first = std::min(item.first, last - 1);
    item.hash = hash_tokens(source, item.first, last);
    if (decl != nullptr) item.declared = decl->getCanonicalDecl();
    if (reference != nullptr) item.referred = reference->getDecl()->getCanonicalDecl();
    if (const auto* member = llvm::dyn_cast_or_null<clang::MemberExpr>(stmt)) item.referred = member->getMemberDecl()->getCanonicalDecl();
    item.statement = is_statement(tree, item, stmt);
    const int self = static_cast<int>(tree.items.size());
    if (item.declared != nullptr) tree.declarations.emplace(item.declared, self);
    if (item.statement) ++tree.statements[item.hash];
    parent.children.push_back(self);
    tree.items.push_back(std::move(item));
    tree.item_of[id] = owner[id] = self;
  }
  for (int i = entity.first; i < entity.last; ++i) {
    if (source.tokens[i].words.empty() || source.tokens[i].carved) continue;
    int inside = 0;
    for (std::size_t k = 1; k < tree.items.size(); ++k)
      if (tree.items[k].first < i && i < tree.items[k].last && tree.items[k].last - tree.items[k].first <= tree.items[inside].last - tree.items[inside].first)
        inside = static_cast<int>(k);
    Item item{"Directive", inside, {}, i, i + 1, hash_tokens(source, i, i + 1), false, true, nullptr, nullptr};
    tree.items[inside].children.push_back(static_cast<int>(tree.items.size()));
    tree.items.push_back(std::move(item));
  }
  for (Item& item : tree.items)
    std::stable_sort(item.children.begin(), item.children.end(), [&](int a, int b) { return tree.items[a].first < tree.items[b].first; });
  return tree;
}

Json place(const Source& source, unsigned offset, std::string text) {
  const auto line = std::upper_bound(source.lines.begin(), source.lines.end(), offset) - source.lines.begin();
  return {{"line", line}, {"column", offset - source.lines[line - 1] + 1}, {"text", std::move(text)}};
}

std::string snippet(const Source& source, int first, int last, const std::vector<std::pair<int, int>>& holes) {
  std::string text;
  unsigned from = source.tokens[first].offset;
  const auto past = [&](int token) { return source.tokens[token].offset + source.tokens[token].length; };
  for (const auto& [hole, end] : holes) {
    if (hole < first || end > last) continue;
    text += source.text.substr(from, source.tokens[hole].offset - from) + "...";
    from = past(end - 1);
  }
  if (past(last - 1) > from) text += source.text.substr(from, past(last - 1) - from);
  std::size_t indent = 0;
  for (std::size_t at = source.tokens[first].offset; at > 0 && source.text[at - 1] != '\n'; --at)
    indent = source.text[at - 1] == ' ' || source.text[at - 1] == '\t' ? indent + 1 : 0;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\r\n") == 0) ++i;
    out += text[i];
    if (text[i] != '\n') continue;
    for (std::size_t k = 0; k < indent && i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\t'); ++k) ++i;
  }
  return out;
}

}  // namespace hyperagent::tooling::diff
