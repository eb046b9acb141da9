#include "archive/git_pool.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <tuple>

#include "archive/commit_message.h"

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

constexpr long long kEpoch = 1767225600;  // 2026-01-01T00:00:00Z
constexpr const char* kLockFile = "hyperagent.lock";
constexpr std::size_t kShortestPrefix = 4;
constexpr std::size_t kMatchesListed = 8;

std::string lock_path(const std::string& git_dir) { return (fs::path(git_dir) / kLockFile).string(); }

// Any reference at all: then somebody committed here and nothing may be cleared away.
bool has_references(const fs::path& git_dir) {
  std::error_code code;
  if (fs::exists(git_dir / "packed-refs", code)) return true;
  for (fs::recursive_directory_iterator at(git_dir / "refs", code), end; !code && at != end; at.increment(code))
    if (!at->is_directory(code) && at->path().extension() != ".lock") return true;
  return false;
}

Error exists_error(const std::string& git_dir) {
  return user_error("cannot create an archive in " + git_dir + ": it exists; use `resume` to go on with it or choose another directory");
}

// Makes the directory, takes the lock, and clears away what a create() that was killed half-way left.
Result<ProcessLock> claim_directory(const std::string& git_dir) {
  std::error_code code;
  if (fs::exists(git_dir, code)) {
    if (!fs::is_directory(git_dir, code)) return exists_error(git_dir);
    const bool ours = fs::exists(lock_path(git_dir), code);
    const bool empty = fs::is_empty(git_dir, code);
    if (code) return environment_error("cannot read " + git_dir + ": " + code.message());
    if ((!ours && !empty) || has_references(git_dir)) return exists_error(git_dir);
  } else if (fs::create_directories(git_dir, code); code) {
    return environment_error("cannot create the directory " + git_dir + ": " + code.message());
  }
  auto lock = ProcessLock::take(lock_path(git_dir));
  if (!lock) return lock;
  if (has_references(git_dir)) return exists_error(git_dir);  // someone else created it between the look and the lock
  for (fs::directory_iterator at(git_dir, code), end; !code && at != end; at.increment(code)) {
    if (at->path().filename() == kLockFile) continue;
    std::error_code removal;
    fs::remove_all(at->path(), removal);
    if (removal) return environment_error("cannot clear the unfinished archive " + git_dir + ": " + removal.message());
  }
  if (code) return environment_error("cannot read " + git_dir + ": " + code.message());
  return lock;
}

Error damaged(const std::string& git_dir, const std::string& why) {
  return environment_error("the archive " + git_dir + " is damaged: " + why + "; `git fsck` in it may say more");
}

// Higher is better; no score is below every score.
std::tuple<bool, bool, double, double, double> rank(const AgentRecord& record) {
  return {record.val.n > 0, record.train.n > 0, selection_score(record), record.val.n > 0 ? record.val.mean : 0, record.train.n > 0 ? record.train.mean : 0};
}

const TreeEntry* entry_named(const std::vector<TreeEntry>& entries, const std::string& name) {
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const TreeEntry& entry) { return entry.name == name; });
  return at == entries.end() ? nullptr : &*at;
}

Result<ObjectId> ledger_head(const GitStore& store, const std::string& git_dir) {
  auto head = store.main();
  if (!head) return head.error();
  if (!*head) return user_error("the archive " + git_dir + " was never finished being created: start it again with `run`");
  return std::move(**head);
}

// The files of the ledger, options and state surely among them.
Result<std::vector<TreeEntry>> ledger_entries(const GitStore& store, const ObjectId& head, const std::string& git_dir) {
  auto tree = store.tree_of(head);
  if (!tree) return tree.error();
  auto entries = store.read_tree(*tree);
  if (!entries) return entries;
  for (const char* file : {kOptionsFile, kStateFile})
    if (entry_named(*entries, file) == nullptr)
      return user_error(git_dir + " is a git repository, but not a hyperagent archive: its main branch holds no " + file);
  return entries;
}

Result<GitStore> open_ledger(const std::string& git_dir) {
  std::error_code code;
  if (!fs::exists(fs::path(git_dir) / "HEAD", code))
    return user_error("there is no archive in " + git_dir + ": start one with `run`, or name the directory of one");
  auto store = GitStore::open(git_dir);
  if (!store) return store;
  auto head = ledger_head(*store, git_dir);
  if (!head) return head.error();
  auto entries = ledger_entries(*store, *head, git_dir);
  if (!entries) return entries.error();
  return store;
}

// What a reader of the file gets. Also the check that it can be read at all.
Json as_stored(const Json& json) { return Json::parse(json_text(json)); }

}  // namespace

GitPool::GitPool(std::string git_dir, GitStore store, ProcessLock lock, bool writable)
    : git_dir_(std::move(git_dir)), lock_(std::move(lock)), store_(std::move(store)), writable_(writable) {}

Result<std::unique_ptr<GitPool>> GitPool::create(const std::string& git_dir, const Json& options) {
  auto lock = claim_directory(git_dir);
  if (!lock) return lock.error();
  auto store = GitStore::init(git_dir);
  if (!store) return store.error();
  auto prepared = store->prepare_for_writing();
  if (!prepared) return prepared.error();
  std::unique_ptr<GitPool> pool(new GitPool(git_dir, std::move(*store), std::move(*lock), true));
  pool->options_ = as_stored(options);
  // The first ledger commit holds only the options: from here on the archive exists, and a run killed in its first generation resumes.
  auto tree = pool->write_ledger("", Json());
  if (!tree) return tree.error();
  auto commit =
      pool->store_.write_commit(*tree, {}, "hyperagent archive\n\nCreated; no generation yet. README.md says how to look at it.\n", kEpoch);
  if (!commit) return commit.error();
  auto moved = pool->store_.move_main(std::nullopt, *commit);
  if (!moved) return moved.error();
  pool->head_ = *commit;
  return pool;
}

Result<std::unique_ptr<GitPool>> GitPool::open(const std::string& git_dir) {
  // Looked at before anything is written: a repository that is not ours stays as it is, without even a lock file.
  auto store = open_ledger(git_dir);
  if (!store) return store.error();
  auto lock = ProcessLock::take(lock_path(git_dir));
  if (!lock) return lock.error();
  std::unique_ptr<GitPool> pool(new GitPool(git_dir, std::move(*store), std::move(*lock), true));
  auto loaded = pool->load();
  if (!loaded) return loaded.error();
  auto prepared = pool->store_.prepare_for_writing();
  if (!prepared) return prepared.error();
  return pool;
}

Result<std::unique_ptr<GitPool>> GitPool::open_read_only(const std::string& git_dir) {
  auto store = open_ledger(git_dir);
  if (!store) return store.error();
  std::unique_ptr<GitPool> pool(new GitPool(git_dir, std::move(*store), ProcessLock(), false));
  auto loaded = pool->load();
  if (!loaded) return loaded.error();
  return pool;
}

Result<Json> GitPool::read_json(const ObjectId& blob, const std::string& what) const {
  auto text = store_.read_blob(blob);
  if (!text) return text.error();
  Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return damaged(git_dir_, what + " is not JSON");
  return json;
}

Result<std::unique_ptr<Pool>> GitPool::before() const {
  auto earlier = store_.first_parent_of(head_);
  if (!earlier) return earlier.error();
  if (!*earlier) return user_error("the archive " + git_dir_ + " has no generation yet");
  auto store = GitStore::open(git_dir_);
  if (!store) return store.error();
  std::unique_ptr<GitPool> pool(new GitPool(git_dir_, std::move(*store), ProcessLock(), false));
  if (auto loaded = pool->load(**earlier); !loaded) return loaded.error();
  return std::unique_ptr<Pool>(std::move(pool));
}

Result<void> GitPool::load() {
  auto head = ledger_head(store_, git_dir_);  // once: a writer may move it while we read
  if (!head) return head.error();
  return load(*head);
}

Result<void> GitPool::load(const ObjectId& head) {
  auto entries = ledger_entries(store_, head, git_dir_);
  if (!entries) return entries.error();
  head_ = head;
  const TreeEntry* options = entry_named(*entries, kOptionsFile);
  const TreeEntry* state = entry_named(*entries, kStateFile);
  auto options_json = read_json(options->id, kOptionsFile);
  if (!options_json) return options_json.error();
  auto state_json = read_json(state->id, kStateFile);
  if (!state_json) return state_json.error();
  options_ = std::move(*options_json);
  state_ = std::move(*state_json);

  const TreeEntry* generations = entry_named(*entries, kGenerationsDirectory);
  if (generations == nullptr) return {};
  generations_tree_ = generations->id;
  auto directories = store_.read_tree(generations_tree_);
  if (!directories) return directories.error();
  std::map<int, TreeEntry> files;  // by number: names sort alike only up to 999,999
  for (const TreeEntry& directory : *directories) {
    auto inner = store_.read_tree(directory.id);
    if (!inner) return inner.error();
    for (TreeEntry& file : *inner) {
      int number = 0;
      const auto parsed = std::from_chars(file.name.data(), file.name.data() + file.name.size(), number);
      if (parsed.ec != std::errc()) return damaged(git_dir_, "'" + file.name + "' is not a generation's file");
      files[number] = std::move(file);
    }
  }
  for (const auto& [number, file] : files) {
    auto loaded = load_generation(file);
    if (!loaded) return loaded;
    last_generation_ = number;
  }
  return {};
}

Result<void> GitPool::load_generation(const TreeEntry& file) {
  auto json = read_json(file.id, file.name);
  if (!json) return json.error();
  try {
    LedgerGeneration generation = ledger_generation_from(*json);
    for (const LedgerAgent& agent : generation.agents) {
      if (agent.id != static_cast<int>(agents_.size())) return damaged(git_dir_, "agent " + std::to_string(agents_.size()) + " is missing");
      auto record_json = read_json(agent.record, "the record of agent " + std::to_string(agent.id));
      if (!record_json) return record_json.error();
      AgentRecord record = agent_record_from(*record_json);
      record.id = agent.id;
      record.commit = agent.commit;
      remember(std::move(record));
    }
    for (CandidateRecord& candidate : generation.candidates) remember(std::move(candidate));
  } catch (const Json::exception& error) {
    return damaged(git_dir_, file.name + " or a record in it: " + error.what());
  }
  return {};
}

void GitPool::remember(AgentRecord record) {
  if (!record.ast_hash.empty()) by_hash_.emplace(record.ast_hash, record.id);
  by_commit_.emplace(record.commit, record.id);
  if (blank_ < 0 && record.parents.empty() && record.origin == "blank") blank_ = record.id;
  if (best_ < 0 || rank(record) > rank(agents_[static_cast<std::size_t>(best_)])) best_ = record.id;
  agents_.push_back(std::move(record));
}

void GitPool::remember(CandidateRecord record) {
  const int parent = record.parent;
  candidates_[parent].push_back(std::move(record));
  ++candidate_count_;
}

Result<AgentSource> GitPool::source(int id) const {
  if (id < 0 || id >= static_cast<int>(agents_.size())) return user_error("there is no agent " + std::to_string(id) + " in " + git_dir_);
  auto tree = store_.tree_of(agents_[static_cast<std::size_t>(id)].commit);
  if (!tree) return tree.error();
  auto files = store_.read_files(*tree);
  if (!files) return files.error();
  files->erase(kRecordFile);
  return AgentSource{std::move(*files)};
}

std::optional<int> GitPool::find(const std::string& ast_hash) const {
  const auto at = by_hash_.find(ast_hash);
  return at == by_hash_.end() ? std::nullopt : std::optional<int>(at->second);
}

const std::vector<CandidateRecord>& GitPool::candidates_of(int parent) const {
  const auto at = candidates_.find(parent);
  return at == candidates_.end() ? no_candidates_ : at->second;
}

Result<int> GitPool::add(AgentRecord record, const AgentSource& source) {
  if (!writable_) return user_error("cannot add an agent to " + git_dir_ + ": it was opened read-only");
  record.id = static_cast<int>(agents_.size());
  std::vector<ObjectId> parents;
  for (int parent : record.parents) {
    if (parent < 0 || parent >= record.id)
      return user_error("cannot add agent " + std::to_string(record.id) + ": its parent " + std::to_string(parent) + " does not exist");
    parents.push_back(agents_[static_cast<std::size_t>(parent)].commit);
  }
  std::string text;
  try {
    text = json_text(to_json(record));
    record = agent_record_from(Json::parse(text));
  } catch (const Json::exception& error) {
    return user_error("cannot store the record of agent " + std::to_string(record.id) + " (is every score a number?): " + error.what());
  }
  auto blob = store_.write_blob(text);
  if (!blob) return blob.error();
  const TreeEntry record_entry{kRecordFile, *blob, false};
  auto tree = store_.write_files(source.files, std::span(&record_entry, 1));
  if (!tree) return tree.error();
  auto commit = store_.write_commit(*tree, parents, agent_message(record), kEpoch + record.id);
  if (!commit) return commit.error();
  const int id = record.id;
  record.commit = *commit;
  pending_.agents.push_back({id, *commit, *blob});
  remember(std::move(record));
  return id;
}

void GitPool::add(CandidateRecord record) {
  assert(writable_ && "a candidate was added to a pool that was opened read-only");
  if (record.stage_score && !std::isfinite(*record.stage_score)) record.stage_score.reset();
  record = candidate_record_from(as_stored(to_json(record)));
  pending_.candidates.push_back(record);
  remember(std::move(record));
}

Result<ObjectId> GitPool::write_generations(const LedgerGeneration& added) {
  ObjectId directory_tree;
  Json json = to_json(added);
  if (!generations_tree_.empty()) {
    auto directories = store_.read_tree(generations_tree_);
    if (!directories) return directories.error();
    if (const TreeEntry* directory = entry_named(*directories, generation_directory(added.generation))) directory_tree = directory->id;
  }
  if (added.generation == last_generation_) {
    auto files = store_.read_tree(directory_tree);
    if (!files) return files.error();
    const TreeEntry* file = entry_named(*files, generation_file(added.generation));
    if (file == nullptr) return damaged(git_dir_, generation_file(added.generation) + " is missing");
    auto before = read_json(file->id, file->name);
    if (!before) return before.error();
    for (const char* key : {"agents", "candidates"}) {
      Json& list = (*before)[key];
      for (Json& item : json[key]) list.push_back(std::move(item));
    }
    json = std::move(*before);
  }
  auto blob = store_.write_blob(json_text(json));
  if (!blob) return blob;
  const TreeEntry file{generation_file(added.generation), *blob, false};
  auto updated = store_.update_tree(directory_tree, std::span(&file, 1));
  if (!updated) return updated;
  const TreeEntry directory{generation_directory(added.generation), *updated, true};
  return store_.update_tree(generations_tree_, std::span(&directory, 1));
}

Result<ObjectId> GitPool::write_ledger(const ObjectId& generations, const Json& state) {
  std::vector<TreeEntry> entries;
  for (const auto& [name, text] :
       {std::pair(kReadmeFile, ledger_readme()), std::pair(kOptionsFile, json_text(options_)), std::pair(kStateFile, json_text(state))}) {
    auto blob = store_.write_blob(text);
    if (!blob) return blob;
    entries.push_back({name, *blob, false});
  }
  if (!generations.empty()) entries.push_back({kGenerationsDirectory, generations, true});
  if (best_ >= 0) {
    auto tree = store_.tree_of(agents_[static_cast<std::size_t>(best_)].commit);
    if (!tree) return tree;
    entries.push_back({kBestDirectory, *tree, true});
  }
  return store_.write_tree(entries);
}

Result<std::string> GitPool::commit(int generation, const Json& state) {
  if (!writable_) return user_error("cannot commit to " + git_dir_ + ": it was opened read-only");
  if (generation < 0 || generation < last_generation_)
    return user_error("cannot commit generation " + std::to_string(generation) + " to " + git_dir_ +
                      ": generations go forward and the last one was " + std::to_string(last_generation_));
  pending_.generation = generation;
  auto generations = write_generations(pending_);
  if (!generations) return generations;
  auto tree = write_ledger(*generations, state);
  if (!tree) return tree;
  std::vector<ObjectId> parents{head_};
  for (const LedgerAgent& agent : pending_.agents) parents.push_back(agent.commit);
  auto commit = store_.write_commit(*tree, parents, generation_message(pending_, agents_, best_), kEpoch + generation);
  if (!commit) return commit;
  auto moved = store_.move_main(head_, *commit);
  if (!moved) return moved.error();
  // Durable from here on.
  head_ = *commit;
  generations_tree_ = *generations;
  last_generation_ = generation;
  state_ = as_stored(state);
  pending_ = {};
  return head_;
}

Result<int> GitPool::resolve(const std::string& name) const {
  if (agents_.empty()) return user_error("there is no agent '" + name + "': the archive " + git_dir_ + " holds none yet");
  const std::string known = "use best, " + std::string(blank_ >= 0 ? "blank, " : "") + "an id from 0 to " +
                            std::to_string(agents_.size() - 1) + ", or the first 4 or more digits of an agent's commit id";
  if (name == "best") return best_;
  if (name == "blank") return blank_ >= 0 ? Result<int>(blank_) : user_error("no root of this archive is blank: " + known);
  int id = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), id);
  const bool number = !name.empty() && parsed.ptr == name.data() + name.size();
  if (number && parsed.ec == std::errc() && id >= 0 && id < static_cast<int>(agents_.size())) return id;

  std::string prefix = name;
  for (char& c : prefix)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  const bool hex = prefix.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex || prefix.size() < kShortestPrefix || prefix.size() > 40) return user_error("there is no agent '" + name + "': " + known);
  std::vector<std::pair<ObjectId, int>> matches;
  for (auto at = by_commit_.lower_bound(prefix); at != by_commit_.end() && at->first.starts_with(prefix); ++at) {
    if (matches.size() > kMatchesListed) break;
    matches.push_back(*at);
  }
  if (matches.size() == 1) return matches.front().second;
  if (matches.empty()) return user_error("there is no agent '" + name + "': " + known);
  std::string list;
  for (std::size_t i = 0; i < std::min(matches.size(), kMatchesListed); ++i)
    list += (i == 0 ? "agent " : ", agent ") + std::to_string(matches[i].second) + " (" + matches[i].first.substr(0, 12) + ")";
  return user_error("'" + name + "' is the beginning of more than one commit id: " + list +
                    (matches.size() > kMatchesListed ? ", ..." : "") + "; give more digits");
}

}  // namespace hyperagent
