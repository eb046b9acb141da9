#include "tooling/program.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>
#include <clang/Lex/Lexer.h>

#include "tooling/nearest.h"

namespace hyperagent::tooling {

std::string spelled_name(const clang::NamedDecl* decl) {
  std::string name = decl->getQualifiedNameAsString();
  const std::string anonymous = "(anonymous namespace)::";
  for (std::size_t at = name.find(anonymous); at != std::string::npos; at = name.find(anonymous)) name.erase(at, anonymous.size());
  return name;
}

namespace {

std::string signature_of(const clang::FunctionDecl* decl) {
  clang::PrintingPolicy policy(decl->getASTContext().getLangOpts());
  std::string text = spelled_name(decl) + "(";
  for (unsigned i = 0; i < decl->getNumParams(); ++i) {
    if (i > 0) text += ", ";
    text += decl->getParamDecl(i)->getType().getAsString(policy);
  }
  return text + ")";
}

// Of a class template: its members have the template's text and no place of their own.
bool is_instance(const clang::CXXRecordDecl* record) { return clang::isTemplateInstantiation(record->getTemplateSpecializationKind()); }

void collect_in(const clang::DeclContext* context, const std::string& file, std::vector<Function>& found);

// The functions that a declaration is or holds; of a template its pattern.
void collect(const clang::Decl* decl, const std::string& file, std::vector<Function>& found) {
  if (decl->isImplicit() || decl->isFromASTFile()) return;
  if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl)) return collect_in(space, file, found);
  if (const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(decl)) return is_instance(record) ? void() : collect_in(record, file, found);
  if (const auto* shell = llvm::dyn_cast<clang::ClassTemplateDecl>(decl)) return collect_in(shell->getTemplatedDecl(), file, found);
  const auto* shell = llvm::dyn_cast<clang::FunctionTemplateDecl>(decl);
  const auto* function = shell != nullptr ? shell->getTemplatedDecl() : llvm::dyn_cast<clang::FunctionDecl>(decl);
  if (function == nullptr || !function->doesThisDeclarationHaveABody() || function->isDefaulted() || function->isTemplateInstantiation()) return;
  const auto& sources = decl->getASTContext().getSourceManager();
  if (sources.isInMainFile(sources.getExpansionLoc(function->getLocation()))) found.push_back({function, spelled_name(function), signature_of(function), file});
}

void collect_in(const clang::DeclContext* context, const std::string& file, std::vector<Function>& found) {
  for (const clang::Decl* decl : context->decls()) collect(decl, file, found);
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
  for (const auto& [path, text] : program.files_) {
    if (!is_source(path) || text.find(word) == std::string::npos) continue;
    auto tree = compiler.parse(path, program.files_);
    if (!tree->errors().empty()) return refuse(tree->errors());
    program.trees_.emplace(path, std::move(tree));
  }
  return program;
}

std::vector<Function> Program::functions() const {
  std::vector<Function> found;
  for (const auto& [path, tree] : trees_) {
    std::vector<Function> here;
    // Top-level declarations of the main file only: walking the whole unit would pull in the precompiled header.
    for (const clang::Decl* decl : tree->top_level()) collect(decl, path, here);
    found.insert(found.end(), here.begin(), here.end());
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
  if (!entry || !entry->getName().starts_with(root_)) return "";
  const std::string path = entry->getName().drop_front(root_.size()).str();
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

std::vector<const clang::Stmt*> children_of(const clang::Stmt* node) {
  std::vector<const clang::Stmt*> children;
  const auto add = [&](const clang::Stmt* child) {
    if (child == nullptr) return;
    if (const auto* expr = llvm::dyn_cast<clang::Expr>(child)) child = expr->IgnoreUnlessSpelledInSource();
    if (llvm::isa<clang::CXXDefaultArgExpr>(child) || child->getBeginLoc().isInvalid()) return;
    // A macro's inside has no text of its own to edit.
    if (child->getBeginLoc().isMacroID() || child->getEndLoc().isMacroID()) return;
    children.push_back(child);
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

const clang::Stmt* node_at(const clang::Stmt* body, const std::string& path) {
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
    const auto children = children_of(node);
    if (index >= children.size()) return nullptr;
    node = children[index];
  }
  return node;
}

clang::CharSourceRange range_of(const clang::Stmt* node, const clang::ASTContext& context, bool whole) {
  const auto& sources = context.getSourceManager();
  clang::CharSourceRange range =
      clang::Lexer::getAsCharRange(clang::CharSourceRange::getTokenRange(node->getSourceRange()), sources, context.getLangOpts());
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
