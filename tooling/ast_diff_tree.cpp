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

constexpr std::size_t kMostText = 400;

std::size_t hash_tokens(const Source& source, int first, int last) {
  if (last > first && source.is(last - 1, ";")) --last;
  std::size_t hash = 0;
  for (int i = first; i < last; ++i) hash = llvm::hash_combine(hash, source.tokens[i].hash);
  return hash;
}

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

void tokenise(Source& source) {
  const clang::ASTContext& context = source.tree->context();
  const auto& manager = context.getSourceManager();
  const clang::FileID file = manager.getMainFileID();
  clang::Lexer lexer(file, manager.getBufferOrFake(file), manager, context.getLangOpts());
  clang::Token token;
  for (lexer.LexFromRawLexer(token); token.isNot(clang::tok::eof); lexer.LexFromRawLexer(token)) {
    Token kept{manager.getFileOffset(token.getLocation()), token.getLength()};
    const llvm::StringRef text = source.view(kept);
    kept.punctuation = text.size() == 1 ? llvm::StringRef(",;(){}[]:").contains(text[0]) : text == "else";
    kept.hash = hash_text(text);
    source.tokens.push_back(kept);
  }
  source.lines = {0};
  for (unsigned i = 0; i < source.text.size(); ++i)
    if (source.text[i] == '\n') source.lines.push_back(i + 1);
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

void collect(Source& source, clang::Decl* decl, std::vector<Entity>& out) {
  const auto& manager = source.tree->sources();
  if (decl->isImplicit() || !manager.isInMainFile(manager.getExpansionLoc(decl->getLocation()))) return;
  if (llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(decl)) {
    for (clang::Decl* inner : llvm::cast<clang::DeclContext>(decl)->decls()) collect(source, inner, out);
    return;
  }
  Entity entity;
  entity.source = &source;
  entity.decl = decl;
  std::tie(entity.first, entity.last) = token_range(source, decl->getSourceRange());
  if (entity.first == entity.last || llvm::isa<clang::EmptyDecl>(decl)) return;
  entity.hash = hash_tokens(source, entity.first, entity.last);
  if (const auto* function = function_of(decl)) {
    entity.function = true;
    entity.name = function->getQualifiedNameAsString();
    entity.key = entity.name + " " + function->getType().getAsString() + (function->isThisDeclarationADefinition() ? "" : " declared");
  } else {
    const auto* named = llvm::dyn_cast<clang::NamedDecl>(decl);
    std::string name = named != nullptr && named->getDeclName() ? named->getQualifiedNameAsString() : decl->getDeclKindName();
    if (llvm::isa<clang::UsingDirectiveDecl>(decl)) name = "using namespace";
    entity.name = "global " + name;
    entity.key = std::string(decl->getDeclKindName()) + " " + name;
  }
  out.push_back(std::move(entity));
}

Tree build(const Entity& entity, const clang::diff::SyntaxTree* syntax) {
  Tree tree{entity.source, {}, {}, {}, {}};
  const Source& source = *entity.source;
  Item root{llvm::StringRef(), -1, {}, entity.first, entity.last, entity.hash, false, true, entity.decl->getCanonicalDecl(), nullptr};
  root.kind = clang::ASTNodeKind::getFromNode(*entity.decl).asStringRef();
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
    auto [first, last] = ranges[id];
    bool dropped = first == last || (stmt != nullptr && implicit_expression(stmt));
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
  for (Item& item : tree.items)
    std::stable_sort(item.children.begin(), item.children.end(), [&](int a, int b) { return tree.items[a].first < tree.items[b].first; });
  return tree;
}

std::string cut(std::string text) {
  if (text.size() <= kMostText) return text;
  std::size_t end = kMostText - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return text.substr(0, end) + "...";
}

Json place(const Source& source, unsigned offset, std::string text) {
  const auto line = std::upper_bound(source.lines.begin(), source.lines.end(), offset) - source.lines.begin();
  return {{"line", line}, {"column", offset - source.lines[line - 1] + 1}, {"text", cut(std::move(text))}};
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
    out += text[i];
    if (text[i] != '\n') continue;
    for (std::size_t k = 0; k < indent && i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\t'); ++k) ++i;
  }
  return out;
}

}  // namespace hyperagent::tooling::diff
