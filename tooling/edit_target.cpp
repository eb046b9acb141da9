#include "tooling/edit_target.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/DeclCXX.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>

#include "hyperagent/core/nearest.h"
#include "tooling/edit_code.h"

namespace hyperagent::tooling {
namespace {

std::string parent_path(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

std::string squeezed(const std::string& text) {
  std::string out;
  for (char c : text)
    if (!isspace(static_cast<unsigned char>(c))) out += c;
  return out;
}

// The path of a node with this text; empty when there is none. Depth first, so the first is the outermost.
std::string path_of_text(const clang::Stmt* node, const std::string& path, const std::string& wanted, const clang::ASTContext& context) {
  const auto children = children_of(node, context);
  for (std::size_t i = 0; i < children.size(); ++i) {
    const std::string here = path + (path.empty() ? "" : ".") + std::to_string(i);
    const auto range = range_of(children[i], context, false);
    if (range.isValid() && same_code(text_of(range, context), wanted)) return here;
    if (const std::string below = path_of_text(children[i], here, wanted, context); !below.empty()) return below;
  }
  return "";
}

std::optional<Refusal> check_expected(const Spot& spot, const std::string& wanted, const Program& program) {
  if (wanted.empty()) return std::nullopt;
  const std::string there = spot.text();
  if (same_code(there, wanted)) return std::nullopt;
  std::string message = where(spot.place, program) + ": expected '" + wanted + "' but found '" + there + "'";
  if (squeezed(there) == squeezed(wanted)) {
    message += "; they differ by white space that parts words";
  } else if (const std::string path = path_of_text(spot.function.body(), "", wanted, program.context(spot.function.file)); !path.empty()) {
    message += "; the text expected is at path '" + path + "'";
  }
  return Refusal{refusal::kExpectation, message};
}

Refusal no_node(const Function& function, const std::string& path) {
  const clang::ASTContext& context = function.context();
  std::string known = path;
  while (!known.empty() && node_at(function.body(), known, context) == nullptr) known = parent_path(known);
  const std::size_t count = children_of(node_at(function.body(), known, context), context).size();
  const std::string inside = known.empty() ? "the body" : "the node at '" + known + "'";
  return {refusal::kNotFound, "no node at path '" + path + "' of " + function.signature + "; " + inside + " has " +
                                  (count == 0   ? "no children"
                                   : count == 1 ? "one child, 0"
                                                : "children 0 to " + std::to_string(count - 1))};
}

bool in_block(const Function& function, const std::string& path) {
  return !path.empty() && llvm::isa_and_nonnull<clang::CompoundStmt>(node_at(function.body(), parent_path(path), function.context()));
}

void collect(const Program& program, SyntaxTree& tree, clang::Decl* decl, std::vector<TopLevel>& out) {
  if (decl->isFromASTFile() || decl->isImplicit()) return;
  if (llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(decl)) {
    for (clang::Decl* inner : llvm::cast<clang::DeclContext>(decl)->decls()) collect(program, tree, inner, out);
    return;
  }
  const auto* named = llvm::dyn_cast<clang::NamedDecl>(decl);
  if (named == nullptr) return;
  const std::string file = program.file_of(named->getLocation(), tree.sources());
  if (!file.empty()) out.push_back({file, named});
}

}  // namespace

std::string Request::text(const char* member) const {
  const auto found = edit.find(member);
  return found != edit.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string Request::code() const { return closed(text("code")); }

Plan plan_of(std::vector<NewText> texts) {
  Plan plan;
  for (const NewText& text : texts) plan.places.push_back(text.place);
  plan.apply = [texts = std::move(texts)]() -> Verdict<Changes> {
    Changes changes;
    for (const NewText& text : texts) {
      clang::tooling::Replacement replacement(text.place.file, text.place.offset, text.place.length, text.code);
      if (auto failed = changes[text.place.file].add(replacement)) {
        llvm::consumeError(std::move(failed));
        return Refusal{refusal::kNotApplicable, "the edited places overlap"};
      }
    }
    return changes;
  };
  return plan;
}

Plan plan_of(Place place, std::string code) {
  std::vector<NewText> texts;
  texts.push_back({std::move(place), std::move(code)});
  return plan_of(std::move(texts));
}

std::string Spot::text() const { return text_of(range, function.decl->getASTContext()); }

Verdict<Function> function_of(const Request& request) { return request.program.function(request.text("function"), request.text("file")); }

Verdict<Spot> spot_of(const Request& request, const char* member, bool whole) {
  auto found = function_of(request);
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  Spot spot{std::get<Function>(found), nullptr, {}, {}};
  const std::string path = request.text(member);
  const clang::ASTContext& context = spot.function.context();
  spot.node = node_at(spot.function.body(), path, context);
  if (spot.node == nullptr) return no_node(spot.function, path);
  spot.range = range_of(spot.node, context, whole);
  if (spot.range.isInvalid()) return Refusal{refusal::kNotApplicable, "the node at path '" + path + "' comes from a macro"};
  spot.place = place_of(spot.function.file, spot.range, context.getSourceManager());
  if (std::string(member) == "path")
    if (auto refused = check_expected(spot, request.text("expect"), request.program)) return *refused;
  if (whole && !in_block(spot.function, path)) return Refusal{refusal::kNotApplicable, "path '" + path + "' is not a statement of a block"};
  return spot;
}

std::vector<clang::Decl*> own_declarations(SyntaxTree& tree) {
  std::vector<clang::Decl*> own;
  for (clang::Decl* decl : tree.top_level()) {
    // What stands inside a namespace is reached through it; what a template was made into stands nowhere.
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl);
    const bool instance = function != nullptr && function->isTemplateInstantiation();
    if (!decl->isFromASTFile() && !instance && decl->getLexicalDeclContext()->isTranslationUnit()) own.push_back(decl);
  }
  return own;
}

NarrowedScope::NarrowedScope(clang::ASTContext& context, std::vector<clang::Decl*> scope) : context_(context) {
  context_.setTraversalScope(scope);
}
NarrowedScope::~NarrowedScope() { context_.setTraversalScope({context_.getTranslationUnitDecl()}); }

std::vector<TopLevel> top_levels(const Program& program) {
  std::vector<TopLevel> all;
  for (const auto& [path, text] : program.files()) {
    if (!program.parsed(path)) continue;
    SyntaxTree& tree = program.tree(path);
    for (clang::Decl* decl : own_declarations(tree)) collect(program, tree, decl, all);
  }
  return all;
}

Verdict<TopLevel> top_level(const Program& program, const std::string& name, const std::string& file) {
  std::vector<TopLevel> matches;
  std::vector<std::string> known;
  std::map<const clang::Decl*, std::string> signatures;
  for (const Function& function : program.functions()) signatures[function.decl] = function.signature;
  std::set<std::pair<std::string, unsigned>> seen;  // a header's declarations come once for every source that includes it
  for (const TopLevel& candidate : top_levels(program)) {
    if (!file.empty() && candidate.file != file) continue;
    const auto& sources = candidate.decl->getASTContext().getSourceManager();
    if (!seen.insert({candidate.file, sources.getFileOffset(sources.getExpansionLoc(candidate.decl->getLocation()))}).second) continue;
    const auto signature = signatures.find(candidate.decl);
    known.push_back(candidate.decl->getNameAsString());
    const bool match = candidate.decl->getNameAsString() == name || candidate.decl->getQualifiedNameAsString() == name ||
                       spelled_name(candidate.decl) == name || (signature != signatures.end() && signature->second == name);
    if (match) matches.push_back(candidate);
  }
  if (matches.size() == 1) return matches.front();
  if (auto refused = matches.empty() ? program.unknown_file(file) : std::nullopt) return *refused;
  if (matches.empty())
    return Refusal{refusal::kNotFound, "no declaration '" + name + "' at namespace level" + did_you_mean(bare_name(name), known)};
  std::string places;
  for (const TopLevel& match : matches) {
    const auto signature = signatures.find(match.decl);
    const auto& sources = match.decl->getASTContext().getSourceManager();
    places += (places.empty() ? "" : ", ") + (signature != signatures.end() ? signature->second : match.decl->getNameAsString()) + " (" + match.file + ":" +
              std::to_string(sources.getExpansionLineNumber(match.decl->getLocation())) + ")";
  }
  return Refusal{refusal::kAmbiguous, "'" + name + "' names several declarations; give the signature or the file of one: " + places};
}

clang::SourceLocation begin_with_attributes(const clang::Decl* decl) {
  const auto& sources = decl->getASTContext().getSourceManager();
  clang::SourceLocation begin = sources.getExpansionLoc(decl->getBeginLoc());
  const llvm::StringRef text = sources.getBufferData(sources.getFileID(begin));
  for (const clang::Attr* attribute : decl->attrs()) {
    if (attribute->isInherited()) continue;  // stands at an earlier declaration
    clang::SourceLocation at = sources.getExpansionLoc(attribute->getLocation());
    if (at.isInvalid() || !sources.isBeforeInTranslationUnit(at, begin) || sources.getFileID(at) != sources.getFileID(begin)) continue;
    const std::size_t brackets = text.take_front(sources.getFileOffset(at)).rfind("[[");
    const bool written =
        attribute->getLocation().isFileID() && brackets != llvm::StringRef::npos;  // else a macro stands for it, brackets and all
    if (written) at = at.getLocWithOffset(static_cast<int>(brackets) - static_cast<int>(sources.getFileOffset(at)));
    if (sources.isBeforeInTranslationUnit(at, begin)) begin = at;
  }
  return begin;
}

clang::CharSourceRange declaration_range(const TopLevel& target, const clang::ASTContext& context) {
  const auto& sources = context.getSourceManager();
  clang::SourceRange written = target.decl->getSourceRange();
  if (const clang::TemplateDecl* shell = target.decl->getDescribedTemplate()) written = shell->getSourceRange();
  auto range = clang::Lexer::getAsCharRange(clang::CharSourceRange::getTokenRange(written), sources, context.getLangOpts());
  const clang::SourceLocation begin = begin_with_attributes(target.decl);
  if (range.isValid() && sources.isBeforeInTranslationUnit(begin, range.getBegin())) range.setBegin(begin);
  const auto next = clang::Lexer::findNextToken(written.getEnd(), sources, context.getLangOpts());
  if (next && next->is(clang::tok::semi)) range.setEnd(next->getEndLoc());
  return range;
}

Place place_of(const std::string& file, clang::CharSourceRange range, const clang::SourceManager& sources) {
  const unsigned begin = sources.getFileOffset(range.getBegin()), end = sources.getFileOffset(range.getEnd());
  return {file, begin, end - begin};
}

std::string where(const Place& place, const Program& program) {
  const auto file = program.files().find(place.file);
  if (file == program.files().end()) return place.file;
  const auto end = file->second.begin() + std::min<std::size_t>(place.offset, file->second.size());
  return place.file + ":" + std::to_string(1 + std::count(file->second.begin(), end, '\n'));
}

}  // namespace hyperagent::tooling
