// The two versions of a program as trees of what is written: tokens, declarations at namespace level ("entities"), nodes ("items").
//
// Part of ast_diff.h's algorithm (theory of operation in ast_diff.cpp and ast_diff_pairing.cpp); everything borrows from the Source it was made of.
#pragma once

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <clang/AST/Decl.h>
#include <clang/Tooling/ASTDiff/ASTDiff.h>

#include "hyperagent/core/json.h"
#include "tooling/compiler.h"

namespace hyperagent::tooling::diff {

using List = std::vector<int>;

struct Token {
  unsigned offset = 0, length = 0;
  bool punctuation = false;  // follows from the structure of the tree: never a change of its own
  std::size_t hash = 0;
};

// One file of one version, parsed.
struct Source {
  std::string path, text;
  std::shared_ptr<SyntaxTree> tree;
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

// Fills the tokens and lines of a parsed source.
void tokenise(Source& source);

// Token range [first, last) of a node; empty when it is not written in the file.
std::pair<int, int> token_range(const Source& source, clang::SourceRange range);
std::size_t hash_text(llvm::StringRef text);
// Share of tokens two ranges have in common (Dice coefficient of multisets).
double likeness(const Source& s1, int f1, int l1, const Source& s2, int f2, int l2);

// A declaration at namespace level.
struct Entity {
  Source* source = nullptr;
  clang::Decl* decl = nullptr;
  std::string name, key;  // key: with the signature
  bool function = false;
  int first = 0, last = 0;
  std::size_t hash = 0;
};

const clang::FunctionDecl* function_of(const clang::Decl* decl);

// Adds the entities of a top-level declaration: itself, or what a namespace holds.
void collect(Source& source, clang::Decl* decl, std::vector<Entity>& out);

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

// `syntax` is Clang's tree of the entity's unit, narrowed to the entity; without one the tree is its root alone.
Tree build(const Entity& entity, const clang::diff::SyntaxTree* syntax);

// At most 400 characters, "..." at a cut.
std::string cut(std::string text);
// {"line", "column", "text"} of ast_diff.h.
Json place(const Source& source, unsigned offset, std::string text);
// The text of tokens [first, last) but the holes, lines after the first moved left by what the first is indented.
std::string snippet(const Source& source, int first, int last, const std::vector<std::pair<int, int>>& holes = {});

}  // namespace hyperagent::tooling::diff
