#include "tooling/programs/assemble.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>

#include "tooling/programs/schemata.h"

namespace hyperagent::programs {
namespace {

const std::set<std::string> kHeaders = {
    "algorithm", "array",  "bitset", "cassert",  "cctype", "climits", "cmath", "cstddef", "cstdint", "cstdio", "cstdlib", "cstring", "deque",
    "functional", "iomanip", "iterator", "limits", "list", "map", "memory", "numeric", "optional", "queue", "set", "sstream", "stack",
    "stdexcept", "string", "string_view", "tuple", "type_traits", "unordered_map", "unordered_set", "utility", "variant", "vector"};

std::string word_at(const std::string& line, std::size_t& at) {
  while (at < line.size() && std::isspace(static_cast<unsigned char>(line[at]))) ++at;
  const std::size_t begin = at;
  while (at < line.size() && (std::isalnum(static_cast<unsigned char>(line[at])) || line[at] == '_')) ++at;
  return line.substr(begin, at - begin);
}

// Calls `visit` with every character that is code, not comment, string or character literal. Returns why the text breaks off, or "".
std::string for_code(const std::string& text, const std::function<std::string(std::size_t, char)>& visit) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto skip_past = [&](const std::string& mark, std::size_t from) {
      const std::size_t at = text.find(mark, from);
      i = at == std::string::npos ? text.size() : at + mark.size() - 1;
    };
    if (c == '/' && text.compare(i, 2, "//") == 0) {
      skip_past("\n", i);
    } else if (c == '/' && text.compare(i, 2, "/*") == 0) {
      skip_past("*/", i + 2);
      if (i >= text.size()) return "a comment is not closed";
    } else if (c == '"' && i > 0 && text[i - 1] == 'R') {
      const std::size_t paren = text.find('(', i);
      if (paren == std::string::npos) return "a string is not closed";
      skip_past(")" + text.substr(i + 1, paren - i - 1) + "\"", paren);
      if (i >= text.size()) return "a string is not closed";
    } else if (c == '\'' && i > 0 && std::isxdigit(static_cast<unsigned char>(text[i - 1]))) {
      continue;  // a digit separator
    } else if (c == '"' || c == '\'') {
      for (++i; i < text.size() && text[i] != c && text[i] != '\n'; ++i) if (text[i] == '\\') ++i;
      if (i >= text.size() || text[i] != c) return "a string is not closed";
    } else if (std::string why = visit(i, c); !why.empty()) {
      return why;
    }
  }
  return "";
}

// Why the brackets do not match, or "". A variant that ends inside a block would swallow the next ones, and a stray `}` would leave
// its namespace: errors would then be blamed on innocent variants.
std::string unbalanced(const std::string& text) {
  std::string open;
  const std::string why = for_code(text, [&](std::size_t, char c) -> std::string {
    if (c == '(' || c == '[' || c == '{') {
      open += c == '(' ? ')' : c == '[' ? ']' : '}';
    } else if (c == ')' || c == ']' || c == '}') {
      if (open.empty() || open.back() != c) return std::string("'") + c + "' does not match";
      open.pop_back();
    }
    return "";
  });
  if (!why.empty()) return why;
  return open.empty() ? "" : std::string("expected '") + open.back() + "'";
}

// Ways to make the compiler read a file of its box, `asm(".incbin \"...\"")` above all, and ways to spell one unseen.
std::string reads_files(const std::string& text) {
  for (const char* paste : {"##", "%:%:", "\\\n", "\\\r"}) {
    if (text.find(paste) != std::string::npos) return "token pasting and line continuations are not supported";
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!std::isalpha(static_cast<unsigned char>(text[i])) && text[i] != '_') continue;
    std::size_t at = i;
    const std::string word = word_at(text, at);
    if (word == "asm" || word == "__asm" || word == "__asm__" || word == "_Pragma" || word == "__pragma" || word.starts_with("__has_")) {
      return "'" + word + "' is not allowed";
    }
    i = at - 1;
  }
  return "";
}

}  // namespace

Cleaned clean(const std::string& source) {
  Cleaned out{source, "", ""};
  for (std::size_t begin = 0; begin < source.size();) {
    std::size_t end = source.find('\n', begin);
    if (end == std::string::npos) end = source.size();
    const std::string line = source.substr(begin, end - begin);
    std::size_t at = line.find_first_not_of(" \t\v\f");
    const bool directive = at != std::string::npos && (line[at] == '#' || line.compare(at, 2, "%:") == 0);
    if (directive) {
      const bool digraph = line[at] == '%';
      ++at;
      const std::string name = digraph ? "" : word_at(line, at);
      if (name == "include") {
        const std::size_t open = line.find('<', at), close = line.find('>', at);
        if (open == std::string::npos || close == std::string::npos || kHeaders.count(line.substr(open + 1, close - open - 1)) == 0) {
          out.error = "this header may not be included: " + line;
          return out;
        }
        std::fill(out.text.begin() + static_cast<long>(begin), out.text.begin() + static_cast<long>(end), ' ');
      } else if (name == "define" && line.back() != '\\') {
        out.macros += "#undef " + word_at(line, at) + "\n";
      } else {
        out.error = "this preprocessor directive is not supported: " + line;
        return out;
      }
    }
    begin = end + 1;
  }
  out.error = unbalanced(out.text);
  if (out.error.empty()) out.error = reads_files(source);
  return out;
}

Unit assemble(const std::vector<Cleaned>& cleaned, const std::vector<std::size_t>& alone, const std::string& entry, Schema& schema) {
  Unit unit;
  std::vector<std::string> rows(cleaned.size(), "{}");
  if (!schema.empty()) {
    schema.write(unit);
    for (std::size_t variant = 0; variant < cleaned.size(); ++variant)
      if (schema.holds(variant)) rows[variant] = "ha_harness::variant(&ha_schema::" + entry + ", " + std::to_string(schema.number(variant)) + ")";
  }
  for (const std::size_t variant : alone) {
    const std::string space = "ha_" + std::to_string(variant);
    unit.text += "namespace " + space + " {\n";
    const std::size_t begin = unit.text.size();
    unit.text += cleaned[variant].text;
    unit.pieces.push_back({{variant}, begin, unit.text.size()});
    unit.text += "\n}\n" + cleaned[variant].macros;
    rows[variant] = "ha_harness::variant(&" + space + "::" + entry + ", 0)";
  }
  const std::string size = std::to_string(cleaned.size());
  unit.text += "extern \"C\" {\nha_harness::State ha_program_state;\nextern const int ha_program_count;\nconst int ha_program_count = " + size +
               ";\n}\nextern \"C\" ha_harness::Variant ha_program_variants[];\nha_harness::Variant ha_program_variants[" + size + "] = {\n";
  for (std::size_t variant = 0; variant < cleaned.size(); ++variant) {
    const std::size_t begin = unit.text.size();
    unit.text += rows[variant] + ",\n";
    if (rows[variant] != "{}") unit.pieces.push_back({{variant}, begin, unit.text.size()});
  }
  unit.text += "};\n";
  return unit;
}

const Piece* piece_at(const Unit& unit, long long offset) {
  if (offset < 0 || unit.pieces.empty()) return nullptr;
  const auto after = std::upper_bound(unit.pieces.begin(), unit.pieces.end(), static_cast<std::size_t>(offset),
                                      [](std::size_t at, const Piece& piece) { return at < piece.begin; });
  return after == unit.pieces.begin() ? &unit.pieces.front() : &*(after - 1);
}

const Mark* mark_at(const Unit& unit, long long offset) {
  const Mark* innermost = nullptr;
  if (offset < 0) return nullptr;
  const auto at = static_cast<std::size_t>(offset);
  for (const Mark& mark : unit.marks)
    if (mark.begin <= at && at <= mark.end && (innermost == nullptr || mark.end - mark.begin < innermost->end - innermost->begin)) innermost = &mark;
  return innermost;
}

}  // namespace hyperagent::programs
