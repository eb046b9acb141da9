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
  bool name = false, carved = false;  // carved: told elsewhere
  std::vector<std::size_t> words;     // of a preprocessor directive, which is one token
};

// One file of one version, parsed.
struct Source {
  std::string path, text;
  std::shared_ptr<SyntaxTree> tree;  // null when the file does not parse
  std::vector<Token> tokens;
  std::vector<char> claimed;    // tokens that an entity or its scope accounts for
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

// Fills the tokens and lines.
void tokenise(Source& source);
// The same for a file that is not C++: each line is a token.
void split_lines(Source& source);
std::size_t hash_words(const std::vector<std::size_t>& words);

// Token range [first, last) of a node; empty when it is not written in the file.
std::pair<int, int> token_range(const Source& source, clang::SourceRange range);
std::size_t hash_text(llvm::StringRef text);
// Share of tokens two ranges have in common (Dice coefficient of multisets).
double likeness(const Source& s1, int f1, int l1, const Source& s2, int f2, int l2);

// A declaration at namespace level with its attributes, or a directive outside of declarations.
struct Entity {
  Source* source = nullptr;
  clang::Decl* decl = nullptr;  // null for a directive
  std::string name, key;        // key: with the signature
  std::string bare;             // the name without its scopes
  std::string written;          // name, before renames were applied to it
  std::string scope;            // heads of the namespaces and linkage blocks around it, as written
  llvm::StringRef kind;         // Clang's class name
  int first = 0, last = 0;
  std::size_t hash = 0;
};

const clang::FunctionDecl* function_of(const clang::Decl* decl);

// The entities of a file in their order; claims their tokens.
void collect(Source& source, std::vector<Entity>& out);
std::size_t hash_tokens(const Source& source, int first, int last);

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

// {"line", "column", "text"} of ast_diff.h.
Json place(const Source& source, unsigned offset, std::string text);
// The text of tokens [first, last) but the holes, lines after the first moved left by what the first is indented.
std::string snippet(const Source& source, int first, int last, const std::vector<std::pair<int, int>>& holes = {});

}  // namespace hyperagent::tooling::diff
