// Theory of operation
//
// Clang's ASTDiff (GumTree) proposes which nodes of two versions of a declaration correspond. Its raw output is not fit for a person: it calls equal leaves anywhere in a
// function "moved", is blind to macros, casts and character literals, and gives up on the insides of big subtrees. So:
//   settle()  walks both trees from the root and fixes the final correspondence: first equal children in order, then Clang's pairs,
//             then children alike; what is left over at statement level may then be paired across lists (a move, or a wrap).
//   report()  walks the settled trees and writes maximal changes. A node settled inside an inserted or deleted one still in its order
//             was wrapped or unwrapped, not moved.
//     Before: a(); b();     After: a(); if (c) { b(); }     Report: insert "if (c) { ... }"
// Whether a node changed is decided by its own tokens (those of no child), so whatever was edited in the text shows up, and a type
// deduced differently does not.
#include "tooling/ast_diff_pairing.h"

#include <algorithm>
#include <unordered_map>

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclTemplate.h>

namespace hyperagent::tooling::diff {
namespace {

// GumTree's candidate search is quadratic in the nodes. Beyond this, settle() works alone.
constexpr std::size_t kMostNodePairs = 4'000'000;
// GumTree's optimal matching of small subtrees is cubic; settle() does that part as well.
constexpr int kMostOptimal = 40;

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
    if (a.kind == "Directive") return alone;
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
      if (!covered[i - item.first] && !tree.source->tokens[i].punctuation && !tree.source->tokens[i].carved && !initialiser) own.push_back(i);
    }
    return own;
  }

  // Where the children stand among the node's own tokens: `++x` is not `x++`, `a[3]` not `a(3)`.
  static std::vector<std::size_t> shape(const Tree& tree, const Item& item) {
    std::vector<std::size_t> marks;
    std::size_t child = 0;
    int depth = 0;
    for (int i = item.first; i < item.last; ++i) {
      while (child < item.children.size() && tree.items[item.children[child]].last <= i) ++child;
      const bool inside = child < item.children.size() && tree.items[item.children[child]].first <= i;
      if (inside && tree.items[item.children[child]].first == i) marks.push_back(child);
      const llvm::StringRef text = tree.source->view(tree.source->tokens[i]);
      depth += (text == "(") - (text == ")");
      const bool layout = text == "(" || text == ")" || text == "," || (text == ";" && depth == 0);  // follow from the children
      if (!inside && !layout && !tree.source->tokens[i].carved) marks.push_back(tree.source->tokens[i].hash);
    }
    return marks;
  }
  bool reshaped(const Item& a, const Item& b) const {
    if (a.children.size() != b.children.size()) return false;
    for (std::size_t i = 0; i < a.children.size(); ++i)
      if (to2_[a.children[i]] != b.children[i]) return false;
    return shape(t1_, a) != shape(t2_, b);
  }

  void visit(int c1, int c2, bool moved) {
    const Item &a = t1_.items[c1], &b = t2_.items[c2];
    const std::size_t told = out_.size();
    const List own1 = own_tokens(t1_, a), own2 = own_tokens(t2_, b);
    const auto hash1 = [&](int i) { return t1_.source->tokens[i].hash; };
    const auto hash2 = [&](int i) { return t2_.source->tokens[i].hash; };
    const bool updated = !std::equal(own1.begin(), own1.end(), own2.begin(), own2.end(), [&](int x, int y) { return hash1(x) == hash2(y); });
    if (moved && !updated) emit("move", c1, c2);
    if (!updated && reshaped(a, b)) emit("update", c1, c2);
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
        emit("update", c1, c2, {opened(*t1_.source, own1[head]), own1[own1.size() - 1 - tail] + 1},
             {opened(*t2_.source, own2[head]), own2[own2.size() - 1 - tail] + 1});
      }
    }
    if (a.hash == b.hash) return;
    report(a.children, b.children);
    if (out_.size() == told) emit("update", c1, c2);  // different text is never silence
  }

  // An attribute is shown from its brackets on.
  static int opened(const Source& source, int first) { return source.is(first - 1, "[") && source.is(first - 2, "[") ? first - 2 : first; }

  static std::pair<int, int> shown(const Tree& tree, int c) {
    auto [first, last] = std::pair(tree.items[c].first, tree.items[c].last);
    int open = 0;  // `int a(3)` ends before its bracket, for Clang
    for (int i = first; i < last; ++i) open += tree.source->is(i, "(") - tree.source->is(i, ")");
    if (open > 0 && tree.source->is(last, ")")) ++last;
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
  return last > item.first ? snippet(*tree.source, item.first, last) : "";
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

}  // namespace

void compare(Entity& e1, Entity& e2, std::vector<Change>& out) {
  clang::ASTContext &c1 = e1.source->tree->context(), &c2 = e2.source->tree->context();
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

}  // namespace hyperagent::tooling::diff
