#include "tooling/edit_code.h"

#include <clang/Basic/IdentifierTable.h>
#include <clang/Basic/LangOptions.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>
#include <set>

#include "tooling/program.h"

namespace hyperagent::tooling {
namespace {

constexpr std::size_t kDeepest = 200;  // Clang gives up at 256, and the formatter crashes far beyond

struct Word {
  std::string text;
  clang::tok::TokenKind kind = clang::tok::unknown;
  bool first_of_line = false, spliced = false;  // spliced: holds a line break behind a backslash
};

clang::LangOptions language() {
  clang::LangOptions options;
  options.CPlusPlus = options.CPlusPlus11 = options.CPlusPlus14 = options.CPlusPlus17 = options.CPlusPlus20 = true;
  options.LineComment = options.Bool = options.Digraphs = true;
  return options;
}

// Comments included: a comment that is not closed must be seen. White space is what the lexer calls unknown in this mode.
std::vector<Word> lex(const std::string& text) {
  const clang::LangOptions options = language();
  clang::Lexer lexer(clang::SourceLocation(), options, text.data(), text.data(), text.data() + text.size());
  lexer.SetKeepWhitespaceMode(true);
  std::vector<Word> words;
  clang::Token token;
  const char* at = text.data();
  for (bool end = false; !end;) {
    end = lexer.LexFromRawLexer(token);
    if (token.is(clang::tok::eof)) break;
    Word word{std::string(at, token.getLength()), token.getKind(), token.isAtStartOfLine(), token.needsCleaning()};
    at += token.getLength();
    if (word.kind != clang::tok::unknown || !std::all_of(word.text.begin(), word.text.end(), [](unsigned char c) { return isspace(c); }))
      words.push_back(std::move(word));
  }
  return words;
}

Refusal forbidden(const std::string& what) { return {refusal::kForbidden, what + " not allowed in edits"}; }

bool is(const Word& word, clang::tok::TokenKind kind) { return word.kind == kind; }
bool is_word(const Word& word, const std::set<std::string>& any) { return is(word, clang::tok::raw_identifier) && any.contains(word.text); }

// "#define", by the word behind the hash.
std::string directive(const std::vector<Word>& words, std::size_t hash) {
  return hash + 1 < words.size() && is(words[hash + 1], clang::tok::raw_identifier) ? words[hash + 1].text : "";
}

// `open`: the first of two brackets. An attribute that only advises the compiler is fine; the name of the first other one is returned.
std::string bad_attribute(const std::vector<Word>& words, std::size_t open) {
  static const std::set<std::string> harmless = {"maybe_unused", "nodiscard", "likely", "unlikely", "fallthrough"};
  int depth = 0;
  std::string name;
  for (std::size_t i = open + 2; i < words.size() && !is(words[i], clang::tok::r_square); ++i) {
    if (is(words[i], clang::tok::l_paren)) ++depth;
    if (is(words[i], clang::tok::r_paren)) --depth;
    if (depth > 0 || is(words[i], clang::tok::r_paren)) continue;
    if (is(words[i], clang::tok::comma)) {
      if (!name.empty() && !harmless.contains(name)) return name;
      name.clear();
    } else {
      name += words[i].text;
    }
  }
  return harmless.contains(name) ? "" : name;
}

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

// UTF-8 characters that are not seen, or that change the order in which a person sees the others: U+200B to 200F, 202A to 202E, 2060 to
// 2069, FEFF. Code that reads differently from what it is must not get past a reviewer.
bool has_invisible(const std::string& text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte(i) == 0xE2 && byte(i + 1) == 0x80 && ((byte(i + 2) >= 0x8B && byte(i + 2) <= 0x8F) || (byte(i + 2) >= 0xAA && byte(i + 2) <= 0xAE))) return true;
    if (byte(i) == 0xE2 && byte(i + 1) == 0x81 && byte(i + 2) >= 0xA0 && byte(i + 2) <= 0xA9) return true;
    if (byte(i) == 0xEF && byte(i + 1) == 0xBB && byte(i + 2) == 0xBF) return true;
  }
  return false;
}

std::optional<Refusal> check_words(const std::vector<Word>& words) {
  static const std::set<std::string> assembly = {"asm", "__asm", "__asm__"};
  static const std::set<std::string> extensions = {"_Pragma", "__pragma", "__attribute__", "__attribute", "__declspec"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    const bool more = i + 1 < words.size();
    if (has_invisible(word.text)) return forbidden("a character that is not seen or changes the direction of reading is");
    if (!is_ascii(word.text) && !clang::tok::isLiteral(word.kind) && !is(word, clang::tok::comment))
      return forbidden("a name of other than ASCII letters ('" + word.text.substr(0, 60) + "', it may look like another) is");
    if (is(word, clang::tok::hash) && word.first_of_line) return forbidden("the preprocessor directive #" + directive(words, i) + " is");
    if (is(word, clang::tok::raw_identifier) && word.spliced) return forbidden("a line break inside a word is");
    if (is_word(word, assembly)) return forbidden("inline assembly (" + word.text + ") is");
    if (is_word(word, extensions)) return forbidden("'" + word.text + "' is");
    if (is_word(word, {"extern"}) && more && clang::tok::isStringLiteral(words[i + 1].kind))
      return forbidden("language linkage (extern " + words[i + 1].text + ") is");
    if (is(word, clang::tok::l_square) && more && is(words[i + 1], clang::tok::l_square))
      if (const std::string name = bad_attribute(words, i); !name.empty()) return forbidden("the attribute '" + name + "' is");
  }
  return std::nullopt;
}

// Brackets that do not pair up, comments and literals that do not end: such code would take in or let out what is around it.
std::optional<Refusal> check_closed(const std::vector<Word>& words) {
  const auto unbalanced = [](const std::string& bracket) {
    return Refusal{refusal::kMalformed, "the code is not closed in itself: '" + bracket + "' has no partner"};
  };
  std::vector<std::string> open;
  for (const Word& word : words) {
    if (is(word, clang::tok::unknown) && (word.text.starts_with("/*") || word.text[0] == '"' || word.text[0] == '\''))
      return Refusal{refusal::kMalformed, "the code has a comment or literal that does not end: " + word.text.substr(0, 40)};
    if (is(word, clang::tok::l_paren) || is(word, clang::tok::l_square) || is(word, clang::tok::l_brace)) open.push_back(word.text);
    if (open.size() > kDeepest) return Refusal{refusal::kMalformed, "brackets are nested more than " + std::to_string(kDeepest) + " deep"};
    const bool closes = is(word, clang::tok::r_paren) || is(word, clang::tok::r_square) || is(word, clang::tok::r_brace);
    if (!closes) continue;
    const std::string partner = is(word, clang::tok::r_paren) ? "(" : is(word, clang::tok::r_square) ? "[" : "{";
    // Digraphs open and close by other spellings.
    const bool fits = !open.empty() && (open.back() == partner || open.back()[0] == '<');
    if (!fits) return unbalanced(word.text);
    open.pop_back();
  }
  return open.empty() ? std::nullopt : std::optional(unbalanced(open.back()));
}

const std::set<std::string>& allowed_includes() {
  static const std::set<std::string> allowed = {
      "<algorithm>", "<array>", "<cmath>",  "<cstdint>",     "<functional>", "<limits>",        "<map>",           "<numeric>",
      "<optional>",  "<set>",   "<string>", "<string_view>", "<utility>",    "<unordered_map>", "<unordered_set>", "<vector>"};
  return allowed;
}

// <ha/NAME.h> and nothing behind it: a second line could be a directive.
bool is_api_header(const std::string& name) {
  if (!name.starts_with("<ha/") || !name.ends_with(".h>")) return false;
  return std::all_of(name.begin() + 4, name.end() - 3, [](unsigned char c) { return isalnum(c) || c == '_'; });
}

}  // namespace

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (Word& word : lex(text))
    if (word.kind != clang::tok::comment) words.push_back(std::move(word.text));
  return words;
}

bool same_code(const std::string& a, const std::string& b) {
  const auto words = [](const std::string& text) {
    std::vector<std::string> list = words_of(text);
    if (!list.empty() && list.back() == ";") list.pop_back();
    return list;
  };
  return words(a) == words(b);
}

bool is_literal(const std::string& text) {
  std::vector<Word> words = lex(text);
  if (!words.empty() && is(words.front(), clang::tok::minus)) words.erase(words.begin());
  return words.size() == 1 && (clang::tok::isLiteral(words[0].kind) || is_word(words[0], {"true", "false"}));
}

bool is_identifier(const std::string& text) {
  const std::vector<Word> words = lex(text);
  if (words.size() != 1 || !is(words[0], clang::tok::raw_identifier) || words[0].spliced || words[0].text != text) return false;
  clang::IdentifierTable table(language());
  return table.get(text).getTokenID() == clang::tok::identifier;
}

std::optional<Refusal> check_code(const std::string& code) {
  const std::vector<Word> words = lex(code);
  if (auto refused = check_words(words)) return refused;
  return check_closed(words);
}

bool is_include(const std::string& code) { return code.starts_with("#include"); }

std::optional<Refusal> check_include(const std::string& code) {
  std::string name = code.substr(8);
  name.erase(0, name.find_first_not_of(" \t"));
  name.erase(name.find_last_not_of(" \t\r\n") + 1);
  if (allowed_includes().contains(name) || is_api_header(name)) return std::nullopt;
  std::string known;
  for (const std::string& allowed : allowed_includes()) known += " " + allowed;
  return Refusal{refusal::kForbidden, "agents may not include " + name.substr(0, 100) + "; allowed: <ha/...>" + known};
}

std::string closed(std::string code) {
  const std::vector<Word> words = lex(code);
  if (!words.empty() && words.back().kind == clang::tok::comment && words.back().text.starts_with("//") &&
      code.ends_with(words.back().text))
    code += '\n';
  return code;
}

}  // namespace hyperagent::tooling
