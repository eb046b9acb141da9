#include "tooling/sites.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>

#include <algorithm>
#include <map>

#include "tooling/site_edits.h"
#include "tooling/site_finder.h"

namespace hyperagent::tooling {
namespace {

constexpr int kAttempts = 16;        // draws before a group is said to have nothing that fits
constexpr int kMostCounted = 1000;   // edits of one site that are looked at
constexpr std::size_t kListed = 16;  // of them

// The agent's own functions that are complete before `function` starts: callable there without recursion.
void add_own_functions(const Program& program, const Function& function, const Vocabulary& vocabulary, std::vector<Block>& blocks) {
  for (const Function& other : program.functions()) {
    if (other.file != function.file || other.decl == function.decl || llvm::isa<clang::CXXMethodDecl>(other.decl) || other.decl->isTemplated()) continue;
    if (function.decl->isConstexpr() && !other.decl->isConstexpr()) continue;
    if (other.decl->getEndLoc() < function.decl->getBeginLoc()) blocks.push_back(block_of(other.decl, vocabulary));
  }
}

}  // namespace

Json site_groups(const Program& program) {
  Json groups = Json::array();
  // Literals of vocabulary parameters count as sites whatever the words are: offer two, so that they can change.
  Vocabulary any;
  for (const char* kind : {"text_field", "number_field", "numbers_field", "label", "mutation_kind"}) any.words[kind] = {"a", "b"};
  for (const Function& function : program.functions()) {
    const auto sites = find_sites(function, any);
    for (const char* kind : kKinds) {
      const auto count = std::count_if(sites.begin(), sites.end(), [&](const Site& site) { return site.kind == kind; });
      if (count > 0)
        groups.push_back({{"function", function.signature}, {"half", half_of(function.file)}, {"file", function.file}, {"kind", kind}, {"sites", count}});
    }
  }
  return {{"groups", groups}};
}

namespace {

Blocks blocks_for(const Program& program, const Function& function, const Vocabulary& vocabulary) {
  std::vector<Block> blocks = api_blocks(function.context(), vocabulary);
  add_own_functions(program, function, vocabulary, blocks);
  return Blocks(std::move(blocks));
}

// Distinct edits, with how likely each is, in the order in which they came first.
class Ranking {
 public:
  void add(double likelihood, std::optional<Json> edit) {
    if (!edit) return;
    const auto [known, fresh] = places_.try_emplace(edit->dump(), edits_.size());
    if (fresh) edits_.emplace_back(0, std::move(*edit));
    edits_[known->second].first += likelihood;
  }
  std::size_t size() const { return edits_.size(); }
  // The likeliest first.
  Json take(std::size_t most) {
    std::stable_sort(edits_.begin(), edits_.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    Json list = Json::array();
    for (std::size_t i = 0; i < edits_.size() && i < most; ++i) list.push_back(std::move(edits_[i].second));
    return list;
  }

 private:
  std::map<std::string, std::size_t> places_;
  std::vector<std::pair<double, Json>> edits_;
};

// Sets "edits", and "count" where there is one.
void list_edits(const Site& site, std::uint64_t number, const Function& function, const Blocks& blocks, Json& listed) {
  Ranking edits;
  EveryChoice every;
  if (is_countable(site)) {
    int runs = 0;
    do {
      auto edit = edit_of(site, function, blocks, every, kCountedDepth);
      edits.add(every.likelihood(), std::move(edit));
    } while (++runs < kMostCounted && every.next());
    listed["count"] = edits.size();
    listed["open"] = every.is_open() || runs == kMostCounted;
  } else {
    for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
      Rng rng = Rng::at(number, {attempt});
      RandomChoices choices(rng);
      edits.add(1, edit_of(site, function, blocks, choices, kDrawnDepth));
    }
    listed["open"] = true;
  }
  listed["edits"] = edits.take(kListed);
}

}  // namespace

Json draw_edit(const Program& program, const std::string& name, const std::string& kind, std::uint64_t seed, const Vocabulary& vocabulary) {
  auto found = program.function(name);
  if (auto* refused = std::get_if<Refusal>(&found)) return {{"edit", nullptr}, {"error", refused->message}};
  const Function function = std::get<Function>(found);
  std::vector<Site> sites = find_sites(function, vocabulary);
  std::erase_if(sites, [&](const Site& site) { return site.kind != kind; });
  if (sites.empty()) return {{"edit", nullptr}};
  const Blocks blocks = blocks_for(program, function, vocabulary);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Rng rng = Rng::at(seed, {static_cast<std::uint64_t>(attempt)});
    const Site& site = sites[rng.below(sites.size())];
    RandomChoices choices(rng);
    if (auto edit = edit_of(site, function, blocks, choices, kDrawnDepth)) return {{"edit", std::move(*edit)}};
  }
  return {{"edit", nullptr}};
}

Json list_sites(const Program& program, const Vocabulary& vocabulary, const std::string& name) {
  Json list = Json::array();
  for (const Function& function : program.functions()) {
    if (!name.empty() && name != function.name && name != function.signature) continue;
    const clang::ASTContext& context = function.context();
    const Blocks blocks = blocks_for(program, function, vocabulary);
    std::uint64_t number = 0;
    for (const Site& site : find_sites(function, vocabulary)) {
      list.push_back({{"function", function.signature},
                      {"file", function.file},
                      {"half", half_of(function.file)},
                      {"kind", site.kind},
                      {"path", site.path},
                      {"line", context.getSourceManager().getExpansionLineNumber(site.node->getBeginLoc())},
                      {"text", text_of(range_of(site.node, context, false), context)},
                      {"type", site.type}});
      list_edits(site, ++number, function, blocks, list.back());
    }
  }
  return {{"sites", list}};
}

}  // namespace hyperagent::tooling
