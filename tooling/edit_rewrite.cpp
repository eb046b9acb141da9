// rewrite: every match of a Clang AST matcher, by Clang's Transformer.
//
//   Before   double f(double a) { return std::pow(a, 2); }
//   edit     {"op": "rewrite", "match": "callExpr(callee(functionDecl(hasName(\"pow\"))), hasArgument(0, expr().bind(\"x\")))", "code": "$x
//   * $x"} After    double f(double a) { return a * a; }
#include <clang/AST/ASTContext.h>
#include <clang/ASTMatchers/ASTMatchFinder.h>
#include <clang/ASTMatchers/Dynamic/Diagnostics.h>
#include <clang/ASTMatchers/Dynamic/Parser.h>
#include <clang/Tooling/Transformer/RewriteRule.h>
#include <clang/Tooling/Transformer/Stencil.h>

#include <algorithm>

#include "hyperagent/core/nearest.h"
#include "tooling/edit_code.h"
#include "tooling/edit_target.h"

namespace hyperagent::tooling {
namespace {

namespace transformer = clang::transformer;
using Matcher = clang::ast_matchers::internal::DynTypedMatcher;

constexpr const char* kWhole = "ha_whole_match";

// What stands in quotes behind a word of the matcher's text: the names it binds, or asks for.
std::vector<std::string> quoted_after(const std::string& match, const std::string& word) {
  std::vector<std::string> names;
  for (std::size_t at = match.find(word + "(\""); at != std::string::npos; at = match.find(word + "(\"", at + 1)) {
    const std::size_t begin = at + word.size() + 2, end = match.find('"', begin);
    if (end != std::string::npos) names.push_back(match.substr(begin, end - begin));
  }
  return names;
}

bool word_character(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Whether nothing beside [begin, end) could bind to an expression there, so that it needs no parentheses.
bool stands_free(const std::string& code, std::size_t begin, std::size_t end) {
  const std::size_t before = begin == 0 ? std::string::npos : code.find_last_not_of(" \t\r\n", begin - 1),
                    after = code.find_first_not_of(" \t\r\n", end);
  const bool returned = before != std::string::npos && before >= 5 && code.compare(before - 5, 6, "return") == 0;
  const bool left = before == std::string::npos || returned || std::string("(,;{}=").find(code[before]) != std::string::npos;
  const bool right = after == std::string::npos || std::string("),;{}").find(code[after]) != std::string::npos;
  return left && right && !(before == std::string::npos && after == std::string::npos);
}

// Names, literals, calls and what is in brackets: binds tighter than any operator beside it.
bool is_primary(const std::string& code) {
  int depth = 0;
  for (const std::string& word : words_of(code)) {
    const bool opens = word == "(" || word == "[" || word == "{", closes = word == ")" || word == "]" || word == "}";
    depth += opens ? 1 : closes ? -1 : 0;
    const bool part =
        opens || closes || word == "::" || word == "." || word == "->" || word_character(word[0]) || word[0] == '"' || word[0] == '\'';
    if (depth == 0 && !part) return false;
  }
  return true;
}

transformer::Stencil source_of(const std::string& name, bool free) {
  return transformer::run([name, free](const clang::ast_matchers::MatchFinder::MatchResult& result) {
    const bool bare = free || result.Nodes.getNodeAs<clang::Expr>(name) == nullptr;  // only an expression can be in parentheses
    return (bare ? transformer::detail::makeStencil(transformer::node(name)) : transformer::expression(name))->eval(result);
  });
}

// The template as Clang's stencils, plain text and holes one behind the other, or what is wrong with it.
Verdict<std::vector<transformer::Stencil>> stencils_of(const std::string& code, const std::vector<std::string>& bound) {
  std::vector<transformer::Stencil> parts;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) parts.push_back(transformer::detail::makeStencil(llvm::StringRef(plain)));
    plain.clear();
  };
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] != '$') {
      plain += code[i];
      continue;
    }
    std::size_t end = i + 1;
    while (end < code.size() && word_character(code[end])) ++end;
    const std::string name = code.substr(i + 1, end - i - 1);
    if (name.empty()) {
      if (end == code.size() || code[end] != '$')
        return Refusal{refusal::kMalformed, "a $ in the code must stand before a bound name; write $$ for a dollar"};
      plain += '$';
      i = end;
      continue;
    }
    if (std::find(bound.begin(), bound.end(), name) == bound.end())
      return Refusal{refusal::kMalformed, "the matcher binds nothing as \"" + name + "\"" + did_you_mean(name, bound)};
    flush();
    parts.push_back(source_of(name, stands_free(code, i, end)));
    i = end - 1;
  }
  flush();
  return parts;
}

Verdict<Matcher> matcher_of(const std::string& text) {
  llvm::StringRef left = text;
  clang::ast_matchers::dynamic::Diagnostics diagnostics;
  auto matcher = clang::ast_matchers::dynamic::Parser::parseMatcherExpression(left, &diagnostics);
  if (!matcher) return Refusal{refusal::kMalformed, "the matcher cannot be read: " + diagnostics.toStringFull()};
  if (!llvm::StringRef(left).trim().empty())
    return Refusal{refusal::kMalformed, "behind the matcher there is more: " + left.trim().substr(0, 60).str()};
  matcher->setAllowBind(true);
  auto named = matcher->tryBind(kWhole);
  if (!named) return Refusal{refusal::kMalformed, "the matcher must be one of nodes, as callExpr(...)"};
  return named->withTraversalKind(matcher->getTraversalKind().value_or(clang::TK_IgnoreUnlessSpelledInSource));
}

struct Rule {
  transformer::RewriteRule whole;
  std::vector<transformer::Stencil> parts;  // of the new text
};

struct Found {
  std::vector<NewText> texts;
  int in_macros = 0;  // matches without text of their own
  std::string failure;
};

class Collector : public clang::ast_matchers::MatchFinder::MatchCallback {
 public:
  Collector(const Rule& rule, const std::string& target, const Program& program, Found& found)
      : rule_(rule), target_(target), program_(program), found_(found) {}

  void run(const clang::ast_matchers::MatchFinder::MatchResult& result) override {
    auto edits = rule_.whole.Cases[transformer::detail::findSelectedCase(result, rule_.whole)].Edits(result);
    if (!edits) {
      found_.failure = llvm::toString(edits.takeError());
      return;
    }
    if (edits->empty()) ++found_.in_macros;
    if (!edits->empty() && !is_joined(pieces(result))) found_.failure = "a $name in it must stand for itself, in no comment, literal or word";
    for (const transformer::Edit& edit : *edits) {
      const std::string file = program_.file_of(edit.Range.getBegin(), *result.SourceManager);
      if (file.empty()) continue;
      const Place place = place_of(file, edit.Range, *result.SourceManager);
      const bool expression = result.Nodes.getNodeAs<clang::Expr>(target_) != nullptr;
      const bool bare =
          !expression || is_primary(edit.Replacement) || stands_free(program_.files().at(file), place.offset, place.offset + place.length);
      found_.texts.push_back({place, bare ? edit.Replacement : "(" + edit.Replacement + ")"});
    }
  }

 private:
  std::vector<std::string> pieces(const clang::ast_matchers::MatchFinder::MatchResult& result) const {
    std::vector<std::string> texts;
    for (const transformer::Stencil& part : rule_.parts) texts.push_back(llvm::cantFail(part->eval(result)));
    return texts;
  }

  const Rule& rule_;
  const std::string& target_;
  const Program& program_;
  Found& found_;
};

void search(const Program& program, const std::vector<clang::Decl*>& scope, const Rule& rule, const std::string& target, Found& found) {
  if (scope.empty()) return;
  clang::ASTContext& context = scope.front()->getASTContext();
  Collector collector(rule, target, program, found);
  clang::ast_matchers::MatchFinder finder;
  for (const Matcher& matcher : transformer::detail::buildMatchers(rule.whole)) finder.addDynamicMatcher(matcher, &collector);
  const NarrowedScope narrowed(context, scope);
  finder.matchAST(context);
}

Verdict<Found> matches_of(const Request& request, const Rule& rule, const std::string& target) {
  Found found;
  if (request.has("function")) {
    auto function = function_of(request);
    if (auto* refused = std::get_if<Refusal>(&function)) return *refused;
    search(request.program, {const_cast<clang::FunctionDecl*>(std::get<Function>(function).decl)}, rule, target, found);
    return found;
  }
  const std::string file = request.text("file");
  for (const auto& [path, text] : request.program.files()) {
    if (!request.program.parsed(path)) continue;
    std::vector<clang::Decl*> scope;
    for (clang::Decl* decl : own_declarations(request.program.tree(path))) {
      const auto& sources = decl->getASTContext().getSourceManager();
      if (file.empty() || request.program.file_of(sources.getExpansionLoc(decl->getLocation()), sources) == file) scope.push_back(decl);
    }
    search(request.program, scope, rule, target, found);
  }
  return found;
}

// The names the matcher asks for that the program does not have.
std::string hint(const Request& request) {
  std::vector<std::string> known;
  for (const TopLevel& top : top_levels(request.program)) known.push_back(top.decl->getNameAsString());
  for (const Function& function : request.program.functions()) known.push_back(function.decl->getNameAsString());
  for (const std::string& wanted : quoted_after(request.text("match"), "hasName"))
    if (std::find(known.begin(), known.end(), bare_name(wanted)) == known.end())
      if (const std::string meant = did_you_mean(bare_name(wanted), known); !meant.empty()) return meant;
  return "";
}

// In order, each place once (a header comes with every source that includes it).
std::optional<Refusal> settle(const Program& program, std::vector<NewText>& texts) {
  const auto key = [](const NewText& text) { return std::tie(text.place.file, text.place.offset, text.place.length); };
  std::sort(texts.begin(), texts.end(), [&](const NewText& a, const NewText& b) { return key(a) < key(b); });
  texts.erase(std::unique(texts.begin(), texts.end(), [&](const NewText& a, const NewText& b) { return key(a) == key(b); }), texts.end());
  for (std::size_t i = 1; i < texts.size(); ++i)
    if (texts[i].place.file == texts[i - 1].place.file && texts[i].place.offset < texts[i - 1].place.offset + texts[i - 1].place.length)
      return Refusal{refusal::kNotApplicable, "the match at " + where(texts[i].place, program) +
                                                  " lies inside another one; leave one of them out with unless(hasAncestor(...))"};
  return std::nullopt;
}

}  // namespace

Verdict<Plan> prepare_rewrite(const Request& request) {
  const std::string match = request.text("match"), target = request.has("target") ? request.text("target") : kWhole;
  std::vector<std::string> bound = quoted_after(match, "bind");
  if (request.has("target") && std::find(bound.begin(), bound.end(), target) == bound.end())
    return Refusal{refusal::kMalformed, "the matcher binds nothing as \"" + target + "\"" + did_you_mean(target, bound)};
  auto matcher = matcher_of(match);
  if (auto* refused = std::get_if<Refusal>(&matcher)) return *refused;
  auto stencils = stencils_of(request.code(), bound);
  if (auto* refused = std::get_if<Refusal>(&stencils)) return *refused;
  auto& parts = std::get<std::vector<transformer::Stencil>>(stencils);
  const Rule rule{transformer::makeRule(std::get<Matcher>(matcher), transformer::changeTo(transformer::node(target), transformer::catVector(parts))), parts};
  auto matches = matches_of(request, rule, target);
  if (auto* refused = std::get_if<Refusal>(&matches)) return *refused;
  Found& found = std::get<Found>(matches);
  if (!found.failure.empty()) return Refusal{refusal::kNotApplicable, "the template does not fit a match: " + found.failure};
  if (found.texts.empty() && found.in_macros > 0) return Refusal{refusal::kNotApplicable, "no match has text of its own: they come from macros, or are implied"};
  if (found.texts.empty()) return Refusal{refusal::kNotFound, "nothing matches" + hint(request)};
  if (auto refused = settle(request.program, found.texts)) return *refused;
  return plan_of(std::move(found.texts));
}

}  // namespace hyperagent::tooling
