#include "tooling/edit_code.h"

#include <clang/Basic/IdentifierTable.h>
#include <clang/Basic/LangOptions.h>
#include <clang/Lex/Lexer.h>
#include <llvm/ADT/StringRef.h>

#include <algorithm>
#include <set>

#include "tooling/program.h"

namespace hyperagent::tooling {
namespace {

constexpr std::size_t kDeepest = 200;  // Clang gives up at 256, and the formatter crashes far beyond

struct Word {
  std::string text;
  clang::tok::TokenKind kind = clang::tok::unknown;
  bool spliced = false;  // holds a line break behind a backslash
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
  for (bool end = false; !end;) {
    end = lexer.LexFromRawLexer(token);
    if (token.is(clang::tok::eof)) break;
    Word word{std::string(lexer.getBufferLocation() - token.getLength(), token.getLength()), token.getKind(), token.needsCleaning()};
    if (word.kind != clang::tok::unknown || !std::all_of(word.text.begin(), word.text.end(), [](unsigned char c) { return isspace(c); }))
      words.push_back(std::move(word));
  }
  return words;
}

Refusal forbidden(const std::string& what) { return {refusal::kForbidden, what + " not allowed in edits"}; }

bool is(const Word& word, clang::tok::TokenKind kind) { return word.kind == kind; }
bool is_word(const Word& word, const std::set<std::string>& any) { return is(word, clang::tok::raw_identifier) && any.contains(word.text); }

// Names for the compiler and its library. Behind some are macros that stand for what is refused here: __BEGIN_DECLS is extern "C" {, and
// __REDIRECT gives a function another's symbol.
bool is_reserved(llvm::StringRef name) {
  static const std::set<std::string> known = {"__func__", "__FUNCTION__", "__PRETTY_FUNCTION__", "__FILE__",   "__LINE__",
                                              "__int128", "__int128_t",   "__uint128_t",         "__cplusplus"};
  const bool reserved = name.starts_with("__") || (name.size() > 1 && name[0] == '_' && isupper(static_cast<unsigned char>(name[1])));
  return reserved && !name.starts_with("__builtin_") && !known.contains(name.str());
}

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

// The character at a place of UTF-8 text, and its length; a byte that begins none stands for itself.
std::pair<unsigned, std::size_t> character_at(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(at);
  const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  unsigned value = length == 1 ? first : first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) value = value << 6 | (byte(at + i) & 0x3F);
  return {value, length};
}

// Characters that are not seen, or that change the order in which a person sees the others: code that reads differently from what it is must
// not get past a reviewer. Control characters as well, but for what ends lines and parts words.
bool has_invisible(const std::string& text) {
  static constexpr std::pair<unsigned, unsigned> kRanges[] = {
      {0x00, 0x08},     {0x0B, 0x0C},     {0x0E, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x34F, 0x34F},   {0x61C, 0x61C},
      {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
      {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}};
  for (std::size_t at = 0; at < text.size();) {
    const auto [value, length] = character_at(text, at);
    if (value == '\r' && text.compare(at, 2, "\r\n") != 0) return true;
    if (std::any_of(std::begin(kRanges), std::end(kRanges), [v = value](const auto& range) { return v >= range.first && v <= range.second; })) return true;
    at += length;
  }
  return false;
}

// Without comments, which may stand between any two words.
std::optional<Refusal> check_words(std::vector<Word> words) {
  static const std::set<std::string> assembly = {"asm", "__asm", "__asm__"};
  static const std::set<std::string> extensions = {"_Pragma", "__pragma", "__attribute__", "__attribute", "__declspec"};
  std::erase_if(words, [](const Word& word) { return is(word, clang::tok::comment); });
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    const bool more = i + 1 < words.size();
    if (!is_ascii(word.text) && !clang::tok::isLiteral(word.kind))
      return forbidden("a name of other than ASCII letters ('" + word.text.substr(0, 60) + "', it may look like another) is");
    // Wherever it stands: the line may begin in the code around it, and no other C++ has one.
    if (is(word, clang::tok::hash) || is(word, clang::tok::hashhash) || is(word, clang::tok::hashat))
      return forbidden("the preprocessor directive #" + directive(words, i) + " is");
    if (is(word, clang::tok::raw_identifier) && word.spliced) return forbidden("a line break inside a word is");
    if (is_word(word, assembly)) return forbidden("inline assembly (" + word.text + ") is");
    if (is_word(word, extensions)) return forbidden("'" + word.text + "' is");
    if (is(word, clang::tok::raw_identifier) && is_reserved(word.text))
      return forbidden("'" + word.text.substr(0, 60) + "', a name reserved for the compiler, is");
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

bool names(const std::string& text, const std::string& name) {
  const auto word = [](char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const bool before = at > 0 && word(text[at - 1]) && word(name.front());
    const std::size_t end = at + name.size();
    const bool after = end < text.size() && word(text[end]) && word(name.back());
    if (!before && !after) return true;
  }
  return false;
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
  if (has_invisible(code)) return forbidden("a character that is not seen or changes the direction of reading is");
  const std::vector<Word> words = lex(code);
  if (auto refused = check_words(words)) return refused;
  return check_closed(words);
}

bool is_joined(const std::vector<std::string>& pieces) {
  std::string whole;
  std::vector<Word> parts;
  for (const std::string& piece : pieces) {
    whole += piece;
    for (Word& word : lex(piece)) parts.push_back(std::move(word));
  }
  const std::vector<Word> words = lex(whole);
  return std::equal(words.begin(), words.end(), parts.begin(), parts.end(), [](const Word& a, const Word& b) { return a.text == b.text && a.kind == b.kind; });
}

std::optional<std::string> included(const std::string& code) {
  llvm::StringRef rest = llvm::StringRef(code).trim();
  if (!rest.consume_front("#")) return std::nullopt;
  rest = rest.ltrim(" \t");
  if (!rest.consume_front("include")) return std::nullopt;
  rest = rest.ltrim(" \t");
  const char end = rest.starts_with("<") ? '>' : '"';
  const bool one_name = rest.size() > 2 && (rest[0] == '<' || rest[0] == '"') && rest.find(end, 1) == rest.size() - 1 &&
                        std::all_of(rest.begin(), rest.end(), [](unsigned char c) { return c >= ' ' && c < 0x7F && c != '\\'; });
  return one_name ? std::optional(rest.str()) : std::nullopt;
}

std::optional<Refusal> check_include(const std::string& name) {
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
