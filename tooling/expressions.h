// Well-typed expressions out of what is in scope: variables, API blocks, the agent's own functions, literals and operators.
//
// Types are compared by key: the canonical type without qualifiers and references ("double", "std::basic_string<char>",
// "std::vector<ha::Program>"). An expression of key S fits a hole of key T when it converts without surprise: numbers into double,
// integers into integers, strings into string views.
#pragma once

#include <clang/AST/Decl.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "tooling/choices.h"

namespace hyperagent::tooling {

std::string type_key(clang::QualType type);
// "std::vector<ha::Program>" -> key of the element; empty for anything else.
std::string element_key(clang::QualType type);
bool is_number(const std::string& key);
bool is_integer(const std::string& key);
bool fits(const std::string& from, const std::string& hole);

// `true` or `false`: fine as a value, but a condition that is one decides nothing.
bool is_truth(const std::string& text);

// Something an expression may name. `text` is an identifier or, for a subexpression that is to be reused, its source.
struct Variable {
  std::string text;
  std::string type;
  std::string element;      // for vectors
  bool is_mutable = false;  // may be assigned or bound to a non-const reference
};
using Scope = std::vector<Variable>;

struct Parameter {
  std::string type;
  bool mutable_reference = false;
  std::vector<std::string> choices;  // literals to take, from HA_VOCAB or HA_RANGE
  bool of_vocabulary = false;
  bool only_choices = false;         // words of a vocabulary: nothing else makes sense
};

// A function that generated code may call.
struct Block {
  std::string name;
  std::string returns;
  std::string element;  // of the returned vector
  std::vector<Parameter> parameters;
  const clang::FunctionDecl* decl = nullptr;
};

// The functions that generated code may call, and which of them make a type: looked up once for all draws.
class Blocks {
 public:
  using Family = std::vector<const Block*>;  // functions of one signature

  explicit Blocks(std::vector<Block> all) : all_(std::move(all)) {}
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  const std::vector<Block>& all() const { return all_; }
  // Of the functions whose result fits `type`; in order of their signatures.
  const std::vector<Family>& making(const std::string& type) const;

 private:
  std::vector<Block> all_;
  mutable std::map<std::string, std::vector<Family>> families_;  // by type
};

// What a domain adds: {"vocabulary": {KIND: [word...]}, "blocks": [header or "!" function ...]}; no header listed means all.
struct Vocabulary {
  Json words = Json::object();
  std::vector<std::string> headers;
  std::vector<std::string> without;  // functions that cannot help in this domain
};

// Parameter annotations of the API (HA_VOCAB, HA_RANGE) resolved against the vocabulary.
Parameter parameter_of(const clang::ParmVarDecl* decl, const Vocabulary& vocabulary);
// All HA_BLOCK functions of namespace ha in the headers the domain names and with words of its vocabulary, by name.
std::vector<Block> api_blocks(clang::ASTContext& context, const Vocabulary& vocabulary);
Block block_of(const clang::FunctionDecl* decl, const Vocabulary& vocabulary);

class Expressions {
 public:
  Expressions(const Blocks& blocks, Choices& choices) : blocks_(blocks), choices_(choices) {}
  // Source text of an expression that fits `type`, of nesting depth `depth` at most; nothing when none was found.
  std::optional<std::string> make(const std::string& type, const Scope& scope, int depth);
  // The same, naming the variable `needed` at least once.
  std::optional<std::string> make_with(const std::string& type, const Scope& scope, const std::string& needed, int depth);
  // A vector-valued expression and the key of its elements.
  struct Range {
    std::string text;
    std::string element;
  };
  std::optional<Range> make_range(const Scope& scope, int depth);

  // A literal near `value`, or a usual one.
  std::string number_near(double value, bool integer);

 private:
  using Maker = std::function<std::optional<std::string>()>;
  struct Option {
    double weight;
    Maker make;
  };
  std::optional<std::string> call(const Block& block, const Scope& scope, int depth);
  void number_options(const std::string& type, const Scope& scope, int depth, std::vector<Option>& options);
  void bool_options(const Scope& scope, int depth, std::vector<Option>& options);
  std::string usual_number(bool integer);

  const Blocks& blocks_;
  Choices& choices_;
  int steps_ = 0;  // bounds the search of one make()
};

}  // namespace hyperagent::tooling
