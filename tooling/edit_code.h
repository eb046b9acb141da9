// Source text as tokens: what new code may hold, and whether two texts say the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/toolchain.h"

namespace hyperagent::tooling {

// The spellings of the tokens, without white space and comments. A text that ends inside a comment or literal gives its rest as one word.
std::vector<std::string> words_of(const std::string& text);

// Whether `text` names the identifier `name`, or holds the source text `name` with no letter or digit joined to it. Comments count.
bool names(const std::string& text, const std::string& name);

// Whether two texts have the same tokens; one may have a semicolon at its end that the other lacks.
bool same_code(const std::string& a, const std::string& b);

bool is_literal(const std::string& text);     // one literal, perhaps with a minus in front; true and false count
bool is_identifier(const std::string& text);  // one word that is no keyword

// New code may not reach beyond its own place: no preprocessor directives, assembly, language linkage, pragmas or attributes that change
// meaning (by name), no bracket that closes what it did not open, no open comment or literal, no character that nobody sees.
std::optional<Refusal> check_code(const std::string& code);

// "<vector>" or "\"x.h\"" when the code is one include and nothing else, comments included.
std::optional<std::string> included(const std::string& code);
// One of the headers agents may use: <ha/...> and a list of the standard library's.
std::optional<Refusal> check_include(const std::string& name);

// Whether the pieces one behind the other have the tokens, comments among them, that each has alone. Where they have not, a piece begins or
// ends a comment or literal of another, or two words have become one.
bool is_joined(const std::vector<std::string>& pieces);

// The code with a line break when it ends in a // comment, which would take in what follows.
std::string closed(std::string code);

}  // namespace hyperagent::tooling
