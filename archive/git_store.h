// A bare git repository as a store of text files, trees and commits: the only place that knows libgit2.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hyperagent/core/result.h"

namespace hyperagent {

using ObjectId = std::string;  // 40 hex digits

struct TreeEntry {
  std::string name;
  ObjectId id;
  bool is_tree = false;
};

// One thread: libgit2 objects cannot be shared across threads, and neither can a store. Objects are immutable and are on disk
// (fsync) when a write returns; only move_main() makes them part of the history. Errors are Environment (disk, permissions, damage).
class GitStore {
 public:
  // A new bare repository in an existing directory, HEAD on refs/heads/main, no reflog (its entries hold times).
  static Result<GitStore> init(const std::string& directory);
  static Result<GitStore> open(const std::string& directory);
  GitStore(GitStore&&) noexcept;
  GitStore& operator=(GitStore&&) noexcept;
  ~GitStore();

  // For the one writer: removes what a killed writer left behind and makes sure object directories exist.
  Result<void> prepare_for_writing();

  Result<ObjectId> write_blob(std::string_view text);
  Result<ObjectId> write_tree(std::span<const TreeEntry> entries);
  // `base` with these entries set; base may be empty.
  Result<ObjectId> update_tree(const ObjectId& base, std::span<const TreeEntry> entries);
  // Nested trees from "directory/name" -> text. UserInput error for a path that git or a checkout would refuse.
  Result<ObjectId> write_files(const std::map<std::string, std::string>& files, std::span<const TreeEntry> extra);
  // Author and committer are fixed; `seconds` is since the Unix epoch, time zone 0.
  Result<ObjectId> write_commit(const ObjectId& tree, const std::vector<ObjectId>& parents, const std::string& message, long long seconds);

  Result<std::string> read_blob(const ObjectId& id) const;
  Result<std::vector<TreeEntry>> read_tree(const ObjectId& id) const;
  Result<std::map<std::string, std::string>> read_files(const ObjectId& tree) const;  // the opposite of write_files
  Result<ObjectId> tree_of(const ObjectId& commit) const;
  Result<std::optional<ObjectId>> first_parent_of(const ObjectId& commit) const;

  Result<std::optional<ObjectId>> main() const;
  // Atomic. Fails when main is not at `from` (nullopt: must not exist), unless it is at `to` already.
  Result<void> move_main(const std::optional<ObjectId>& from, const ObjectId& to);

 private:
  struct Impl;
  explicit GitStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hyperagent
