#include "archive/git_store.h"

#include <fcntl.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMain = "refs/heads/main";  // the only reference there is
constexpr const char* kIdentity = "hyperagent <hyperagent@localhost> ";

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, Freed<Free>>;
using Repository = Handle<git_repository, git_repository_free>;
using Tree = Handle<git_tree, git_tree_free>;
using TreeBuilder = Handle<git_treebuilder, git_treebuilder_free>;
using Commit = Handle<git_commit, git_commit_free>;
using Blob = Handle<git_blob, git_blob_free>;
using Reference = Handle<git_reference, git_reference_free>;
using ObjectDatabase = Handle<git_odb, git_odb_free>;
using Config = Handle<git_config, git_config_free>;

// libgit2 counts its users; every store is one.
struct Library {
  Library() {
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);  // before a repository is opened: its reference store reads it once
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { git_libgit2_shutdown(); }
};

Error failure(const std::string& what) {
  const git_error* last = git_error_last();
  return environment_error("cannot " + what + ": " + (last != nullptr && last->message != nullptr ? last->message : "unknown git error"));
}

std::string hex(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, &id);
}

bool parse_id(const ObjectId& text, git_oid& id) { return text.size() == GIT_OID_HEXSZ && git_oid_fromstr(&id, text.c_str()) == 0; }

Error bad_id(const ObjectId& text) { return environment_error("'" + text + "' is not a git object id: the archive is damaged"); }

// A new directory survives a power cut only when its parent was synced; libgit2 does so for files, not for directories.
Result<void> sync_directory(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return environment_error("cannot open " + path.string() + ": " + std::strerror(errno));
  const int failed = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  // Some file systems cannot sync a directory; that is no reason to stop.
  if (failed != 0 && failed != EINVAL) return environment_error("cannot sync " + path.string() + ": " + std::strerror(failed));
  return {};
}

struct Directory {
  std::map<std::string, Directory> directories;
  std::map<std::string, const std::string*> files;
};

bool usable_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('\0') == std::string::npos && name.size() <= 255;
}

Result<void> place(Directory& root, const std::string& path, const std::string& text) {
  Directory* directory = &root;
  std::size_t start = 0;
  for (int depth = 0;; ++depth) {
    const std::size_t slash = path.find('/', start);
    const std::string name = path.substr(start, slash == std::string::npos ? std::string::npos : slash - start);
    if (!usable_name(name) || depth > 32) return user_error("'" + path + "' is not a path a file of an agent may have");
    if (slash == std::string::npos) {
      if (directory->directories.count(name) != 0) return user_error("'" + path + "' is both a file and a directory of the agent");
      directory->files[name] = &text;
      return {};
    }
    if (directory->files.count(name) != 0) return user_error("'" + path.substr(0, slash) + "' is both a file and a directory of the agent");
    directory = &directory->directories[name];
    start = slash + 1;
  }
}

}  // namespace

struct GitStore::Impl {
  Library library;  // first: outlives the repository
  std::string directory;
  Repository repository;
  ObjectDatabase objects;

  Result<void> hold(git_repository* opened) {
    repository.reset(opened);
    git_odb* raw = nullptr;
    if (git_repository_odb(&raw, opened) != 0) return failure("open the objects of " + directory);
    objects.reset(raw);
    return {};
  }

  Result<Tree> tree(const ObjectId& id) const {
    git_oid oid;
    if (!parse_id(id, oid)) return bad_id(id);
    git_tree* raw = nullptr;
    if (git_tree_lookup(&raw, repository.get(), &oid) != 0) return failure("read tree " + id);
    return Tree(raw);
  }

  Result<Commit> commit(const ObjectId& id) const {
    git_oid oid;
    if (!parse_id(id, oid)) return bad_id(id);
    git_commit* raw = nullptr;
    if (git_commit_lookup(&raw, repository.get(), &oid) != 0) return failure("read commit " + id + " from " + directory);
    return Commit(raw);
  }

  Result<ObjectId> write_directory(GitStore& store, const Directory& directory, std::span<const TreeEntry> extra) {
    std::vector<TreeEntry> entries(extra.begin(), extra.end());
    for (const auto& [name, text] : directory.files) {
      auto blob = store.write_blob(*text);
      if (!blob) return blob.error();
      entries.push_back({name, *blob, false});
    }
    for (const auto& [name, inner] : directory.directories) {
      auto tree = write_directory(store, inner, {});
      if (!tree) return tree.error();
      entries.push_back({name, *tree, true});
    }
    return store.write_tree(entries);
  }

  Result<void> read_into(std::map<std::string, std::string>& files, const GitStore& store, const ObjectId& tree_id,
                         const std::string& prefix) const {
    auto entries = store.read_tree(tree_id);
    if (!entries) return entries.error();
    for (const TreeEntry& entry : *entries) {
      if (entry.is_tree) {
        auto inner = read_into(files, store, entry.id, prefix + entry.name + "/");
        if (!inner) return inner.error();
        continue;
      }
      auto text = store.read_blob(entry.id);
      if (!text) return text.error();
      files[prefix + entry.name] = std::move(*text);
    }
    return {};
  }
};

GitStore::GitStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GitStore::GitStore(GitStore&&) noexcept = default;
GitStore& GitStore::operator=(GitStore&&) noexcept = default;
GitStore::~GitStore() = default;

Result<GitStore> GitStore::init(const std::string& directory) {
  auto impl = std::make_unique<Impl>();
  impl->directory = directory;
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_REINIT;
  options.initial_head = "main";
  options.description = "hyperagent archive";
  git_repository* raw = nullptr;
  if (git_repository_init_ext(&raw, directory.c_str(), &options) != 0) return failure("create a git repository in " + directory);
  auto held = impl->hold(raw);
  if (!held) return held.error();
  git_config* config = nullptr;
  if (git_repository_config(&config, raw) != 0) return failure("configure " + directory);
  const Config owned(config);
  if (git_config_set_bool(config, "core.logallrefupdates", 0) != 0) return failure("configure " + directory);
  return GitStore(std::move(impl));
}

Result<GitStore> GitStore::open(const std::string& directory) {
  auto impl = std::make_unique<Impl>();
  impl->directory = directory;
  git_repository* raw = nullptr;
  const int status = git_repository_open_ext(&raw, directory.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE, nullptr);
  if (status == GIT_EOWNER)
    return environment_error("cannot open " + directory +
                             ": it belongs to another user; if you trust it, run `git config --global --add safe.directory " +
                             fs::absolute(directory).string() + "`");
  if (status != 0) return failure("open the git repository " + directory);
  auto held = impl->hold(raw);
  if (!held) return held.error();
  return GitStore(std::move(impl));
}

Result<void> GitStore::prepare_for_writing() {
  std::error_code code;
  const fs::path root = impl_->directory;
  // Left by a writer that was killed while it moved main: libgit2 would refuse to move it ever again.
  fs::remove(root / "refs" / "heads" / "main.lock", code);
  if (code) return environment_error("cannot remove the stale " + (root / "refs/heads/main.lock").string() + ": " + code.message());
  const fs::path objects = root / "objects";
  for (fs::directory_iterator at(objects, code), end; !code && at != end; at.increment(code)) {
    std::error_code ignored;  // a temporary file that stays is only untidy
    if (at->path().filename().string().starts_with("tmp_object")) fs::remove(at->path(), ignored);
  }
  if (code) return environment_error("cannot read " + objects.string() + ": " + code.message());
  for (int i = 0; i < 256; ++i) {
    const char* digits = "0123456789abcdef";
    const fs::path fan = objects / std::string{digits[i / 16], digits[i % 16]};
    if (::mkdir(fan.c_str(), 0777) != 0 && errno != EEXIST)
      return environment_error("cannot create " + fan.string() + ": " + std::strerror(errno));
  }
  auto synced = sync_directory(objects);
  if (!synced) return synced;
  return sync_directory(root);
}

Result<ObjectId> GitStore::write_blob(std::string_view text) {
  git_oid id;
  if (git_blob_create_from_buffer(&id, impl_->repository.get(), text.data(), text.size()) != 0)
    return failure("write a file to " + impl_->directory);
  return hex(id);
}

Result<ObjectId> GitStore::write_tree(std::span<const TreeEntry> entries) { return update_tree("", entries); }

Result<ObjectId> GitStore::update_tree(const ObjectId& base, std::span<const TreeEntry> entries) {
  Tree source;
  if (!base.empty()) {
    auto tree = impl_->tree(base);
    if (!tree) return tree.error();
    source = std::move(*tree);
  }
  git_treebuilder* raw = nullptr;
  if (git_treebuilder_new(&raw, impl_->repository.get(), source.get()) != 0) return failure("start a tree in " + impl_->directory);
  const TreeBuilder builder(raw);
  for (const TreeEntry& entry : entries) {
    git_oid id;
    if (!parse_id(entry.id, id)) return bad_id(entry.id);
    const git_filemode_t mode = entry.is_tree ? GIT_FILEMODE_TREE : GIT_FILEMODE_BLOB;
    const int status = git_treebuilder_insert(nullptr, raw, entry.name.c_str(), &id, mode);
    if (status != 0) {
      const Error error = failure("put '" + entry.name + "' into a git tree");
      const git_error* last = git_error_last();
      // A name git refuses (".git") comes from whoever wrote the agent.
      return last != nullptr && last->klass == GIT_ERROR_TREE ? user_error(error.message) : error;
    }
  }
  git_oid id;
  if (git_treebuilder_write(&id, raw) != 0) return failure("write a tree to " + impl_->directory);
  return hex(id);
}

Result<ObjectId> GitStore::write_files(const std::map<std::string, std::string>& files, std::span<const TreeEntry> extra) {
  Directory root;
  for (const auto& [path, text] : files) {
    auto placed = place(root, path, text);
    if (!placed) return placed.error();
  }
  for (const TreeEntry& entry : extra)
    if (root.files.count(entry.name) != 0 || root.directories.count(entry.name) != 0)
      return user_error("an agent cannot have a file called '" + entry.name + "': the archive uses that name; rename it");
  return impl_->write_directory(*this, root, extra);
}

Result<ObjectId> GitStore::write_commit(const ObjectId& tree, const std::vector<ObjectId>& parents, const std::string& message,
                                        long long seconds) {
  // Written out here, not by git_commit_create_*: libgit2 1.5 drops the error of its last write there, so on a full disk it reports
  // a commit that does not exist. Nor does this need to look the tree and the parents up.
  const std::string signature = kIdentity + std::to_string(seconds) + " +0000\n";
  std::string text = "tree " + tree + "\n";
  for (const ObjectId& parent : parents) text += "parent " + parent + "\n";
  text += "author " + signature + "committer " + signature + "\n" + message;
  git_oid id;
  if (git_odb_write(&id, impl_->objects.get(), text.data(), text.size(), GIT_OBJECT_COMMIT) != 0)
    return failure("write a commit to " + impl_->directory);
  return hex(id);
}

Result<std::string> GitStore::read_blob(const ObjectId& id) const {
  git_oid oid;
  if (!parse_id(id, oid)) return bad_id(id);
  git_blob* raw = nullptr;
  if (git_blob_lookup(&raw, impl_->repository.get(), &oid) != 0) return failure("read file " + id + " from " + impl_->directory);
  const Blob blob(raw);
  return std::string(static_cast<const char*>(git_blob_rawcontent(raw)), git_blob_rawsize(raw));
}

Result<std::vector<TreeEntry>> GitStore::read_tree(const ObjectId& id) const {
  auto tree = impl_->tree(id);
  if (!tree) return tree.error();
  std::vector<TreeEntry> entries;
  const std::size_t count = git_tree_entrycount(tree->get());
  for (std::size_t i = 0; i < count; ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(tree->get(), i);
    entries.push_back({git_tree_entry_name(entry), hex(*git_tree_entry_id(entry)), git_tree_entry_type(entry) == GIT_OBJECT_TREE});
  }
  return entries;
}

Result<std::map<std::string, std::string>> GitStore::read_files(const ObjectId& tree) const {
  std::map<std::string, std::string> files;
  auto read = impl_->read_into(files, *this, tree, "");
  if (!read) return read.error();
  return files;
}

Result<ObjectId> GitStore::tree_of(const ObjectId& commit) const {
  auto read = impl_->commit(commit);
  if (!read) return read.error();
  return hex(*git_commit_tree_id(read->get()));
}

Result<std::optional<ObjectId>> GitStore::first_parent_of(const ObjectId& commit) const {
  auto read = impl_->commit(commit);
  if (!read) return read.error();
  const git_oid* parent = git_commit_parent_id(read->get(), 0);
  return parent == nullptr ? std::nullopt : std::optional(hex(*parent));
}

Result<std::optional<ObjectId>> GitStore::main() const {
  git_oid id;
  const int status = git_reference_name_to_id(&id, impl_->repository.get(), kMain);
  if (status == GIT_ENOTFOUND) return std::optional<ObjectId>();
  if (status != 0) return failure("read refs/heads/main of " + impl_->directory);
  return std::optional<ObjectId>(hex(id));
}

Result<void> GitStore::move_main(const std::optional<ObjectId>& from, const ObjectId& to) {
  git_oid target, expected;
  if (!parse_id(to, target)) return bad_id(to);
  if (from && !parse_id(*from, expected)) return bad_id(*from);
  git_reference* raw = nullptr;
  const int status = from ? git_reference_create_matching(&raw, impl_->repository.get(), kMain, &target, 1, &expected, nullptr)
                          : git_reference_create(&raw, impl_->repository.get(), kMain, &target, 0, nullptr);
  const Reference owned(raw);
  if (status == 0) return {};
  const std::string what = "refs/heads/main of " + impl_->directory;
  const Error error = failure("move " + what);
  // The first try may have failed after its rename (at the sync of the directory): a retry finds its work done.
  auto now = main();
  if (now && *now == to) return {};
  if (now && *now != from)
    return environment_error(what + " was moved by someone else to " + now->value_or("nowhere") + "; put it back to " +
                             from.value_or("nowhere") + " with `git update-ref` and resume");
  return error;
}

}  // namespace hyperagent
