#include "tooling/program.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>

#include "hyperagent/core/nearest.h"

namespace hyperagent::tooling {

std::string spelled_name(const clang::NamedDecl* decl) {
  std::string name = decl->getQualifiedNameAsString();
  const std::string anonymous = "(anonymous namespace)::";
  for (std::size_t at = name.find(anonymous); at != std::string::npos; at = name.find(anonymous)) name.erase(at, anonymous.size());
  return name;
}

std::string signature_of(const clang::FunctionDecl* decl) {
  clang::PrintingPolicy policy(decl->getASTContext().getLangOpts());
  std::string text = spelled_name(decl) + "(";
  for (unsigned i = 0; i < decl->getNumParams(); ++i) {
    if (i > 0) text += ", ";
    text += decl->getParamDecl(i)->getType().getAsString(policy);
  }
  return text + ")";
}

namespace {

// Of a class template: its members have the template's text and no place of their own.
bool is_instance(const clang::CXXRecordDecl* record) { return clang::isTemplateInstantiation(record->getTemplateSpecializationKind()); }

void collect_in(const clang::DeclContext* context, const Program& program, const std::string& file, std::vector<Function>& found);

// The functions of `file` that a declaration is or holds; of a template its pattern.
void collect(const clang::Decl* decl, const Program& program, const std::string& file, std::vector<Function>& found) {
  if (decl->isImplicit() || decl->isFromASTFile()) return;
  if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl)) return collect_in(space, program, file, found);
  if (const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(decl))
    return is_instance(record) ? void() : collect_in(record, program, file, found);
  if (const auto* shell = llvm::dyn_cast<clang::ClassTemplateDecl>(decl))
    return collect_in(shell->getTemplatedDecl(), program, file, found);
  const auto* shell = llvm::dyn_cast<clang::FunctionTemplateDecl>(decl);
  const auto* function = shell != nullptr ? shell->getTemplatedDecl() : llvm::dyn_cast<clang::FunctionDecl>(decl);
  if (function == nullptr || !function->doesThisDeclarationHaveABody() || function->isDefaulted() || function->isTemplateInstantiation()) return;
  const auto& sources = decl->getASTContext().getSourceManager();
  if (program.file_of(sources.getExpansionLoc(function->getLocation()), sources) == file)
    found.push_back({function, spelled_name(function), signature_of(function), file});
}

void collect_in(const clang::DeclContext* context, const Program& program, const std::string& file, std::vector<Function>& found) {
  for (const clang::Decl* decl : context->decls()) collect(decl, program, file, found);
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 20;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i) text += (text.empty() ? "" : ", ") + names[i];
  return names.size() > kMost ? text + " and " + std::to_string(names.size() - kMost) + " more" : text;
}

// What somebody who asked for a function that is not there may have meant: an overload, a name spelt otherwise, or any of those there are.
std::string hint_for(const std::string& wanted, const std::vector<Function>& functions) {
  std::vector<std::string> names, signatures, overloads;
  for (const Function& function : functions) {
    names.push_back(function.decl->getNameAsString());
    signatures.push_back(function.signature);
    if (names.back() == bare_name(wanted)) overloads.push_back(function.signature);
  }
  if (!overloads.empty()) return "; of that name there is " + listed(overloads);
  const std::string meant = did_you_mean(bare_name(wanted), names);
  return (meant.empty() ? "; " : meant + " ") + "there are: " + listed(signatures);
}

}  // namespace

bool is_source(const std::string& path) {
  return path.ends_with(".cpp") || path.ends_with(".cc") || path.ends_with(".cxx") || path.ends_with(".C");
}

std::string bare_name(const std::string& name) {
  std::string bare = name.substr(0, name.find('('));
  const std::size_t colon = bare.rfind(':');
  return colon == std::string::npos ? bare : bare.substr(colon + 1);
}

std::string half_of(const std::string& path) {
  if (path.starts_with("task/")) return "task";
  if (path.starts_with("meta/")) return "meta";
  return "";
}

Refusal refuse(const std::vector<Diagnostic>& errors) {
  return {errors.front().syntax ? refusal::kParse : refusal::kTypeCheck, describe(errors)};
}

Verdict<Program> Program::parse(const Compiler& compiler, Files files) { return parse_mentioning(compiler, std::move(files), ""); }

Verdict<Program> Program::parse_mentioning(const Compiler& compiler, Files files, const std::string& word) {
  Program program;
  program.files_ = std::move(files);
  program.root_ = compiler.root();
  const bool in_header = std::any_of(program.files_.begin(), program.files_.end(), [&](const auto& file) {
    return !is_source(file.first) && file.second.find(word) != std::string::npos;
  });
  for (const auto& [path, text] : program.files_) {
    if (!is_source(path) || (!in_header && text.find(word) == std::string::npos)) continue;
    auto tree = compiler.parse(path, program.files_);
    if (!tree->errors().empty()) return refuse(tree->errors());
    program.find_headers(tree);
    program.trees_.emplace(path, std::move(tree));
  }
  return program;
}

void Program::find_headers(const std::shared_ptr<SyntaxTree>& tree) {
  const clang::SourceManager& sources = tree->sources();
  for (auto known = sources.fileinfo_begin(); known != sources.fileinfo_end(); ++known)
    if (const std::string file = file_named(known->first.getName()); !file.empty() && !is_source(file)) headers_.emplace(file, tree);
}

std::vector<Function> Program::functions() const {
  std::vector<Function> found;
  for (const auto& [path, text] : files_) {
    const auto& trees = parsed(path) ? trees_ : headers_;
    const auto tree = trees.find(path);
    if (tree == trees.end()) continue;
    // Top-level declarations of the unit only: walking all of it would pull in the precompiled header.
    for (const clang::Decl* decl : tree->second->top_level()) collect(decl, *this, path, found);
  }
  return found;
}

Verdict<Function> Program::function(const std::string& name, const std::string& file) const {
  std::vector<Function> matches, all;
  for (const Function& candidate : functions()) {
    if (!file.empty() && candidate.file != file) continue;
    all.push_back(candidate);
    if (candidate.name == name || candidate.signature == name || candidate.decl->getNameAsString() == name) matches.push_back(candidate);
  }
  if (matches.size() == 1) return matches.front();
  if (auto refused = matches.empty() ? unknown_file(file) : std::nullopt) return *refused;
  if (matches.empty()) return Refusal{refusal::kNotFound, "no function '" + name + "'" + hint_for(name, all)};
  std::string overloads;
  for (const Function& match : matches) overloads += (overloads.empty() ? "" : ", ") + match.signature;
  return Refusal{refusal::kAmbiguous, "'" + name + "' names several functions; write one of: " + overloads};
}

std::optional<Refusal> Program::unknown_file(const std::string& file) const {
  if (file.empty() || files_.contains(file)) return std::nullopt;
  std::vector<std::string> known;
  for (const auto& [path, text] : files_) known.push_back(path);
  return Refusal{refusal::kNotFound, "no file '" + file + "'; there are: " + listed(known)};
}

std::string Program::file_of(clang::SourceLocation place, const clang::SourceManager& sources) const {
  if (place.isInvalid() || place.isMacroID()) return "";
  const auto entry = sources.getFileEntryRefForID(sources.getFileID(place));
  return entry ? file_named(entry->getName()) : "";
}

std::string Program::file_named(llvm::StringRef name) const {
  if (!name.starts_with(root_)) return "";
  const std::string path = name.drop_front(root_.size()).str();
  return files_.contains(path) ? path : "";
}

Json Program::outline() const {
  Json functions_json = Json::array();
  for (const Function& function : functions()) {
    const auto& sources = context(function.file).getSourceManager();
    const auto range = function.decl->getSourceRange();
    const unsigned first = sources.getExpansionLineNumber(range.getBegin()), last = sources.getExpansionLineNumber(range.getEnd());
    functions_json.push_back({{"name", function.name},
                              {"signature", function.signature},
                              {"returns", function.decl->getReturnType().getAsString(clang::PrintingPolicy(function.decl->getASTContext().getLangOpts()))},
                              {"file", function.file},
                              {"half", half_of(function.file)},
                              {"line", first},
                              {"lines", last - first + 1},
                              {"source", text_of(clang::CharSourceRange::getTokenRange(range), context(function.file))}});
  }
  return {{"functions", functions_json}};
}

bool is_macro(const clang::Stmt* node) { return node->getBeginLoc().isMacroID() && node->getEndLoc().isMacroID(); }

std::vector<const clang::Stmt*> children_of(const clang::Stmt* node, const clang::ASTContext& context) {
  std::vector<const clang::Stmt*> children;
  if (is_macro(node)) return children;  // its inside has no text of its own to edit
  const auto add = [&](const clang::Stmt* child) {
    if (child == nullptr) return;
    const auto* expr = llvm::dyn_cast<clang::Expr>(child);
    if (expr != nullptr) child = expr->IgnoreUnlessSpelledInSource();
    if (llvm::isa<clang::CXXDefaultArgExpr>(child) || child->getBeginLoc().isInvalid()) return;
    const auto is_written = [&] {
      return (child->getBeginLoc().isFileID() && child->getEndLoc().isFileID()) || range_of(child, context, false).isValid();
    };
    if (expr != nullptr && !is_written()) child = expr->IgnoreImplicit();  // keeps the brackets around all that a macro stands for
    if (is_written()) children.push_back(child);
  };
  if (const auto* loop = llvm::dyn_cast<clang::CXXForRangeStmt>(node)) {
    add(loop->getInit());
    add(loop->getRangeInit());
    add(loop->getBody());
    return children;
  }
  if (const auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(node)) {
    add(lambda->getBody());
    return children;
  }
  // `a != b` that calls operator==: its meaning is !(a == b), its text has the two operands.
  if (const auto* rewritten = llvm::dyn_cast<clang::CXXRewrittenBinaryOperator>(node)) {
    add(rewritten->getLHS());
    add(rewritten->getRHS());
    return children;
  }
  for (const clang::Stmt* child : node->children()) add(child);
  return children;
}

const clang::Stmt* node_at(const clang::Stmt* body, const std::string& path, const clang::ASTContext& context) {
  const clang::Stmt* node = body;
  std::size_t place = 0;
  while (place < path.size()) {
    std::size_t index = 0, digits = 0;
    for (; place < path.size() && path[place] >= '0' && path[place] <= '9'; ++place, ++digits) {
      if (digits > 6) return nullptr;
      index = index * 10 + static_cast<std::size_t>(path[place] - '0');
    }
    if (digits == 0 || (place < path.size() && path[place] != '.')) return nullptr;
    if (place < path.size() && ++place == path.size()) return nullptr;
    const auto children = children_of(node, context);
    if (index >= children.size()) return nullptr;
    node = children[index];
  }
  return node;
}

clang::CharSourceRange range_of(const clang::Stmt* node, const clang::ASTContext& context, bool whole) {
  const auto& sources = context.getSourceManager();
  clang::CharSourceRange range =
      clang::Lexer::makeFileCharRange(clang::CharSourceRange::getTokenRange(node->getSourceRange()), sources, context.getLangOpts());
  if (!whole || range.isInvalid()) return range;
  // The semicolon belongs to an expression or return statement but not to its AST node.
  const auto next = clang::Lexer::findNextToken(node->getEndLoc(), sources, context.getLangOpts());
  if (next && next->is(clang::tok::semi) && !llvm::isa<clang::CompoundStmt, clang::DeclStmt, clang::NullStmt>(node)) range.setEnd(next->getEndLoc());
  return range;
}

std::string text_of(clang::CharSourceRange range, const clang::ASTContext& context) {
  return clang::Lexer::getSourceText(range, context.getSourceManager(), context.getLangOpts()).str();
}

}  // namespace hyperagent::tooling
