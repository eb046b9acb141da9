#include <algorithm>
#include <map>
#include <tuple>

#include "tooling/programs/assemble.h"
#include "tooling/programs/compiler.h"
#include "tooling/programs/mutators.h"
#include "tooling/programs/programs.h"
#include "tooling/programs/schemata.h"

namespace hyperagent::programs {
namespace {

// `keep` of them, spread evenly over the program so that no part of it goes without.
void thin(const std::vector<Edit>& edits, std::size_t keep, std::vector<Edit>& out) {
  for (std::size_t i = 0; i < keep; ++i) out.push_back(edits[i * edits.size() / keep]);
}

// Too many: whole tiers first. In the tier that overflows every kind has the same share, and what a small kind leaves goes to the larger ones.
std::vector<Edit> capped(const std::vector<Edit>& edits) {
  std::vector<Edit> out;
  for (int tier = 1; tier <= 3; ++tier) {
    std::map<std::string, std::vector<Edit>> by_kind;
    for (const Edit& edit : edits) if (edit.tier == tier) by_kind[edit.kind].push_back(edit);
    std::vector<const std::vector<Edit>*> kinds;
    for (const auto& [kind, list] : by_kind) kinds.push_back(&list);
    std::stable_sort(kinds.begin(), kinds.end(), [](const auto* a, const auto* b) { return a->size() < b->size(); });
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const std::size_t share = (static_cast<std::size_t>(kMutantCap) - out.size()) / (kinds.size() - i);
      thin(*kinds[i], std::min(share, kinds[i]->size()), out);
    }
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
  Schema none;
  const Unit unit = assemble({cleaned}, {0}, request["entry"], none);
  std::vector<Edit> edits;
  Problems problems;
  const auto action = after_parse([&](clang::ASTContext& context, const std::vector<clang::Decl*>& top) {
    const Piece& piece = unit.pieces.front();
    edits = collect_edits(context, top, unit.text, static_cast<long long>(piece.begin), static_cast<long long>(piece.end));
  });
  if (!run_action(*action, unit.text, share, problems)) return {{"error", "the compiler could not be set up"}};
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
  if (distinct.size() > static_cast<std::size_t>(kMutantCap)) distinct = capped(distinct);
  std::sort(distinct.begin(), distinct.end(), in_source_order);
  Json reply = {{"mutants", Json::array()}};
  for (const Edit& edit : distinct) {
    reply["mutants"].push_back({{"offset", edit.offset}, {"length", edit.length}, {"text", edit.text}, {"line", edit.line}, {"kind", edit.kind}});
  }
  return reply;
}

}  // namespace hyperagent::programs
