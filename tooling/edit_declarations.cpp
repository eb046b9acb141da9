// Operations on whole declarations.
#include "tooling/edit_declarations.h"

#include <clang/AST/ASTContext.h>
#include <clang/Lex/Lexer.h>

#include "tooling/edit_target.h"

namespace hyperagent::tooling {
namespace {

Verdict<Plan> replaced(const Request& request, const Function& function, clang::SourceRange range, const std::string& code) {
  const clang::ASTContext& context = request.program.context(function.file);
  const auto written =
      clang::Lexer::getAsCharRange(clang::CharSourceRange::getTokenRange(range), context.getSourceManager(), context.getLangOpts());
  if (written.isInvalid()) return Refusal{refusal::kNotApplicable, function.signature + " comes from a macro"};
  return plan_of(place_of(function.file, written, context.getSourceManager()), code);
}

}  // namespace

std::size_t end_of_includes(const std::string& text) {
  clang::LangOptions language;
  language.CPlusPlus = language.LineComment = true;
  clang::Lexer lexer(clang::SourceLocation(), language, text.data(), text.data(), text.data() + text.size());
  clang::Token token;
  std::size_t end = static_cast<std::size_t>(lexer.getBufferLocation() - text.data());  // behind a byte order mark
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

Verdict<Plan> prepare_replace_function(const Request& request) {
  auto found = function_of(request);
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  const Function& function = std::get<Function>(found);
  return replaced(request, function, function.decl->getSourceRange(), request.code());
}

Verdict<Plan> prepare_replace_body(const Request& request) {
  auto found = function_of(request);
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  const Function& function = std::get<Function>(found);
  std::string code = request.code();
  const std::size_t first = code.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || code[first] != '{') code = "{\n" + code + "\n}";
  return replaced(request, function, function.body()->getSourceRange(), code);
}

Verdict<Plan> prepare_insert_declaration(const Request& request) {
  const std::string before = request.text("before"), after = request.text("after"), code = "\n" + request.code() + "\n";
  if (!before.empty() || !after.empty()) {
    auto found = top_level(request.program, before.empty() ? after : before, request.text("file"));
    if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
    const TopLevel& target = std::get<TopLevel>(found);
    const clang::ASTContext& context = target.decl->getASTContext();
    const Place place = place_of(target.file, declaration_range(target, context), context.getSourceManager());
    return plan_of({target.file, before.empty() ? place.offset + place.length : place.offset, 0}, code);
  }
  const std::string file = request.text("file");
  if (!request.program.files().contains(file) || !is_source(file))
    return Refusal{refusal::kNotFound, "insert_declaration needs before, after, or a source file; '" + file + "' is none"};
  const std::string& text = request.program.files().at(file);
  const std::size_t offset = request.text("at") == "end" ? text.size() : end_of_includes(text);
  return plan_of({file, static_cast<unsigned>(offset), 0}, code);
}

Verdict<Plan> prepare_remove_declaration(const Request& request) {
  auto found = top_level(request.program, request.text("name"), request.text("file"));
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  const TopLevel& target = std::get<TopLevel>(found);
  const clang::ASTContext& context = target.decl->getASTContext();
  return plan_of(place_of(target.file, declaration_range(target, context), context.getSourceManager()), "");
}

}  // namespace hyperagent::tooling
