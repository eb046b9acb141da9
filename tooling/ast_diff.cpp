// Theory of operation. Declarations at namespace level ("entities") are paired by name, then by likeness (renames); the pairs whose tokens
// differ are compared node by node (ast_diff_pairing.h); references that follow a rename are folded into it.
#include "tooling/ast_diff.h"

#include <algorithm>
#include <map>
#include <memory>

#include <clang/AST/ASTContext.h>
#include <llvm/ADT/edit_distance.h>

#include "tooling/ast_diff_pairing.h"
#include "tooling/digest.h"

namespace hyperagent::tooling {
namespace {

using namespace diff;

struct Group {
  std::string name, file, status, old_name, old_file;
  std::vector<Change> changes;
};

struct Version {
  std::map<std::string, std::unique_ptr<Source>> sources;
  std::vector<Entity> entities;
  std::vector<int> partner;
};

bool is_header(const std::string& path) { return path.ends_with(".h") || path.ends_with(".hpp"); }
bool is_cpp(const std::string& path) { return is_header(path) || path.ends_with(".cpp") || path.ends_with(".cc"); }

// Parses the C++ files that differ; returns what Clang said when one does not parse.
std::string load(const Compiler& compiler, const Files& files, const Files& others, Version& version, std::vector<std::string>& unparsed) {
  for (const auto& [path, text] : files) {
    const auto other = others.find(path);
    if (!is_cpp(path) || (other != others.end() && other->second == text)) continue;
    auto source = std::make_unique<Source>();
    source->path = path;
    source->text = text;
    source->tree = compiler.parse(path, files);
    if (!source->tree->errors().empty()) {
      if (!is_header(path)) return describe(source->tree->errors());
      unparsed.push_back(path);  // it may need what the file that includes it has declared before
      continue;
    }
    tokenise(*source);
    version.sources[path] = std::move(source);
  }
  for (const std::string& path : unparsed) version.sources.erase(path);
  for (auto& [path, source] : version.sources)
    for (clang::Decl* decl : source->tree->top_level())
      if (decl->getLexicalDeclContext()->isTranslationUnit()) collect(*source, decl, version.entities);
  version.partner.assign(version.entities.size(), -1);
  return "";
}

void pair_entities(Version& v1, Version& v2) {
  const auto pass = [&](const auto& agree) {
    for (std::size_t i = 0; i < v1.entities.size(); ++i)
      for (std::size_t j = 0; j < v2.entities.size() && v1.partner[i] < 0; ++j)
        if (v2.partner[j] < 0 && agree(v1.entities[i], v2.entities[j])) v1.partner[i] = j, v2.partner[j] = i;
  };
  const auto same_file = [](const Entity& a, const Entity& b) { return a.source->path == b.source->path; };
  pass([&](const Entity& a, const Entity& b) { return same_file(a, b) && a.key == b.key && a.hash == b.hash; });
  pass([&](const Entity& a, const Entity& b) { return same_file(a, b) && a.key == b.key; });
  pass([&](const Entity& a, const Entity& b) { return a.key == b.key; });
  pass([&](const Entity& a, const Entity& b) { return same_file(a, b) && a.name == b.name; });
  // Renamed: the likest first.
  struct Guess { double like; int i, j; };
  std::vector<Guess> guesses;
  for (std::size_t i = 0; i < v1.entities.size(); ++i)
    for (std::size_t j = 0; j < v2.entities.size(); ++j) {
      const Entity &a = v1.entities[i], &b = v2.entities[j];
      if (v1.partner[i] >= 0 || v2.partner[j] >= 0 || a.decl->getKind() != b.decl->getKind()) continue;
      const double like = likeness(*a.source, a.first, a.last, *b.source, b.first, b.last);
      if (like >= 0.7) guesses.push_back({like + (same_file(a, b) ? 1 : 0), static_cast<int>(i), static_cast<int>(j)});
    }
  std::stable_sort(guesses.begin(), guesses.end(), [](const Guess& a, const Guess& b) { return a.like > b.like; });
  for (const Guess& guess : guesses)
    if (v1.partner[guess.i] < 0 && v2.partner[guess.j] < 0) v1.partner[guess.i] = guess.j, v2.partner[guess.j] = guess.i;
}
Json whole(const Entity& entity) {
  const int last = entity.source->is(entity.last, ";") ? entity.last + 1 : entity.last;
  return place(*entity.source, entity.source->tokens[entity.first].offset, snippet(*entity.source, entity.first, last));
}

std::string node_name(const Entity& entity) { return clang::ASTNodeKind::getFromNode(*entity.decl).asStringRef().str(); }

// Entities of one file that no longer stand in their old order (the fewest that explain it).
std::vector<char> reordered(const Version& v1, const Version& v2) {
  std::vector<char> moved(v2.entities.size(), 0);
  for (const auto& [path, source] : v2.sources) {
    std::vector<int> own, length, previous;
    for (std::size_t j = 0; j < v2.entities.size(); ++j)
      if (v2.entities[j].source == source.get() && v2.partner[j] >= 0 && v1.entities[v2.partner[j]].source->path == path)
        own.push_back(static_cast<int>(j));
    int best = -1;
    for (std::size_t k = 0; k < own.size(); ++k) {
      length.push_back(1), previous.push_back(-1), moved[own[k]] = 1;
      for (std::size_t i = 0; i < k; ++i)
        if (v2.partner[own[i]] < v2.partner[own[k]] && length[i] >= length[k]) length[k] = length[i] + 1, previous[k] = static_cast<int>(i);
      if (best < 0 || length[k] > length[best]) best = static_cast<int>(k);
    }
    for (; best >= 0; best = previous[best]) moved[own[best]] = 0;
  }
  return moved;
}

std::vector<std::string> lines_of(llvm::StringRef text) {
  std::vector<std::string> lines;
  for (; !text.empty(); text = text.split('\n').second) lines.push_back(text.split('\n').first.str());
  return lines;
}

// Include and macro lines have no nodes.
void compare_preprocessor(const std::string& path, const std::string& before, const std::string& after, std::vector<Group>& groups) {
  const auto directives = [](const std::string& text) {
    std::vector<std::pair<std::string, int>> out;
    const auto lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (const auto line = llvm::StringRef(lines[i]).trim(); line.starts_with("#")) out.emplace_back(line.str(), i + 1);
    return out;
  };
  auto gone = directives(before), added = directives(after);
  for (std::size_t i = 0; i < gone.size();) {
    const auto same = std::find_if(added.begin(), added.end(), [&](const auto& line) { return line.first == gone[i].first; });
    if (same == added.end()) { ++i; continue; }
    added.erase(same);
    gone.erase(gone.begin() + i);
  }
  const auto at = [](const auto& line) -> Json { return {{"line", line.second}, {"column", 1}, {"text", cut(line.first)}}; };
  Group group{"global preprocessor", path, "changed", "", "", {}};
  const bool update = gone.size() == 1 && added.size() == 1;
  if (update) group.changes.push_back({group.name, "update", "Directive", "", at(gone[0]), at(added[0])});
  for (const auto& line : gone) if (!update) group.changes.push_back({group.name, "delete", "Directive", "", at(line), nullptr});
  for (const auto& line : added) if (!update) group.changes.push_back({group.name, "insert", "Directive", "", nullptr, at(line)});
  if (!group.changes.empty()) groups.push_back(std::move(group));
}

Json file_lines(const std::string& path, const std::string& before, const std::string& after) {
  // Insertions plus deletions are the edit distance without replacement; their difference is that of the lengths.
  std::vector<std::size_t> a, b;
  for (const auto& line : lines_of(before)) a.push_back(hash_text(line));
  for (const auto& line : lines_of(after)) b.push_back(hash_text(line));
  while (!a.empty() && !b.empty() && a.back() == b.back()) a.pop_back(), b.pop_back();
  const std::size_t head = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  const auto rest1 = llvm::ArrayRef(a).drop_front(head), rest2 = llvm::ArrayRef(b).drop_front(head);
  const std::size_t edits = llvm::ComputeEditDistance(rest1, rest2, false);
  const std::size_t added = (edits + rest2.size() - rest1.size()) / 2;
  return {{"file", path}, {"added", added}, {"removed", edits - added}};
}

// References that only follow a renamed declaration are counted there.
void fold_renames(std::vector<Group>& groups) {
  const auto key = [](const clang::Decl* decl) -> std::string {
    const auto* named = llvm::dyn_cast_or_null<clang::NamedDecl>(decl);
    if (named == nullptr) return "";
    // A local is itself; anything else is known by name, also in another file.
    return named->getParentFunctionOrMethod() != nullptr || llvm::isa<clang::ParmVarDecl>(named)
               ? std::to_string(reinterpret_cast<std::uintptr_t>(named)) : named->getQualifiedNameAsString();
  };
  const auto bare = [](const clang::Decl* decl) {
    const auto* named = llvm::dyn_cast_or_null<clang::NamedDecl>(decl);
    return named != nullptr ? named->getNameAsString() : std::string();
  };
  std::map<std::pair<std::string, std::string>, Change*> renamed;
  for (Group& group : groups)
    for (Change& change : group.changes)
      if (change.declaration && bare(change.from) != bare(change.to)) renamed.try_emplace({key(change.from), key(change.to)}, &change);
  for (Group& group : groups) {
    for (Change& change : group.changes) {
      const auto found = change.from != nullptr && !change.declaration ? renamed.find({key(change.from), key(change.to)}) : renamed.end();
      if (found == renamed.end()) continue;
      ++found->second->uses;
      change.kind.clear();
    }
    std::erase_if(group.changes, [](const Change& change) { return change.kind.empty(); });
  }
  std::erase_if(groups, [](const Group& group) { return group.changes.empty(); });
}

// The same for the same change in the same function, whatever else changed; equal ones are numbered.
std::string change_id(const Group& group, const Change& change, std::map<std::string, int>& seen) {
  const auto text = [](const Json& place) { return place.is_object() ? place.value("text", "") : std::string(); };
  std::string all;
  for (const std::string& part : {group.file, group.name, change.kind, text(change.before), text(change.after), change.context}) all += part + '\0';
  const std::string id = digest(all).substr(0, 12);
  const int earlier = seen[id]++;
  return earlier == 0 ? id : id + "-" + std::to_string(earlier + 1);
}

Json render(const std::vector<Group>& groups) {
  std::map<std::string, int> seen;
  Json out = {{"functions", Json::array()}, {"files", Json::array()}};
  std::map<std::string, int> count = {{"insert", 0}, {"delete", 0}, {"update", 0}, {"move", 0}};
  for (const Group& group : groups) {
    Json function = {{"name", group.name}, {"file", group.file}, {"half", group.file.substr(0, group.file.find('/'))},
                     {"status", group.status}, {"changes", Json::array()}};
    if (!group.old_name.empty()) function["old_name"] = group.old_name;
    if (!group.old_file.empty()) function["old_file"] = group.old_file;
    for (const Change& change : group.changes) {
      Json entry = {{"id", change_id(group, change, seen)}, {"kind", change.kind}, {"node", change.node}, {"before", change.before}, {"after", change.after}};
      if (!change.context.empty()) entry["context"] = change.context;
      if (change.uses > 0) entry["uses"] = change.uses;
      function["changes"].push_back(std::move(entry));
      for (auto& [kind, number] : count) number += change.kind.find(kind) != std::string::npos;
    }
    out["functions"].push_back(std::move(function));
  }
  out["summary"] = count;
  return out;
}

}  // namespace

Json ast_diff(const Compiler& compiler, const Files& before, const Files& after) {
  Version v1, v2;
  std::vector<std::string> unparsed;
  for (auto [files, others, version, side] : {std::tuple(&before, &after, &v1, "before"), std::tuple(&after, &before, &v2, "after")})
    if (const std::string errors = load(compiler, *files, *others, *version, unparsed); !errors.empty())
      return {{"refused", {{"code", "parse"}, {"side", side}, {"message", errors}}}};
  // A header unparsed in its new version only: forget what its old one declared.
  std::erase_if(v1.entities, [&](const Entity& e) { return std::find(unparsed.begin(), unparsed.end(), e.source->path) != unparsed.end(); });
  v1.partner.assign(v1.entities.size(), -1);
  pair_entities(v1, v2);
  const std::vector<char> moved = reordered(v1, v2);

  Files all = before;
  all.insert(after.begin(), after.end());
  std::vector<Group> groups;
  Json files = Json::array();
  for (const auto& [path, unused] : all) {
    const auto text = [&path = path](const Files& side) { const auto it = side.find(path); return it == side.end() ? std::string() : it->second; };
    const std::string old_text = text(before), new_text = text(after);
    if (old_text == new_text && before.contains(path) == after.contains(path)) continue;
    files.push_back(file_lines(path, old_text, new_text));
    if (std::find(unparsed.begin(), unparsed.end(), path) != unparsed.end()) files.back()["unparsed"] = true;
    if (is_cpp(path)) compare_preprocessor(path, old_text, new_text, groups);
    for (std::size_t j = 0; j < v2.entities.size(); ++j) {
      Entity& entity = v2.entities[j];
      if (entity.source->path != path) continue;
      if (v2.partner[j] < 0) {
        groups.push_back({entity.name, path, "added", "", "", {{entity.name, "insert", node_name(entity), "", nullptr, whole(entity)}}});
        continue;
      }
      Entity& old = v1.entities[v2.partner[j]];
      std::vector<Change> changes;
      const bool elsewhere = old.source->path != path;
      if (moved[j] || elsewhere) changes.push_back({entity.name, "move", node_name(entity), "", whole(old), whole(entity)});
      if (old.hash != entity.hash) compare(old, entity, changes);
      for (Change& change : changes) {
        const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.name == change.owner && g.file == path && g.status == "changed"; });
        Group& target = group != groups.end() ? *group : groups.emplace_back(Group{change.owner, path, "changed", "", "", {}});
        if (old.name != entity.name && target.name == entity.name) target.old_name = old.name;
        if (elsewhere) target.old_file = old.source->path;
        target.changes.push_back(std::move(change));
      }
    }
    for (std::size_t i = 0; i < v1.entities.size(); ++i) {
      const Entity& entity = v1.entities[i];
      if (entity.source->path == path && v1.partner[i] < 0)
        groups.push_back({entity.name, path, "removed", "", "", {{entity.name, "delete", node_name(entity), "", whole(entity), nullptr}}});
    }
  }
  fold_renames(groups);
  Json out = render(groups);
  out["files"] = std::move(files);
  return out;
}

}  // namespace hyperagent::tooling
