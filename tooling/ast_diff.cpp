// One pass over shared private types; above 600 lines because it is a single algorithm with no part of use to anyone else.
//
// Theory of operation
//
// Declarations at namespace level ("entities") are paired by name, then by likeness (renames). For each pair whose tokens differ, Clang's
// ASTDiff (GumTree) proposes which nodes correspond. Its raw output is not fit for a person: it calls equal leaves anywhere in a
// function "moved", is blind to macros, casts and character literals, and gives up on the insides of big subtrees. So:
//   settle()  walks both trees from the root and fixes the final correspondence: first equal children in order, then Clang's pairs,
//             then children alike; what is left over at statement level may then be paired across lists (a move, or a wrap).
//   report()  walks the settled trees and writes maximal changes. A node settled inside an inserted or deleted one still in its order
//             was wrapped or unwrapped, not moved.
//     Before: a(); b();     After: a(); if (c) { b(); }     Report: insert "if (c) { ... }"
// Whether a node changed is decided by its own tokens (those of no child), so whatever was edited in the text shows up, and a type
// deduced differently does not.
#include "tooling/ast_diff.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>
#include <clang/Tooling/ASTDiff/ASTDiff.h>
#include <llvm/ADT/Hashing.h>
#include <llvm/ADT/edit_distance.h>

namespace hyperagent::tooling {
namespace {

using List = std::vector<int>;
constexpr std::size_t kMostText = 400;
// GumTree's candidate search is quadratic in the nodes. Beyond this, settle() works alone.
constexpr std::size_t kMostNodePairs = 4'000'000;
// GumTree's optimal matching of small subtrees is cubic; settle() does that part as well.
constexpr int kMostOptimal = 40;

std::size_t hash_text(llvm::StringRef text) { return llvm::hash_value(text); }

struct Token {
  unsigned offset = 0, length = 0;
  bool punctuation = false;  // follows from the structure of the tree: never a change of its own
  std::size_t hash = 0;
};

// One file of one version, parsed.
struct Source {
  std::string path, text;
  ParsedUnit unit;
  std::vector<Token> tokens;
  std::vector<unsigned> lines;  // offset of each line

  llvm::StringRef view(const Token& token) const { return llvm::StringRef(text).substr(token.offset, token.length); }
  int first_at(unsigned offset) const {
    return std::lower_bound(tokens.begin(), tokens.end(), offset, [](const Token& t, unsigned o) { return t.offset < o; }) - tokens.begin();
  }
  int past(unsigned offset) const {
    return std::upper_bound(tokens.begin(), tokens.end(), offset, [](unsigned o, const Token& t) { return o < t.offset; }) - tokens.begin();
  }
  bool is(int token, llvm::StringRef what) const {
    return token >= 0 && token < static_cast<int>(tokens.size()) && view(tokens[token]) == what;
  }
};

void tokenise(Source& source) {
  const clang::ASTContext& context = source.unit.ast->getASTContext();
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

// Token range [first, last) of a node; empty when it is not written in the file.
std::pair<int, int> token_range(const Source& source, clang::SourceRange range) {
  const auto& manager = source.unit.ast->getSourceManager();
  if (range.isInvalid()) return {0, 0};
  const clang::SourceLocation begin = manager.getExpansionLoc(range.getBegin());
  const clang::SourceLocation end = manager.getExpansionRange(range.getEnd()).getEnd();
  if (!manager.isInMainFile(begin) || !manager.isInMainFile(end)) return {0, 0};
  const int first = source.first_at(manager.getFileOffset(begin)), last = source.past(manager.getFileOffset(end));
  return first < last ? std::pair(first, last) : std::pair(0, 0);
}

std::size_t hash_tokens(const Source& source, int first, int last) {
  if (last > first && source.is(last - 1, ";")) --last;
  std::size_t hash = 0;
  for (int i = first; i < last; ++i) hash = llvm::hash_combine(hash, source.tokens[i].hash);
  return hash;
}

// Share of tokens two ranges have in common (Dice coefficient of multisets).
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

// A declaration at namespace level.
struct Entity {
  Source* source = nullptr;
  clang::Decl* decl = nullptr;
  std::string name, key;  // key: with the signature
  bool function = false;
  int first = 0, last = 0;
  std::size_t hash = 0;
};

const clang::FunctionDecl* function_of(const clang::Decl* decl) {
  if (const auto* shell = llvm::dyn_cast<clang::FunctionTemplateDecl>(decl)) return shell->getTemplatedDecl();
  return llvm::dyn_cast<clang::FunctionDecl>(decl);
}

void collect(Source& source, clang::Decl* decl, std::vector<Entity>& out) {
  const auto& manager = source.unit.ast->getSourceManager();
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

// A node that is written in the file. Children are in source order.
struct Item {
  llvm::StringRef kind;
  int parent = -1;
  List children;
  int first = 0, last = 0;
  std::size_t hash = 0;
  bool expression = false, statement = false;  // statement: an element of a sequence, may be moved
  const clang::Decl* declared = nullptr;
  const clang::Decl* referred = nullptr;
};

struct Tree {
  const Source* source = nullptr;
  std::vector<Item> items;
  std::vector<int> item_of;  // Clang's node id -> item, -1 when left out
  std::unordered_map<const clang::Decl*, int> declarations;
  std::unordered_map<std::size_t, int> statements;  // hash -> how many
};

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
      const auto& manager = source.unit.ast->getSourceManager();
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

// Longest common subsequence of equal hashes, as index pairs.
std::vector<std::pair<int, int>> common(const Tree& t1, const List& a, const Tree& t2, const List& b) {
  std::vector<std::pair<int, int>> pairs;
  const auto same = [&](std::size_t i, std::size_t j) { return t1.items[a[i]].hash == t2.items[b[j]].hash; };
  std::size_t head = 0, tail = 0;
  while (head < a.size() && head < b.size() && same(head, head)) pairs.emplace_back(head, head), ++head;
  while (tail < a.size() - head && tail < b.size() - head && same(a.size() - 1 - tail, b.size() - 1 - tail)) ++tail;
  const std::size_t n = a.size() - head - tail, m = b.size() - head - tail;
  if (n > 0 && m > 0 && n * m <= 1'000'000) {
    std::vector<int> length((n + 1) * (m + 1), 0);
    for (std::size_t i = n; i-- > 0;)
      for (std::size_t j = m; j-- > 0;)
        length[i * (m + 1) + j] = same(head + i, head + j) ? length[(i + 1) * (m + 1) + j + 1] + 1
                                                           : std::max(length[(i + 1) * (m + 1) + j], length[i * (m + 1) + j + 1]);
    for (std::size_t i = 0, j = 0; i < n && j < m;) {
      if (same(head + i, head + j)) pairs.emplace_back(head + i++, head + j++);
      else if (length[(i + 1) * (m + 1) + j] >= length[i * (m + 1) + j + 1]) ++i;
      else ++j;
    }
  }
  for (std::size_t k = tail; k > 0; --k) pairs.emplace_back(a.size() - k, b.size() - k);
  return pairs;
}

struct Change {
  std::string owner, kind, node, context;
  Json before, after;
  const clang::Decl* from = nullptr;  // a reference that was updated, or a declaration that was renamed
  const clang::Decl* to = nullptr;
  bool declaration = false;
  int uses = 0;
};

class Pairing {
 public:
  Pairing(Tree& t1, Tree& t2, std::string owner, std::vector<Change>& out)
      : t1_(t1), t2_(t2), owner_(std::move(owner)), out_(out), to2_(t1.items.size(), -1), to1_(t2.items.size(), -1),
        clang_(t1.items.size(), -1) {}

  void suggest(const clang::diff::ASTDiff& diff, const clang::diff::SyntaxTree& syntax) {
    for (std::size_t id = 1; id < t1_.item_of.size(); ++id) {
      const clang::diff::NodeId other = diff.getMapped(syntax, static_cast<int>(id));
      if (t1_.item_of[id] >= 0 && other.isValid()) clang_[t1_.item_of[id]] = t2_.item_of[other];
    }
  }
  void run() {
    bind(0, 0);
    pair_leftovers();
    visit(0, 0, false);
  }

 private:
  static llvm::StringRef family(const Item& item) {
    if (item.kind == "CompoundAssignOperator") return "BinaryOperator";
    if (item.kind.ends_with("Literal") || item.kind == "CXXBoolLiteralExpr") return "Literal";
    return item.kind;
  }
  double like(int c1, int c2) const {
    const Item &a = t1_.items[c1], &b = t2_.items[c2];
    return likeness(*t1_.source, a.first, a.last, *t2_.source, b.first, b.last);
  }
  static bool has_twin(const Tree& own, const Item& item, const Tree& other) {
    if (!item.statement || item.last - item.first < 3) return false;
    const auto mine = own.statements.find(item.hash), theirs = other.statements.find(item.hash);
    return mine != own.statements.end() && theirs != other.statements.end() && theirs->second >= mine->second;
  }
  bool pairable(int c1, int c2, bool alone) const {
    const Item &a = t1_.items[c1], &b = t2_.items[c2];
    if (family(a) != family(b) || a.statement != b.statement) return false;
    if (has_twin(t1_, a, t2_) || has_twin(t2_, b, t1_)) return false;
    if (!a.statement) return a.declared != nullptr || (a.children.empty() && b.children.empty()) || clang_[c1] == c2 || like(c1, c2) >= 0.4;
    if (a.kind == "CompoundStmt" || a.kind == "ReturnStmt") return true;
    return like(c1, c2) >= (alone || clang_[c1] == c2 ? 0.3 : 0.5);
  }

  void bind(int c1, int c2) {
    to2_[c1] = c2;
    to1_[c2] = c1;
    const Item &a = t1_.items[c1], &b = t2_.items[c2];
    if (a.hash == b.hash) {  // equal inside: the subtrees correspond one to one
      if (a.children.size() == b.children.size())
        for (std::size_t i = 0; i < a.children.size(); ++i) bind(a.children[i], b.children[i]);
    } else {
      settle(a.children, b.children);
    }
  }

  void settle(const List& a, const List& b) {
    auto anchors = common(t1_, a, t2_, b);
    for (const auto& [i, j] : anchors) bind(a[i], b[j]);
    anchors.emplace_back(a.size(), b.size());
    std::size_t i = 0, j = 0;
    for (const auto& [end1, end2] : anchors) {
      settle_gap(List(a.begin() + i, a.begin() + end1), List(b.begin() + j, b.begin() + end2));
      i = end1 + 1, j = end2 + 1;
    }
    for (const int c1 : a)  // what changed places within the list
      for (const int c2 : b)
        if (to2_[c1] < 0 && to1_[c2] < 0 && t1_.items[c1].hash == t2_.items[c2].hash) bind(c1, c2);
  }

  void settle_gap(const List& a, const List& b) {
    const bool alone = a.size() == 1 && b.size() == 1;
    std::size_t next = 0;
    for (const int c1 : a) {
      std::size_t best = b.size();
      double best_like = -1;
      for (std::size_t j = next; j < b.size(); ++j) {
        if (!pairable(c1, b[j], alone)) continue;
        const double value = like(c1, b[j]) + (clang_[c1] == b[j] ? 1 : 0);
        if (value > best_like) best = j, best_like = value;
      }
      if (best == b.size()) continue;
      bind(c1, b[best]);
      next = best + 1;
    }
    // `if (c) f();` became `if (c) { f(); g(); }`, or back: compare what the braces hold.
    if (!alone || to2_[a[0]] >= 0) return;
    const Item &one = t1_.items[a[0]], &two = t2_.items[b[0]];
    if (one.statement && two.statement && (one.kind == "CompoundStmt") != (two.kind == "CompoundStmt"))
      settle(one.kind == "CompoundStmt" ? one.children : a, two.kind == "CompoundStmt" ? two.children : b);
  }

  // Statements that left their list: moved, wrapped or unwrapped.
  void pair_leftovers() {
    std::unordered_map<std::size_t, List> free;
    for (std::size_t c2 = 0; c2 < t2_.items.size(); ++c2)
      if (to1_[c2] < 0 && t2_.items[c2].statement) free[t2_.items[c2].hash].push_back(static_cast<int>(c2));
    for (std::size_t k = 0; k < t1_.items.size(); ++k) {
      const int c1 = static_cast<int>(k);
      const Item& item = t1_.items[c1];
      if (to2_[c1] >= 0 || !item.statement || item.last - item.first < 3) continue;
      const auto found = free.find(item.hash);
      int c2 = -1;
      if (found != free.end())
        for (const int candidate : found->second)
          if (c2 < 0 && to1_[candidate] < 0) c2 = candidate;
      if (c2 < 0 && clang_[c1] >= 0 && to1_[clang_[c1]] < 0 && t2_.items[clang_[c1]].statement && item.kind != "CompoundStmt" &&
          item.last - item.first >= 4 && like(c1, clang_[c1]) >= 0.6)
        c2 = clang_[c1];
      if (c2 >= 0) bind(c1, c2);
    }
  }

  // The settled nodes of a list, also those inside nodes that are not.
  static void expand(const Tree& tree, const List& to, const List& list, List& out) {
    for (const int c : list) {
      if (to[c] >= 0) out.push_back(c);
      else expand(tree, to, tree.items[c].children, out);
    }
  }
  // Braces put around a single statement: look through them.
  static List through_braces(const Tree& tree, const List& to, const List& list) {
    List out;
    for (const int c : list) {
      List inside;
      if (to[c] < 0 && tree.items[c].kind == "CompoundStmt") expand(tree, to, tree.items[c].children, inside);
      if (inside.empty()) out.push_back(c);
      else out.insert(out.end(), tree.items[c].children.begin(), tree.items[c].children.end());
    }
    return out;
  }
  static int ancestor_in(const Tree& tree, const List& list, int c) {
    for (; c >= 0; c = tree.items[c].parent)
      if (const auto it = std::find(list.begin(), list.end(), c); it != list.end()) return static_cast<int>(it - list.begin());
    return -1;
  }

  // Of the pairs common to both lists, the heaviest that keep their order; the rest moved.
  std::vector<char> in_place(const List& e1, const List& e2) const {
    std::vector<char> stays(t2_.items.size(), 0);
    std::unordered_map<int, int> position;
    for (std::size_t i = 0; i < e1.size(); ++i) position[e1[i]] = static_cast<int>(i);
    struct Link { int node, at, weight, previous; };
    std::vector<Link> links;
    int best = -1;
    for (const int c2 : e2) {
      const auto found = position.find(to1_[c2]);
      if (found == position.end()) continue;
      Link link{c2, found->second, t2_.items[c2].last - t2_.items[c2].first, -1};
      int most = 0;
      for (std::size_t k = 0; k < links.size(); ++k)
        if (links[k].at < link.at && links[k].weight > most) most = links[k].weight, link.previous = static_cast<int>(k);
      link.weight += most;
      links.push_back(link);
      if (best < 0 || link.weight > links[best].weight) best = static_cast<int>(links.size()) - 1;
    }
    for (; best >= 0; best = links[best].previous) stays[links[best].node] = 1;
    return stays;
  }

  void report(const List& list1, const List& list2) {
    const List a = through_braces(t1_, to2_, list1), b = through_braces(t2_, to1_, list2);
    List e1, e2;
    expand(t1_, to2_, a, e1);
    expand(t2_, to1_, b, e2);
    const std::vector<char> stays = in_place(e1, e2);
    int cursor = 0;
    const auto delete_until = [&](int end) {
      for (; cursor < end; ++cursor)
        if (to2_[a[cursor]] < 0) emit("delete", a[cursor], -1);
    };
    for (const int c2 : b) {
      List kept;
      expand(t2_, to1_, {c2}, kept);
      if (to1_[c2] < 0) {
        int end = cursor;  // deletions stand before the insertion that took their place
        while (end < static_cast<int>(a.size()) && to2_[a[end]] >= 0 && !stays[to2_[a[end]]]) ++end;
        const bool replaced = end < static_cast<int>(a.size()) && to2_[a[end]] < 0 && !t1_.items[a[end]].statement &&
                              !t2_.items[c2].statement && t1_.items[a[end]].expression == t2_.items[c2].expression;
        if (replaced) {
          emit("update", a[end], c2);
          cursor = end + 1;
        } else {
          emit("insert", -1, c2);
        }
      }
      for (const int v2 : kept) {
        const int v1 = to1_[v2];
        if (stays[v2]) delete_until(ancestor_in(t1_, a, v1) + 1);
        visit(v1, v2, !stays[v2]);
      }
    }
    delete_until(static_cast<int>(a.size()));
  }

  // Tokens of no child, but those that follow from the tree.
  static List own_tokens(const Tree& tree, const Item& item) {
    std::vector<char> covered(item.last - item.first, 0);
    for (const int child : item.children)
      for (int i = std::max(tree.items[child].first, item.first); i < std::min(tree.items[child].last, item.last); ++i)
        covered[i - item.first] = 1;
    List own;
    for (int i = item.first; i < item.last; ++i) {
      const bool initialiser = item.declared != nullptr && tree.source->is(i, "=");
      if (!covered[i - item.first] && !tree.source->tokens[i].punctuation && !initialiser) own.push_back(i);
    }
    return own;
  }

  void visit(int c1, int c2, bool moved) {
    const Item &a = t1_.items[c1], &b = t2_.items[c2];
    const List own1 = own_tokens(t1_, a), own2 = own_tokens(t2_, b);
    const auto hash1 = [&](int i) { return t1_.source->tokens[i].hash; };
    const auto hash2 = [&](int i) { return t2_.source->tokens[i].hash; };
    const bool updated = !std::equal(own1.begin(), own1.end(), own2.begin(), own2.end(), [&](int x, int y) { return hash1(x) == hash2(y); });
    if (moved && !updated) emit("move", c1, c2);
    if (updated) {
      std::size_t head = 0, tail = 0;
      const std::size_t least = std::min(own1.size(), own2.size());
      while (head < least && hash1(own1[head]) == hash2(own2[head])) ++head;
      while (tail < least - head && hash1(own1[own1.size() - 1 - tail]) == hash2(own2[own2.size() - 1 - tail])) ++tail;
      if (head + tail == least) head = tail = 0;  // only added or only taken away: show the whole
      if (moved) {
        emit("update_move", c1, c2);
      } else if (least == 0) {
        emit("update", c1, c2);
      } else {
        // The differing run, as written; tokens of children in between are part of it.
        emit("update", c1, c2, {own1[head], own1[own1.size() - 1 - tail] + 1}, {own2[head], own2[own2.size() - 1 - tail] + 1});
      }
    }
    if (a.hash != b.hash) report(a.children, b.children);
  }

  static std::pair<int, int> shown(const Tree& tree, int c) {
    auto [first, last] = std::pair(tree.items[c].first, tree.items[c].last);
    if (tree.items[c].statement && tree.source->is(last, ";")) ++last;
    if (tree.items[c].statement && tree.source->is(first - 1, "else")) --first;
    return {first, last};
  }
  // What surrounds an update: the node when it is more than the update itself, else its parent; only the head of what has a body.
  static std::string around(const Tree& tree, int c, std::pair<int, int> range);

  void emit(const char* kind, int c1, int c2, std::pair<int, int> range1 = {0, 0}, std::pair<int, int> range2 = {0, 0});

  Tree& t1_;
  Tree& t2_;
  std::string owner_;
  std::vector<Change>& out_;
  List to2_, to1_, clang_;  // settled partner; Clang's proposal
};

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

// The text of tokens [first, last) but the holes, lines after the first moved left by what the first is indented.
std::string snippet(const Source& source, int first, int last, const std::vector<std::pair<int, int>>& holes = {}) {
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

std::string Pairing::around(const Tree& tree, int c, std::pair<int, int> range) {
  if (std::pair(tree.items[c].first, tree.items[c].last) == range) c = tree.items[c].parent;
  if (c < 0 || tree.items[c].kind == "CompoundStmt") return "";
  const Item& item = tree.items[c];
  int last = item.last;
  for (const int child : item.children)  // the first body ends the head
    if (tree.items[child].statement && child != item.children.front()) last = std::min(last, tree.items[child].first);
  for (const int child : item.children)
    if (tree.items[child].kind == "CompoundStmt") last = std::min(last, tree.items[child].first);
  while (last > item.first + 1 && tree.source->is(last - 1, "{")) --last;
  return last > item.first ? cut(snippet(*tree.source, item.first, last)) : "";
}

void Pairing::emit(const char* kind, int c1, int c2, std::pair<int, int> range1, std::pair<int, int> range2) {
  Change change;
  change.kind = kind;
  change.node = c2 >= 0 ? t2_.items[c2].kind.str() : t1_.items[c1].kind.str();
  change.owner = owner_;
  const Tree& tree = c2 >= 0 ? t2_ : t1_;
  if (!function_of(tree.items[0].declared))  // inside a class: the outermost member function
    for (int c = c2 >= 0 ? c2 : c1; c > 0; c = tree.items[c].parent)
      if (tree.items[c].declared != nullptr)
        if (const auto* function = function_of(tree.items[c].declared)) change.owner = function->getQualifiedNameAsString();
  const auto one_side = [&](const Tree& side, const List& to, int c, std::pair<int, int> range) -> Json {
    if (c < 0) return nullptr;
    std::vector<std::pair<int, int>> holes;
    if (range.first == range.second) {
      range = shown(side, c);
      if (c1 < 0 || c2 < 0) {  // what was wrapped or moved away is not inserted or deleted
        List kept;
        expand(side, to, {c}, kept);
        for (const int k : kept) holes.push_back(shown(side, k));
      }
    }
    return place(*side.source, side.source->tokens[range.first].offset, snippet(*side.source, range.first, range.second, holes));
  };
  change.before = one_side(t1_, to2_, c1, range1);
  change.after = one_side(t2_, to1_, c2, range2);
  if (change.kind == "update") {
    const Item& item = t1_.items[c1];
    change.context = around(t1_, c1, range1.first == range1.second ? std::pair(item.first, item.last) : range1);
    const Item &a = t1_.items[c1], &b = t2_.items[c2];
    change.declaration = a.declared != nullptr && b.declared != nullptr;
    change.from = change.declaration ? a.declared : a.referred;
    change.to = change.declaration ? b.declared : b.referred;
  }
  out_.push_back(std::move(change));
}

struct Group {
  std::string name, file, status, old_name, old_file;
  std::vector<Change> changes;
};

struct Version {
  std::map<std::string, std::unique_ptr<Source>> sources;
  std::vector<Entity> entities;
  std::vector<int> partner;
};

bool is_header(const std::string& path) { return path.ends_with(".h") || path.ends_with(".hpp"); }
bool is_cpp(const std::string& path) { return is_header(path) || path.ends_with(".cpp") || path.ends_with(".cc"); }

// Parses the C++ files that differ; returns what Clang said when one does not parse.
std::string load(const Compiler& compiler, const Files& files, const Files& others, Version& version, std::vector<std::string>& unparsed) {
  for (const auto& [path, text] : files) {
    const auto other = others.find(path);
    if (!is_cpp(path) || (other != others.end() && other->second == text)) continue;
    auto source = std::make_unique<Source>();
    source->path = path;
    source->text = text;
    source->unit = compiler.parse(path, files);
    if (!source->unit.errors.empty() || !source->unit.ast) {
      if (!is_header(path)) return describe(source->unit.errors);
      unparsed.push_back(path);  // it may need what the file that includes it has declared before
      continue;
    }
    tokenise(*source);
    version.sources[path] = std::move(source);
  }
  for (const std::string& path : unparsed) version.sources.erase(path);
  for (auto& [path, source] : version.sources)
    for (auto it = source->unit.ast->top_level_begin(); it != source->unit.ast->top_level_end(); ++it)
      if ((*it)->getLexicalDeclContext()->isTranslationUnit()) collect(*source, *it, version.entities);
  version.partner.assign(version.entities.size(), -1);
  return "";
}

void pair_entities(Version& v1, Version& v2) {
  const auto pass = [&](const auto& agree) {
    for (std::size_t i = 0; i < v1.entities.size(); ++i)
      for (std::size_t j = 0; j < v2.entities.size() && v1.partner[i] < 0; ++j)
        if (v2.partner[j] < 0 && agree(v1.entities[i], v2.entities[j])) v1.partner[i] = j, v2.partner[j] = i;
  };
  const auto same_file = [](const Entity& a, const Entity& b) { return a.source->path == b.source->path; };
  pass([&](const Entity& a, const Entity& b) { return same_file(a, b) && a.key == b.key && a.hash == b.hash; });
  pass([&](const Entity& a, const Entity& b) { return same_file(a, b) && a.key == b.key; });
  pass([&](const Entity& a, const Entity& b) { return a.key == b.key; });
  pass([&](const Entity& a, const Entity& b) { return same_file(a, b) && a.name == b.name; });
  // Renamed: the likest first.
  struct Guess { double like; int i, j; };
  std::vector<Guess> guesses;
  for (std::size_t i = 0; i < v1.entities.size(); ++i)
    for (std::size_t j = 0; j < v2.entities.size(); ++j) {
      const Entity &a = v1.entities[i], &b = v2.entities[j];
      if (v1.partner[i] >= 0 || v2.partner[j] >= 0 || a.decl->getKind() != b.decl->getKind()) continue;
      const double like = likeness(*a.source, a.first, a.last, *b.source, b.first, b.last);
      if (like >= 0.7) guesses.push_back({like + (same_file(a, b) ? 1 : 0), static_cast<int>(i), static_cast<int>(j)});
    }
  std::stable_sort(guesses.begin(), guesses.end(), [](const Guess& a, const Guess& b) { return a.like > b.like; });
  for (const Guess& guess : guesses)
    if (v1.partner[guess.i] < 0 && v2.partner[guess.j] < 0) v1.partner[guess.i] = guess.j, v2.partner[guess.j] = guess.i;
}

void compare(Entity& e1, Entity& e2, std::vector<Change>& out) {
  clang::ASTContext &c1 = e1.source->unit.ast->getASTContext(), &c2 = e2.source->unit.ast->getASTContext();
  // SyntaxTree's constructor for a single declaration needs a private type; the traversal scope narrows the public one down, and
  // keeps it from loading the whole precompiled header.
  c1.setTraversalScope({e1.decl});
  c2.setTraversalScope({e2.decl});
  {
    clang::diff::SyntaxTree s1(c1), s2(c2);
    Tree t1 = build(e1, &s1), t2 = build(e2, &s2);
    clang::diff::ComparisonOptions options;
    options.MaxSize = kMostOptimal;
    Pairing pairing(t1, t2, e2.name, out);
    if (static_cast<std::size_t>(s1.getSize()) * s2.getSize() <= kMostNodePairs)
      pairing.suggest(clang::diff::ASTDiff(s1, s2, options), s1);
    pairing.run();
  }
  c1.setTraversalScope({c1.getTranslationUnitDecl()});
  c2.setTraversalScope({c2.getTranslationUnitDecl()});
}

Json whole(const Entity& entity) {
  const int last = entity.source->is(entity.last, ";") ? entity.last + 1 : entity.last;
  return place(*entity.source, entity.source->tokens[entity.first].offset, snippet(*entity.source, entity.first, last));
}

std::string node_name(const Entity& entity) { return clang::ASTNodeKind::getFromNode(*entity.decl).asStringRef().str(); }

// Entities of one file that no longer stand in their old order (the fewest that explain it).
std::vector<char> reordered(const Version& v1, const Version& v2) {
  std::vector<char> moved(v2.entities.size(), 0);
  for (const auto& [path, source] : v2.sources) {
    std::vector<int> own, length, previous;
    for (std::size_t j = 0; j < v2.entities.size(); ++j)
      if (v2.entities[j].source == source.get() && v2.partner[j] >= 0 && v1.entities[v2.partner[j]].source->path == path)
        own.push_back(static_cast<int>(j));
    int best = -1;
    for (std::size_t k = 0; k < own.size(); ++k) {
      length.push_back(1), previous.push_back(-1), moved[own[k]] = 1;
      for (std::size_t i = 0; i < k; ++i)
        if (v2.partner[own[i]] < v2.partner[own[k]] && length[i] >= length[k]) length[k] = length[i] + 1, previous[k] = static_cast<int>(i);
      if (best < 0 || length[k] > length[best]) best = static_cast<int>(k);
    }
    for (; best >= 0; best = previous[best]) moved[own[best]] = 0;
  }
  return moved;
}

std::vector<std::string> lines_of(llvm::StringRef text) {
  std::vector<std::string> lines;
  for (; !text.empty(); text = text.split('\n').second) lines.push_back(text.split('\n').first.str());
  return lines;
}

// Include and macro lines have no nodes.
void compare_preprocessor(const std::string& path, const std::string& before, const std::string& after, std::vector<Group>& groups) {
  const auto directives = [](const std::string& text) {
    std::vector<std::pair<std::string, int>> out;
    const auto lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (const auto line = llvm::StringRef(lines[i]).trim(); line.starts_with("#")) out.emplace_back(line.str(), i + 1);
    return out;
  };
  auto gone = directives(before), added = directives(after);
  for (std::size_t i = 0; i < gone.size();) {
    const auto same = std::find_if(added.begin(), added.end(), [&](const auto& line) { return line.first == gone[i].first; });
    if (same == added.end()) { ++i; continue; }
    added.erase(same);
    gone.erase(gone.begin() + i);
  }
  const auto at = [](const auto& line) -> Json { return {{"line", line.second}, {"column", 1}, {"text", cut(line.first)}}; };
  Group group{"global preprocessor", path, "changed", "", "", {}};
  const bool update = gone.size() == 1 && added.size() == 1;
  if (update) group.changes.push_back({group.name, "update", "Directive", "", at(gone[0]), at(added[0])});
  for (const auto& line : gone) if (!update) group.changes.push_back({group.name, "delete", "Directive", "", at(line), nullptr});
  for (const auto& line : added) if (!update) group.changes.push_back({group.name, "insert", "Directive", "", nullptr, at(line)});
  if (!group.changes.empty()) groups.push_back(std::move(group));
}

Json file_lines(const std::string& path, const std::string& before, const std::string& after) {
  // Insertions plus deletions are the edit distance without replacement; their difference is that of the lengths.
  std::vector<std::size_t> a, b;
  for (const auto& line : lines_of(before)) a.push_back(hash_text(line));
  for (const auto& line : lines_of(after)) b.push_back(hash_text(line));
  while (!a.empty() && !b.empty() && a.back() == b.back()) a.pop_back(), b.pop_back();
  const std::size_t head = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  const auto rest1 = llvm::ArrayRef(a).drop_front(head), rest2 = llvm::ArrayRef(b).drop_front(head);
  const std::size_t edits = llvm::ComputeEditDistance(rest1, rest2, false);
  const std::size_t added = (edits + rest2.size() - rest1.size()) / 2;
  return {{"file", path}, {"added", added}, {"removed", edits - added}};
}

// References that only follow a renamed declaration are counted there.
void fold_renames(std::vector<Group>& groups) {
  const auto key = [](const clang::Decl* decl) -> std::string {
    const auto* named = llvm::dyn_cast_or_null<clang::NamedDecl>(decl);
    if (named == nullptr) return "";
    // A local is itself; anything else is known by name, also in another file.
    return named->getParentFunctionOrMethod() != nullptr || llvm::isa<clang::ParmVarDecl>(named)
               ? std::to_string(reinterpret_cast<std::uintptr_t>(named)) : named->getQualifiedNameAsString();
  };
  const auto bare = [](const clang::Decl* decl) {
    const auto* named = llvm::dyn_cast_or_null<clang::NamedDecl>(decl);
    return named != nullptr ? named->getNameAsString() : std::string();
  };
  std::map<std::pair<std::string, std::string>, Change*> renamed;
  for (Group& group : groups)
    for (Change& change : group.changes)
      if (change.declaration && bare(change.from) != bare(change.to)) renamed.try_emplace({key(change.from), key(change.to)}, &change);
  for (Group& group : groups) {
    for (Change& change : group.changes) {
      const auto found = change.from != nullptr && !change.declaration ? renamed.find({key(change.from), key(change.to)}) : renamed.end();
      if (found == renamed.end()) continue;
      ++found->second->uses;
      change.kind.clear();
    }
    std::erase_if(group.changes, [](const Change& change) { return change.kind.empty(); });
  }
  std::erase_if(groups, [](const Group& group) { return group.changes.empty(); });
}

Json render(const std::vector<Group>& groups) {
  Json out = {{"functions", Json::array()}, {"files", Json::array()}};
  std::map<std::string, int> count = {{"insert", 0}, {"delete", 0}, {"update", 0}, {"move", 0}};
  for (const Group& group : groups) {
    Json function = {{"name", group.name}, {"file", group.file}, {"half", group.file.substr(0, group.file.find('/'))},
                     {"status", group.status}, {"changes", Json::array()}};
    if (!group.old_name.empty()) function["old_name"] = group.old_name;
    if (!group.old_file.empty()) function["old_file"] = group.old_file;
    for (const Change& change : group.changes) {
      Json entry = {{"kind", change.kind}, {"node", change.node}, {"before", change.before}, {"after", change.after}};
      if (!change.context.empty()) entry["context"] = change.context;
      if (change.uses > 0) entry["uses"] = change.uses;
      function["changes"].push_back(std::move(entry));
      for (auto& [kind, number] : count) number += change.kind.find(kind) != std::string::npos;
    }
    out["functions"].push_back(std::move(function));
  }
  out["summary"] = count;
  return out;
}

}  // namespace

Json ast_diff(const Compiler& compiler, const Files& before, const Files& after) {
  Version v1, v2;
  std::vector<std::string> unparsed;
  for (auto [files, others, version, side] : {std::tuple(&before, &after, &v1, "before"), std::tuple(&after, &before, &v2, "after")})
    if (const std::string errors = load(compiler, *files, *others, *version, unparsed); !errors.empty())
      return {{"refused", {{"code", "parse"}, {"side", side}, {"message", errors}}}};
  // A header unparsed in its new version only: forget what its old one declared.
  std::erase_if(v1.entities, [&](const Entity& e) { return std::find(unparsed.begin(), unparsed.end(), e.source->path) != unparsed.end(); });
  v1.partner.assign(v1.entities.size(), -1);
  pair_entities(v1, v2);
  const std::vector<char> moved = reordered(v1, v2);

  Files all = before;
  all.insert(after.begin(), after.end());
  std::vector<Group> groups;
  Json files = Json::array();
  for (const auto& [path, unused] : all) {
    const auto text = [&path = path](const Files& side) { const auto it = side.find(path); return it == side.end() ? std::string() : it->second; };
    const std::string old_text = text(before), new_text = text(after);
    if (old_text == new_text && before.contains(path) == after.contains(path)) continue;
    files.push_back(file_lines(path, old_text, new_text));
    if (std::find(unparsed.begin(), unparsed.end(), path) != unparsed.end()) files.back()["unparsed"] = true;
    if (is_cpp(path)) compare_preprocessor(path, old_text, new_text, groups);
    for (std::size_t j = 0; j < v2.entities.size(); ++j) {
      Entity& entity = v2.entities[j];
      if (entity.source->path != path) continue;
      if (v2.partner[j] < 0) {
        groups.push_back({entity.name, path, "added", "", "", {{entity.name, "insert", node_name(entity), "", nullptr, whole(entity)}}});
        continue;
      }
      Entity& old = v1.entities[v2.partner[j]];
      std::vector<Change> changes;
      const bool elsewhere = old.source->path != path;
      if (moved[j] || elsewhere) changes.push_back({entity.name, "move", node_name(entity), "", whole(old), whole(entity)});
      if (old.hash != entity.hash) compare(old, entity, changes);
      for (Change& change : changes) {
        const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.name == change.owner && g.file == path && g.status == "changed"; });
        Group& target = group != groups.end() ? *group : groups.emplace_back(Group{change.owner, path, "changed", "", "", {}});
        if (old.name != entity.name && target.name == entity.name) target.old_name = old.name;
        if (elsewhere) target.old_file = old.source->path;
        target.changes.push_back(std::move(change));
      }
    }
    for (std::size_t i = 0; i < v1.entities.size(); ++i) {
      const Entity& entity = v1.entities[i];
      if (entity.source->path == path && v1.partner[i] < 0)
        groups.push_back({entity.name, path, "removed", "", "", {{entity.name, "delete", node_name(entity), "", whole(entity), nullptr}}});
    }
  }
  fold_renames(groups);
  Json out = render(groups);
  out["files"] = std::move(files);
  return out;
}

}  // namespace hyperagent::tooling
