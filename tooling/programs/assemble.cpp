#include "tooling/programs/assemble.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>

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

// What the splitting of a program into declarations needs to know of one of them.
struct Declaration {
  std::string first_word;
  bool block = false;       // has a { } of its own
  bool assigns = false;     // a = before any block
  bool call_like = false;   // a ( before any block
  bool qualified = false;   // that ( follows Name::name
  bool banned = false;      // words that tie it to other declarations of its namespace
};

bool shareable(const Declaration& d) {
  if (d.banned || d.first_word == "template" || d.first_word == "friend" || d.first_word == "extern") return false;
  if (d.block) return !d.qualified;
  const bool type = d.first_word == "struct" || d.first_word == "class" || d.first_word == "enum" || d.first_word == "union";
  const bool alias = d.first_word == "using" || d.first_word == "typedef" || d.first_word == "static_assert" || d.first_word.empty();
  return !type && (alias || d.assigns || !d.call_like);  // not a forward declaration
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

std::vector<std::string> declarations(const Cleaned& program) {
  if (!program.macros.empty()) return {};
  const std::string& text = program.text;
  std::vector<std::string> parts;
  std::size_t begin = 0;
  int depth = 0;
  bool ok = true;
  Declaration now;
  std::string word;
  const auto end_at = [&](std::size_t end) {
    ok = ok && shareable(now);
    parts.push_back(text.substr(begin, end - begin));
    begin = end;
    now = {};
  };
  std::size_t last = 0;
  for_code(text, [&](std::size_t i, char c) -> std::string {
    const bool part_of_word = std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    if (!word.empty() && (!part_of_word || i != last + 1)) {
      if (now.first_word.empty()) now.first_word = word;
      now.banned = now.banned || word == "operator" || word == "friend";
      word.clear();
    }
    if (part_of_word) word += c;
    last = i;
    if (depth == 0 && !now.block) {
      if (c == '=') now.assigns = true;
      if (c == '(' && !now.call_like && !now.assigns) {
        now.call_like = true;
        std::size_t name = i;
        while (name > begin && (std::isalnum(static_cast<unsigned char>(text[name - 1])) || text[name - 1] == '_')) --name;
        now.qualified = name > begin && text[name - 1] == ':';
      }
    }
    if (c == '(' || c == '[' || c == '{') {
      if (c == '{' && depth == 0) now.block = true;
      ++depth;
    } else if (c == ')' || c == ']') {
      --depth;
    } else if (c == '}') {
      if (--depth > 0) return "";
      const bool type = now.first_word == "struct" || now.first_word == "class" || now.first_word == "enum" || now.first_word == "union" || now.first_word == "typedef";
      const std::size_t next = text.find_first_not_of(" \t\r\n", i + 1);
      const bool semicolon = next != std::string::npos && text[next] == ';';
      if (!type && !now.assigns && !semicolon) end_at(i + 1);
    } else if (c == ';' && depth == 0) {
      end_at(i + 1);
    }
    return "";
  });
  if (!ok || parts.empty()) return {};
  parts.back() += text.substr(begin);  // blanks and comments at the end
  return parts;
}

Unit assemble(const std::vector<Cleaned>& cleaned, const std::vector<std::size_t>& which, const std::string& entry, bool shared) {
  Unit unit;
  std::vector<std::vector<std::string>> parts;
  for (const std::size_t variant : which) {
    parts.push_back(shared ? declarations(cleaned[variant]) : std::vector<std::string>());
    if (parts.back().empty()) shared = false;
  }
  std::map<std::size_t, std::string> home;  // variant -> the namespace that sees all of it
  std::map<std::pair<std::size_t, std::string>, std::size_t> nodes;  // namespace before, text -> piece
  for (std::size_t k = 0; k < which.size(); ++k) {
    const std::size_t variant = which[k];
    if (!shared) parts[k] = {cleaned[variant].text};
    std::size_t before = std::string::npos;
    int lines = 0;
    for (const std::string& text : parts[k]) {
      const auto [node, fresh] = nodes.try_emplace({shared ? before : variant, text}, unit.pieces.size());
      if (fresh) {
        unit.text += "namespace ha_" + std::to_string(unit.pieces.size()) + " {";
        if (before != std::string::npos) unit.text += "using namespace ha_" + std::to_string(before) + ";";
        unit.text += "\n";
        const std::size_t begin = unit.text.size();
        unit.text += text;
        unit.pieces.push_back({{}, begin, unit.text.size(), lines});
        unit.text += "\n}\n" + (shared ? "" : cleaned[variant].macros);
      }
      before = node->second;
      unit.pieces[before].variants.push_back(variant);
      lines += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    }
    home[variant] = "ha_" + std::to_string(before);
  }
  unit.text += "extern \"C\" {\nha_harness::State ha_program_state;\nextern const int ha_program_count;\nconst int ha_program_count = " +
               std::to_string(cleaned.size()) + ";\n}\nextern \"C\" ha_harness::Variant ha_program_variants[];\n";
  unit.text += "ha_harness::Variant ha_program_variants[" + std::to_string(cleaned.size()) + "] = {\n";
  for (std::size_t variant = 0; variant < cleaned.size(); ++variant) {
    if (const auto found = home.find(variant); found != home.end()) {
      const std::size_t begin = unit.text.size();
      unit.text += "ha_harness::variant(&" + found->second + "::" + entry + "),\n";
      unit.pieces.push_back({{variant}, begin, unit.text.size(), 0});
    } else {
      unit.text += "{},\n";
    }
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

}  // namespace hyperagent::programs
