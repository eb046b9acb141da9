#include <algorithm>
#include <tuple>

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>
#include "tooling/programs/assemble.h"
#include "tooling/programs/compiler.h"
#include "tooling/programs/mutators.h"
#include "tooling/programs/programs.h"

namespace hyperagent::programs {
namespace {

class Consumer : public clang::ASTConsumer {
 public:
  Consumer(const Unit& unit, std::vector<Edit>& out) : unit_(unit), out_(out) {}
  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    top_.insert(top_.end(), group.begin(), group.end());
    return true;
  }
  void HandleTranslationUnit(clang::ASTContext& context) override {
    if (context.getDiagnostics().hasErrorOccurred()) return;
    // Looking at a declaration may read more of the precompiled header, which calls HandleTopLevelDecl again.
    const std::vector<clang::Decl*> top = std::move(top_);
    const Piece& piece = unit_.pieces.front();
    out_ = collect_edits(context, top, unit_.text, static_cast<long long>(piece.begin), static_cast<long long>(piece.end));
  }

 private:
  const Unit& unit_;
  std::vector<Edit>& out_;
  std::vector<clang::Decl*> top_;
};

class Action : public clang::ASTFrontendAction {
 public:
  Action(const Unit& unit, std::vector<Edit>& out) : unit_(unit), out_(out) {}
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance&, llvm::StringRef) override {
    return std::make_unique<Consumer>(unit_, out_);
  }

 private:
  const Unit& unit_;
  std::vector<Edit>& out_;
};

// Too many: whole tiers first; the tier that overflows is thinned evenly over the program, so no part of it goes without.
std::vector<Edit> capped(std::vector<Edit> edits) {
  std::vector<Edit> out;
  for (int tier = 1; tier <= 3; ++tier) {
    std::vector<Edit> of_tier;
    for (const Edit& edit : edits) if (edit.tier == tier) of_tier.push_back(edit);
    const std::size_t room = static_cast<std::size_t>(kMutantCap) - out.size();
    const std::size_t keep = std::min(room, of_tier.size());
    for (std::size_t i = 0; i < keep; ++i) out.push_back(of_tier[i * of_tier.size() / keep]);
  }
  return out;
}

bool in_source_order(const Edit& a, const Edit& b) { return std::tie(a.offset, a.length, a.tier, a.kind, a.text) < std::tie(b.offset, b.length, b.tier, b.kind, b.text); }

}  // namespace

Json mutate_cpp(const Json& request, const std::string& share) {
  if (!request.contains("source") || !request["source"].is_string() || !request.contains("entry") || !request["entry"].is_string()) {
    return {{"error", "mutate_cpp needs \"source\" and \"entry\""}};
  }
  const std::string source = request["source"];
  const Cleaned cleaned = clean(source);
  if (!cleaned.error.empty()) return {{"error", cleaned.error}};
  const Unit unit = assemble({cleaned}, {0}, request["entry"], false);
  std::vector<Edit> edits;
  Problems problems;
  Action action(unit, edits);
  if (!run_action(action, unit.text, share, problems)) return {{"error", "the compiler could not be set up"}};
  if (!problems.list().empty()) return {{"error", "does not compile: " + problems.list().front().message}};
  const long long begin = static_cast<long long>(unit.pieces.front().begin);
  std::sort(edits.begin(), edits.end(), in_source_order);
  std::set<std::string> seen = {source};
  std::vector<Edit> distinct;
  for (Edit& edit : edits) {
    edit.offset -= begin;
    if (edit.offset < 0 || edit.offset + edit.length > static_cast<long long>(source.size())) continue;
    std::string mutant = source;
    mutant.replace(static_cast<std::size_t>(edit.offset), static_cast<std::size_t>(edit.length), edit.text);
    if (seen.insert(std::move(mutant)).second) distinct.push_back(std::move(edit));
  }
  if (distinct.size() > static_cast<std::size_t>(kMutantCap)) distinct = capped(std::move(distinct));
  std::sort(distinct.begin(), distinct.end(), in_source_order);
  Json reply = {{"mutants", Json::array()}};
  for (const Edit& edit : distinct) {
    reply["mutants"].push_back({{"offset", edit.offset}, {"length", edit.length}, {"text", edit.text}, {"line", edit.line}, {"kind", edit.kind}});
  }
  return reply;
}

}  // namespace hyperagent::programs
