#include "tooling/edits.h"

#include <algorithm>
#include <functional>
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Format/Format.h>
#include <clang/Lex/Lexer.h>
#include <clang/Tooling/Core/Replacement.h>

namespace hyperagent::tooling {
namespace {

namespace ct = clang::tooling;

constexpr std::size_t kMostEdits = 64;
constexpr std::size_t kLongestCode = 256 * 1024;

struct Change {
  std::string file;
  ct::Replacements replacements;
};

std::string text_member(const Json& edit, const char* name) {
  const auto found = edit.find(name);
  return found != edit.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string without_space(const std::string& text) {
  std::string squeezed;
  for (char c : text)
    if (!isspace(static_cast<unsigned char>(c))) squeezed += c;
  return squeezed;
}

const std::set<std::string>& allowed_includes() {
  static const std::set<std::string> allowed = {"<algorithm>", "<array>",         "<cmath>",         "<cstdint>", "<functional>", "<limits>",
                                                "<map>",       "<numeric>",       "<optional>",      "<set>",     "<string>",     "<string_view>",
                                                "<utility>",   "<unordered_map>", "<unordered_set>", "<vector>"};
  return allowed;
}

bool is_include(const std::string& code) { return code.starts_with("#include"); }

std::optional<Refusal> check_include(const std::string& code) {
  std::string name = code.substr(8);
  name.erase(0, name.find_first_not_of(" \t"));
  name.erase(name.find_last_not_of(" \t\r\n") + 1);
  if (allowed_includes().contains(name) || (name.starts_with("<ha/") && name.find("..") == std::string::npos)) return std::nullopt;
  std::string known;
  for (const std::string& allowed : allowed_includes()) known += " " + allowed;
  return Refusal{refusal::kForbidden, "agents may not include " + name + "; allowed: <ha/...>" + known};
}

// New code may not carry preprocessor directives, assembly or language linkage: they change meaning elsewhere or leave C++.
std::optional<Refusal> check_code(const std::string& code) {
  clang::LangOptions language;
  language.CPlusPlus = language.CPlusPlus20 = true;
  clang::Lexer lexer(clang::SourceLocation(), language, code.data(), code.data(), code.data() + code.size());
  clang::Token token;
  bool after_extern = false;
  for (bool end = false; !end;) {
    end = lexer.LexFromRawLexer(token);
    if (token.is(clang::tok::hash) && token.isAtStartOfLine()) return Refusal{refusal::kForbidden, "preprocessor directives are not allowed in edits"};
    if (token.is(clang::tok::raw_identifier)) {
      const std::string word = token.getRawIdentifier().str();
      if (word == "asm" || word == "__asm__" || word == "__asm") return Refusal{refusal::kForbidden, "inline assembly is not allowed in edits"};
      if (word == "_Pragma" || word == "__attribute__") return Refusal{refusal::kForbidden, "'" + word + "' is not allowed in edits"};
    }
    if (after_extern && token.is(clang::tok::string_literal)) return Refusal{refusal::kForbidden, "language linkage is not allowed in edits"};
    after_extern = token.is(clang::tok::raw_identifier) && token.getRawIdentifier() == "extern";
  }
  return std::nullopt;
}

// One edit against one parse of the program.
class Editor {
 public:
  Editor(const Program& program, const Json& edit) : program_(program), edit_(edit) {}

  Verdict<Change> change() {
    if (!edit_.is_object()) return malformed("an edit must be an object");
    const std::string op = text_member(edit_, "op");
    struct Operation {
      const char* name;
      Verdict<Change> (Editor::*run)();
      std::vector<const char*> needed;
    };
    static const std::vector<Operation> operations = {
        {"replace_function", &Editor::replace_function, {"function", "code"}},
        {"replace_body", &Editor::replace_body, {"function", "code"}},
        {"insert_declaration", &Editor::insert_declaration, {"code"}},
        {"remove_declaration", &Editor::remove_declaration, {"name"}},
        {"replace_node", &Editor::replace_node, {"function", "path", "code"}},
        {"set_literal", &Editor::set_literal, {"function", "path", "value"}},
        {"insert_statement", &Editor::insert_statement, {"function", "path", "where", "code"}},
        {"delete_statement", &Editor::delete_statement, {"function", "path"}},
        {"swap_statements", &Editor::swap_statements, {"function", "path", "with"}},
        {"wrap_statement", &Editor::wrap_statement, {"function", "path", "code"}},
    };
    std::string known;
    for (const Operation& operation : operations) {
      known += (known.empty() ? "" : ", ") + std::string(operation.name);
      if (op != operation.name) continue;
      for (const char* member : operation.needed)
        if (!edit_.contains(member) || !edit_[member].is_string()) return malformed(op + " needs a string \"" + member + "\"");
      const std::string code = text_member(edit_, "code");
      if (code.size() > kLongestCode) return malformed("code is longer than " + std::to_string(kLongestCode) + " bytes");
      if (op == "insert_declaration" && is_include(code)) {
        if (auto refused = check_include(code)) return *refused;
      } else if (auto refused = check_code(code)) {
        return *refused;
      }
      return (this->*operation.run)();
    }
    return malformed("unknown op '" + op + "'; known: " + known);
  }

 private:
  static Refusal malformed(std::string why) { return {refusal::kMalformed, std::move(why)}; }

  clang::ASTContext& context() const { return program_.context(function_.file); }

  // Finds the function, and the node when the edit has a path; checks the expected text.
  std::optional<Refusal> locate(bool whole) {
    auto found = program_.function(text_member(edit_, "function"), text_member(edit_, "file"));
    if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
    function_ = std::get<Function>(found);
    if (!edit_.contains("path")) return std::nullopt;
    node_ = node_at(function_.body(), text_member(edit_, "path"));
    if (node_ == nullptr) return Refusal{refusal::kNotFound, "no node at path '" + text_member(edit_, "path") + "' of " + function_.signature};
    range_ = range_of(node_, context(), whole);
    if (range_.isInvalid()) return Refusal{refusal::kNotApplicable, "the node at path '" + text_member(edit_, "path") + "' comes from a macro"};
    return expect(text_member(edit_, "expect"), range_);
  }

  std::optional<Refusal> expect(const std::string& wanted, clang::CharSourceRange range) const {
    if (wanted.empty()) return std::nullopt;
    const std::string there = text_of(range, context());
    const auto squeeze = [](std::string text) {
      text = without_space(text);
      if (text.ends_with(';')) text.pop_back();
      return text;
    };
    if (squeeze(there) == squeeze(wanted)) return std::nullopt;
    return Refusal{refusal::kExpectation, "expected '" + wanted + "' but found '" + there + "'"};
  }

  Verdict<Change> replaced(clang::CharSourceRange range, const std::string& code) const {
    Change change{function_.file, {}};
    return with(std::move(change), range, code);
  }

  Verdict<Change> with(Change change, clang::CharSourceRange range, const std::string& code) const {
    const auto& sources = program_.context(change.file).getSourceManager();
    ct::Replacement replacement(sources, range, code);
    // Replacements are applied to the text of the unit, whatever path Clang knows it by.
    replacement = ct::Replacement(change.file, replacement.getOffset(), replacement.getLength(), code);
    if (auto failed = change.replacements.add(replacement)) {
      llvm::consumeError(std::move(failed));
      return Refusal{refusal::kNotApplicable, "the edited places overlap"};
    }
    return change;
  }

  bool in_compound() const {
    const std::string path = text_member(edit_, "path");
    if (path.empty()) return false;
    const std::size_t dot = path.rfind('.');
    return llvm::isa_and_nonnull<clang::CompoundStmt>(node_at(function_.body(), dot == std::string::npos ? "" : path.substr(0, dot)));
  }

  std::optional<Refusal> locate_statement() {
    if (auto refused = locate(true)) return refused;
    if (!in_compound()) return Refusal{refusal::kNotApplicable, "path '" + text_member(edit_, "path") + "' is not a statement of a block"};
    return std::nullopt;
  }

  Verdict<Change> replace_function() {
    if (auto refused = locate(false)) return *refused;
    return replaced(clang::CharSourceRange::getTokenRange(function_.decl->getSourceRange()), text_member(edit_, "code"));
  }

  Verdict<Change> replace_body() {
    if (auto refused = locate(false)) return *refused;
    std::string code = text_member(edit_, "code");
    const std::size_t first = code.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || code[first] != '{') code = "{\n" + code + "\n}";
    return replaced(clang::CharSourceRange::getTokenRange(function_.body()->getSourceRange()), code);
  }

  // A declaration at the top level of one of the agent's files.
  struct TopLevel {
    std::string file;
    const clang::Decl* decl;
  };

  Verdict<TopLevel> top_level(const std::string& name, const std::string& file) const {
    std::vector<TopLevel> matches;
    for (const auto& [path, text] : program_.files()) {
      if (!program_.parsed(path) || (!file.empty() && path != file)) continue;
      clang::ASTUnit& unit = program_.unit(path);
      for (auto it = unit.top_level_begin(); it != unit.top_level_end(); ++it) {
        const auto* named = llvm::dyn_cast<clang::NamedDecl>(*it);
        if (named == nullptr || (*it)->isFromASTFile()) continue;
        bool match = named->getNameAsString() == name || named->getQualifiedNameAsString() == name;
        for (const Function& function : program_.functions())
          match = match || (function.decl == named && function.signature == name);
        if (match) matches.push_back({path, *it});
      }
    }
    if (matches.size() == 1) return matches.front();
    if (matches.empty()) return Refusal{refusal::kNotFound, "no declaration '" + name + "' at the top level"};
    return Refusal{refusal::kAmbiguous, "'" + name + "' names " + std::to_string(matches.size()) + " declarations; give a signature or a file"};
  }

  clang::CharSourceRange declaration_range(const TopLevel& target) const {
    const clang::ASTContext& context = program_.context(target.file);
    auto range = clang::Lexer::getAsCharRange(clang::CharSourceRange::getTokenRange(target.decl->getSourceRange()), context.getSourceManager(),
                                              context.getLangOpts());
    const auto next = clang::Lexer::findNextToken(target.decl->getEndLoc(), context.getSourceManager(), context.getLangOpts());
    if (next && next->is(clang::tok::semi)) range.setEnd(next->getEndLoc());
    return range;
  }

  Verdict<Change> insert_declaration() {
    const std::string code = text_member(edit_, "code");
    std::string file = text_member(edit_, "file");
    const std::string before = text_member(edit_, "before"), after = text_member(edit_, "after");
    std::size_t offset = 0;
    if (!before.empty() || !after.empty()) {
      auto found = top_level(before.empty() ? after : before, file);
      if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
      const TopLevel target = std::get<TopLevel>(found);
      file = target.file;
      const auto& sources = program_.context(file).getSourceManager();
      const auto range = declaration_range(target);
      offset = sources.getFileOffset(before.empty() ? range.getEnd() : range.getBegin());
    } else {
      if (!program_.files().contains(file) || !is_source(file)) return Refusal{refusal::kNotFound, "insert_declaration needs before, after, or a source file; '" + file + "' is none"};
      const std::string& text = program_.files().at(file);
      offset = text_member(edit_, "at") == "end" ? text.size() : end_of_includes(text);
    }
    Change change{file, {}};
    if (auto failed = change.replacements.add(ct::Replacement(file, static_cast<unsigned>(offset), 0, "\n" + code + "\n"))) {
      llvm::consumeError(std::move(failed));
      return Refusal{refusal::kNotApplicable, "cannot insert there"};
    }
    return change;
  }

  // After the last #include of the file's head, found by the lexer so that comments and strings cannot mislead.
  static std::size_t end_of_includes(const std::string& text) {
    clang::LangOptions language;
    language.CPlusPlus = true;
    clang::Lexer lexer(clang::SourceLocation(), language, text.data(), text.data(), text.data() + text.size());
    clang::Token token;
    std::size_t end = 0;
    bool directive = false;
    for (bool done = false; !done;) {
      done = lexer.LexFromRawLexer(token);
      const std::size_t place = static_cast<std::size_t>(lexer.getBufferLocation() - text.data());
      if (token.isAtStartOfLine()) directive = token.is(clang::tok::hash);
      if (!directive) {
        if (!token.is(clang::tok::eof)) break;
        continue;
      }
      end = place;
    }
    return end;
  }

  Verdict<Change> remove_declaration() {
    auto found = top_level(text_member(edit_, "name"), text_member(edit_, "file"));
    if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
    const TopLevel target = std::get<TopLevel>(found);
    return with(Change{target.file, {}}, declaration_range(target), "");
  }

  Verdict<Change> replace_node() {
    if (auto refused = locate(false)) return *refused;
    if (llvm::isa<clang::Expr>(node_)) return replaced(range_, text_member(edit_, "code"));
    if (auto refused = locate(true)) return *refused;
    return replaced(range_, text_member(edit_, "code"));
  }

  Verdict<Change> set_literal() {
    if (auto refused = locate(false)) return *refused;
    if (!llvm::isa<clang::IntegerLiteral, clang::FloatingLiteral, clang::StringLiteral, clang::CharacterLiteral, clang::CXXBoolLiteralExpr>(node_))
      return Refusal{refusal::kNotApplicable, "'" + text_of(range_, context()) + "' is not a literal"};
    const std::string value = text_member(edit_, "value");
    if (!is_literal(value)) return Refusal{refusal::kMalformed, "'" + value + "' is not one literal"};
    return replaced(range_, value);
  }

  static bool is_literal(const std::string& value) {
    clang::LangOptions language;
    language.CPlusPlus = true;
    clang::Lexer lexer(clang::SourceLocation(), language, value.data(), value.data(), value.data() + value.size());
    clang::Token token;
    int literals = 0, others = 0;
    for (bool done = false; !done;) {
      done = lexer.LexFromRawLexer(token);
      if (token.is(clang::tok::eof)) break;
      const bool word = token.is(clang::tok::raw_identifier) && (token.getRawIdentifier() == "true" || token.getRawIdentifier() == "false");
      if (clang::tok::isLiteral(token.getKind()) || word)
        ++literals;
      else if (!(token.is(clang::tok::minus) && literals == 0))
        ++others;
    }
    return literals == 1 && others == 0;
  }

  Verdict<Change> insert_statement() {
    const std::string where = text_member(edit_, "where"), code = text_member(edit_, "code");
    const auto& at = [&](clang::SourceLocation place, const std::string& text) { return replaced(clang::CharSourceRange::getCharRange(place, place), text); };
    if (where == "begin" || where == "end") {
      if (auto refused = locate(false)) return *refused;
      const auto* block = llvm::dyn_cast<clang::CompoundStmt>(node_);
      if (block == nullptr) return Refusal{refusal::kNotApplicable, "\"begin\" and \"end\" need the path of a block"};
      return where == "begin" ? at(block->getLBracLoc().getLocWithOffset(1), "\n" + code) : at(block->getRBracLoc(), code + "\n");
    }
    if (where != "before" && where != "after") return malformed("\"where\" is before, after, begin or end");
    if (auto refused = locate_statement()) return *refused;
    return where == "before" ? at(range_.getBegin(), code + "\n") : at(range_.getEnd(), "\n" + code);
  }

  Verdict<Change> delete_statement() {
    if (auto refused = locate_statement()) return *refused;
    return replaced(range_, "");
  }

  Verdict<Change> swap_statements() {
    if (auto refused = locate_statement()) return *refused;
    const clang::Stmt* other = node_at(function_.body(), text_member(edit_, "with"));
    if (other == nullptr) return Refusal{refusal::kNotFound, "no node at path '" + text_member(edit_, "with") + "'"};
    const auto other_range = range_of(other, context(), true);
    if (other == node_) return Refusal{refusal::kNotApplicable, "a statement cannot be swapped with itself"};
    auto first = replaced(range_, text_of(other_range, context()));
    if (auto* refused = std::get_if<Refusal>(&first)) return *refused;
    return with(std::get<Change>(std::move(first)), other_range, text_of(range_, context()));
  }

  Verdict<Change> wrap_statement() {
    if (auto refused = locate_statement()) return *refused;
    std::string code = text_member(edit_, "code");
    const std::string hole = "$statement";
    const std::size_t place = code.find(hole);
    if (place == std::string::npos || code.find(hole, place + 1) != std::string::npos) return malformed("the code of wrap_statement needs $statement once");
    code.replace(place, hole.size(), text_of(range_, context()));
    return replaced(range_, code);
  }

  const Program& program_;
  const Json& edit_;
  Function function_;
  const clang::Stmt* node_ = nullptr;
  clang::CharSourceRange range_;
};

// Formats what changed and nothing else, so that comments and layout of untouched code survive.
Verdict<std::string> apply_change(const Change& change, const std::string& text) {
  auto style = clang::format::getGoogleStyle(clang::format::FormatStyle::LK_Cpp);
  style.ColumnLimit = 120;
  style.SortIncludes = clang::format::FormatStyle::SI_Never;
  auto formatted = clang::format::formatReplacements(text, change.replacements, style);
  if (!formatted) {
    llvm::consumeError(formatted.takeError());
    return Refusal{refusal::kNotApplicable, "the edit cannot be applied to the text"};
  }
  auto result = ct::applyAllReplacements(text, *formatted);
  if (!result) {
    llvm::consumeError(result.takeError());
    return Refusal{refusal::kNotApplicable, "the edit cannot be applied to the text"};
  }
  return *result;
}

// The name of the declaration an edit is about; empty when it names none.
std::string target_of(const Json& edit) {
  if (!edit.is_object()) return {};
  for (const char* member : {"function", "name", "before", "after"})
    if (const std::string name = text_member(edit, member); !name.empty()) return bare_name(name);
  return {};
}

Verdict<Change> change_of(const Compiler& compiler, const Files& files, const Json& edit, const std::string& mentioned) {
  auto parsed = Program::parse_mentioning(compiler, files, mentioned);
  if (auto* refused = std::get_if<Refusal>(&parsed)) return *refused;
  return Editor(std::get<Program>(parsed), edit).change();
}

}  // namespace

Verdict<Files> apply_edits(const Compiler& compiler, const Files& files, const Json& edits) {
  if (!edits.is_array() || edits.empty()) return Refusal{refusal::kMalformed, "edits must be a list with at least one edit"};
  if (edits.size() > kMostEdits) return Refusal{refusal::kMalformed, "more than " + std::to_string(kMostEdits) + " edits"};
  Files current = files;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const std::string where = edits.size() == 1 ? "" : "edit " + std::to_string(i + 1) + ": ";
    auto change = change_of(compiler, current, edits[i], target_of(edits[i]));
    // Only the sources that mention the target were parsed; a refusal should name what the others have.
    if (const auto* refused = std::get_if<Refusal>(&change); refused != nullptr && refused->code == refusal::kNotFound)
      change = change_of(compiler, current, edits[i], "");
    if (auto* refused = std::get_if<Refusal>(&change)) return Refusal{refused->code, where + refused->message};
    const std::string& file = std::get<Change>(change).file;
    auto text = apply_change(std::get<Change>(change), current.at(file));
    if (auto* refused = std::get_if<Refusal>(&text)) return Refusal{refused->code, where + refused->message};
    current[file] = std::get<std::string>(std::move(text));
  }
  return current;
}

}  // namespace hyperagent::tooling
