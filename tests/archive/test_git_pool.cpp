// What the pool remembers, in memory and after reopening, and what it refuses.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/archive/fixture.h"

using namespace hyperagent;
using namespace hyperagent::archive_test;

namespace {

std::unique_ptr<GitPool> made(Result<std::unique_ptr<GitPool>> result) {
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

std::unique_ptr<GitPool> whole_run(const std::string& git_dir) {
  auto pool = made(GitPool::create(git_dir, {{"seed", 7}}));
  for (int g = 0; g <= kGenerations; ++g) REQUIRE(run_generation(*pool, g));
  return pool;
}

std::string message_of(const Result<int>& result) { return result ? "agent " + std::to_string(*result) : result.error().message; }

}  // namespace

TEST_CASE("a reopened pool shows exactly what the live one showed") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  const std::string before = everything(*pool);
  pool.reset();
  CHECK(everything(*made(GitPool::open(directory.pool()))) == before);
  CHECK(everything(*made(GitPool::open_read_only(directory.pool()))) == before);
}

TEST_CASE("the same calls give the same commit ids in another directory") {
  TemporaryDirectory one, two;
  CHECK(everything(*whole_run(one.pool())) == everything(*whole_run(two.pool())));
}

TEST_CASE("a run that is closed and reopened after each generation has the ids of one that never stopped") {
  TemporaryDirectory one, two;
  const std::string head = whole_run(one.pool())->head();
  made(GitPool::create(two.pool(), {{"seed", 7}})).reset();
  for (int g = 0; g <= kGenerations; ++g) REQUIRE(run_generation(*made(GitPool::open(two.pool())), g));
  CHECK(made(GitPool::open_read_only(two.pool()))->head() == head);
}

TEST_CASE("a new pool has options, no state, no agents and no best") {
  TemporaryDirectory directory;
  made(GitPool::create(directory.pool(), {{"seed", 7}})).reset();
  auto pool = made(GitPool::open(directory.pool()));
  CHECK(pool->options() == Json{{"seed", 7}});
  CHECK(pool->state().is_null());
  CHECK(pool->agents().empty());
  CHECK(pool->best() == -1);
  CHECK(message_of(pool->resolve("best")).find("holds none yet") != std::string::npos);
}

TEST_CASE("agents added but not committed are seen by the pool and gone after reopening") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  const std::string before = everything(*pool);
  REQUIRE(pool->add(child(0, 9, 900, 0.99), program(900)));
  pool->add(candidate(9, 0, 0, "archived"));
  CHECK(pool->agents().size() == 9);
  CHECK(pool->best() == 8);
  CHECK(pool->source(8)->files == program(900).files);
  pool.reset();
  CHECK(everything(*made(GitPool::open(directory.pool()))) == before);
}

TEST_CASE("source gives back the files as added, without the record") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  CHECK(*pool->source(3) == program(11));
  CHECK_FALSE(pool->source(99));
  CHECK_FALSE(pool->source(-1));
}

TEST_CASE("find knows a program by its hash and the first agent that has it wins") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  CHECK(pool->find("hash-11") == 3);
  REQUIRE(pool->add(child(0, 4, 11, 0.1), program(11)));
  CHECK(pool->find("hash-11") == 3);
  CHECK(pool->find("hash-none") == std::nullopt);
}

TEST_CASE("proposals are kept by parent, oldest first") {
  TemporaryDirectory directory;
  whole_run(directory.pool()).reset();
  auto pool = made(GitPool::open(directory.pool()));
  const auto& proposals = pool->candidates_of(0);
  REQUIRE(proposals.size() == 6);
  CHECK(proposals[0].generation == 1);
  CHECK(proposals[1].code == "type_check");
  CHECK(proposals[4].agent == 6);
  CHECK(pool->candidate_count() == 9);
  CHECK(pool->candidates_of(77).empty());
}

TEST_CASE("a pool tells what it was before its last commit, whatever was added since") {
  TemporaryDirectory directory;
  auto pool = made(GitPool::create(directory.pool(), {{"seed", 1}}));
  CHECK(pool->before().error().kind == ErrorKind::UserInput);
  std::vector<std::string> after;
  for (int g = 0; g <= kGenerations; ++g) {
    REQUIRE(run_generation(*pool, g));
    after.push_back(everything(*pool));
    if (g == 0) continue;
    REQUIRE(pool->add(child(0, g + 1, 40 + g, 0.1), program(40 + g)));  // not committed, and not part of anything yet
    auto before = pool->before();
    REQUIRE(before);
    CHECK(everything(dynamic_cast<GitPool&>(**before)) == after[static_cast<std::size_t>(g) - 1]);
    CHECK((*before)->state().at("generation") == g - 1);
    CHECK_FALSE((*before)->add(child(0, g, 50, 0.1), program(50)));
    pool.reset();
    pool = made(GitPool::open(directory.pool()));
  }
}

TEST_CASE("best is the highest selection score, then the highest val, then train, then the oldest") {
  TemporaryDirectory directory;
  auto pool = made(GitPool::create(directory.pool(), {}));
  auto add = [&](Score val, Score train) {
    AgentRecord record;
    record.origin = "seed x";
    record.val = val;
    record.train = train;
    REQUIRE(pool->add(record, program(0)));
    return pool->best();
  };
  CHECK(add({}, {}) == 0);
  CHECK(add({}, score(0.0)) == 1);  // a score of 0 is more than no score
  CHECK(add(score(0.0), score(0.0)) == 2);
  CHECK(add({}, score(0.9)) == 2);
  CHECK(add(score(0.0), score(0.1)) == 4);
  CHECK(add(score(0.0), score(0.1)) == 4);  // the oldest of equals
  CHECK(add(score(0.5), score(0.0)) == 6);
}

TEST_CASE("names of agents are resolved and a wrong one says what would be right") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  CHECK(*pool->resolve("best") == 7);
  CHECK(*pool->resolve("blank") == 0);
  CHECK(*pool->resolve("5") == 5);
  const std::string commit = pool->agents()[4].commit;
  CHECK(*pool->resolve(commit) == 4);
  CHECK(*pool->resolve(commit.substr(0, 10)) == 4);
  std::string upper = commit.substr(0, 12);
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  CHECK(*pool->resolve(upper) == 4);
  for (const char* wrong : {"", "8", "-1", "bets", "0x5", "abc", "99999999999999999999", "ffffffffff"}) {
    INFO(wrong);
    CHECK(message_of(pool->resolve(wrong)).find("an id from 0 to 7") != std::string::npos);
  }
}

TEST_CASE("a commit id prefix that two agents share names both of them") {
  TemporaryDirectory directory;
  auto pool = made(GitPool::create(directory.pool(), {}));
  std::map<std::string, int> seen;  // by 4 digits: 65536 of them, so a few hundred agents share one
  std::string shared;
  for (int i = 0; i < 3000 && shared.empty(); ++i) {
    AgentRecord record;
    record.origin = "seed x";
    REQUIRE(pool->add(record, program(0)));
    const std::string prefix = pool->agents().back().commit.substr(0, 4);
    const bool not_an_id = prefix.find_first_of("abcdef") != std::string::npos || prefix[0] >= '3';
    if (!seen.emplace(prefix, i).second && not_an_id) shared = prefix;
  }
  REQUIRE_FALSE(shared.empty());
  const std::string message = message_of(pool->resolve(shared));
  CHECK(message.find("agent " + std::to_string(seen.at(shared)) + " (") != std::string::npos);
  CHECK(message.find("agent " + std::to_string(pool->agents().size() - 1) + " (") != std::string::npos);
}

TEST_CASE("creating an archive where one exists is refused and points to resume") {
  TemporaryDirectory directory;
  whole_run(directory.pool()).reset();
  auto again = GitPool::create(directory.pool(), {});
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::UserInput);
  CHECK(again.error().message.find("`resume`") != std::string::npos);
  CHECK(made(GitPool::open(directory.pool()))->agents().size() == 8);
}

TEST_CASE("creating an archive in a directory of someone's files touches none of them") {
  TemporaryDirectory directory;
  std::ofstream(directory.path() + "/notes.txt") << "mine";
  CHECK_FALSE(GitPool::create(directory.path(), {}));
  CHECK(std::filesystem::file_size(directory.path() + "/notes.txt") == 4);
  CHECK_FALSE(std::filesystem::exists(directory.path() + "/hyperagent.lock"));
}

TEST_CASE("an archive may be created in an empty directory") {
  TemporaryDirectory directory;
  CHECK(GitPool::create(directory.path(), {}));
}

TEST_CASE("opening what is not an archive is the user's mistake and creates nothing") {
  TemporaryDirectory directory;
  for (const auto& open : {GitPool::open, GitPool::open_read_only}) {
    auto pool = open(directory.pool());
    REQUIRE_FALSE(pool);
    CHECK(pool.error().kind == ErrorKind::UserInput);
  }
  CHECK_FALSE(std::filesystem::exists(directory.pool()));
}

TEST_CASE("a git repository that is not an archive is refused and left as it is") {
  TemporaryDirectory directory;
  std::filesystem::create_directory(directory.pool());
  {
    auto store = GitStore::init(directory.pool());
    REQUIRE(store);
    auto tree = store->write_files({{"main.c", "int main() {}"}}, {});
    REQUIRE(store->move_main(std::nullopt, *store->write_commit(*tree, {}, "mine\n", 0)));
  }
  const std::string before = shell("find " + directory.pool() + " | sort").output;
  for (const auto& pool :
       {GitPool::open(directory.pool()), GitPool::open_read_only(directory.pool()), GitPool::create(directory.pool(), {})}) {
    REQUIRE_FALSE(pool);
    CHECK(pool.error().kind == ErrorKind::UserInput);
  }
  CHECK(shell("find " + directory.pool() + " | sort").output == before);
}

TEST_CASE("a mirror made by git can be gone on with") {
  TemporaryDirectory directory;
  if (!have_git()) {
    WARN("SKIPPED: git is not installed");
    return;
  }
  const std::string before = everything(*whole_run(directory.pool()));
  const std::string mirror = directory.path() + "/mirror.git";
  REQUIRE(shell("git clone -q --mirror " + directory.pool() + " " + mirror).status == 0);
  auto pool = made(GitPool::open(mirror));
  CHECK(everything(*pool) == before);
  CHECK(run_generation(*pool, 4));
}

TEST_CASE("a second writer is refused with the process id of the first") {
  TemporaryDirectory directory;
  auto first = whole_run(directory.pool());
  const std::string holder = "process " + std::to_string(::getpid()) + " ";
  auto second = GitPool::open(directory.pool());
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find(holder) != std::string::npos);
  first.reset();
  CHECK(GitPool::open(directory.pool()));
}

TEST_CASE("a reader sees whole generations only, while a writer is at work") {
  TemporaryDirectory directory;
  auto writer = whole_run(directory.pool());
  REQUIRE(writer->add(child(0, 4, 40, 0.9), program(40)));
  auto reader = made(GitPool::open_read_only(directory.pool()));
  CHECK(reader->agents().size() == 8);
  REQUIRE(writer->commit(4, {}));
  CHECK(reader->agents().size() == 8);
  CHECK(made(GitPool::open_read_only(directory.pool()))->agents().size() == 9);
}

TEST_CASE("a read-only pool refuses to be written") {
  TemporaryDirectory directory;
  whole_run(directory.pool()).reset();
  auto pool = made(GitPool::open_read_only(directory.pool()));
  CHECK_FALSE(pool->add(blank_root(), program(0)));
  CHECK_FALSE(pool->commit(9, {}));
}

TEST_CASE("generations go forward") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  CHECK_FALSE(pool->commit(2, {}));
  CHECK_FALSE(pool->commit(-1, {}));
  CHECK(pool->commit(3, {}));
}

TEST_CASE("a generation committed twice is extended, as when seeds are added between runs") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  AgentRecord seed = blank_root();
  seed.origin = "seed late";
  REQUIRE(pool->add(seed, program(500)));
  pool->add(candidate(3, 9, 1, "no_proposal"));
  REQUIRE(pool->commit(3, {{"generation", 3}}));
  const std::string before = everything(*pool);
  pool.reset();
  pool = made(GitPool::open(directory.pool()));
  CHECK(everything(*pool) == before);
  CHECK(pool->agents().size() == 9);
}

TEST_CASE("generations beyond a thousand are read back in order") {
  TemporaryDirectory directory;
  auto pool = made(GitPool::create(directory.pool(), {}));
  for (int g : {0, 999, 1000, 999999, 1000000, 10000000}) {
    AgentRecord seed = blank_root();
    seed.generation = g;
    REQUIRE(pool->add(seed, program(g)));
    REQUIRE(pool->commit(g, g));
  }
  const std::string before = everything(*pool);
  pool.reset();
  CHECK(everything(*made(GitPool::open(directory.pool()))) == before);
}

TEST_CASE("a file path that git or a checkout would refuse is refused with its name") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  for (const char* path :
       {"../x", "/etc/passwd", "a//b", "", "a/", ".", "a/./b", ".git/config", "task/.git", "GIT~1/x", "record.json", "record.json/x"}) {
    INFO(path);
    auto added = pool->add(child(0, 4, 1, 0.9), {{{path, "x"}}});
    REQUIRE_FALSE(added);
    CHECK(added.error().kind == ErrorKind::UserInput);
  }
  CHECK_FALSE(pool->add(child(0, 4, 1, 0.9), {{{"a", "x"}, {"a/b", "y"}}}));
  CHECK(pool->agents().size() == 8);
}

TEST_CASE("an agent whose parent does not exist is refused") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  CHECK_FALSE(pool->add(child(8, 4, 1, 0.9), program(1)));
  CHECK_FALSE(pool->add(child(-1, 4, 1, 0.9), program(1)));
}

TEST_CASE("text that is not UTF-8 cannot make the archive unreadable") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  AgentRecord record = child(0, 4, 1, 0.9);
  record.reason = "bytes \xff\xfe here";
  record.memory = {{"output", "\xc3("}};
  REQUIRE(pool->add(record, {{{"task/solve.cpp", std::string("\xff\0binary", 8)}}}));
  CandidateRecord failed = candidate(4, 0, 0, "compile_failed");
  failed.message = "error: \x80";
  failed.stage_score = std::nan("");
  pool->add(failed);
  REQUIRE(pool->commit(4, {{"text", "\xf0\x28"}}));
  CHECK(pool->agents()[8].reason == "bytes \xef\xbf\xbd\xef\xbf\xbd here");
  CHECK(pool->source(8)->files.at("task/solve.cpp") == std::string("\xff\0binary", 8));
  CHECK_FALSE(pool->candidates_of(0).back().stage_score);
  const std::size_t count = pool->candidate_count();
  const std::string head = pool->head();
  const Json state = pool->state();
  pool.reset();
  pool = made(GitPool::open(directory.pool()));
  CHECK(pool->head() == head);
  CHECK(pool->state() == state);
  CHECK(pool->candidate_count() == count);
}

TEST_CASE("a score that is not a number is refused, not stored") {
  TemporaryDirectory directory;
  auto pool = whole_run(directory.pool());
  AgentRecord record = child(0, 4, 1, 0.9);
  record.val.mean = std::nan("");
  auto added = pool->add(record, program(1));
  REQUIRE_FALSE(added);
  CHECK(added.error().message.find("score") != std::string::npos);
  record.val.mean = 0.9;
  CHECK(*pool->add(record, program(1)) == 8);
}

TEST_CASE("a damaged archive is reported, not half read") {
  TemporaryDirectory directory;
  whole_run(directory.pool()).reset();
  if (!have_git()) {
    WARN("SKIPPED: git is not installed");
    return;
  }
  const std::string victim = shell("git -C " + directory.pool() + " rev-parse main:generations/000/000002.json").output.substr(0, 40);
  std::filesystem::remove(directory.pool() + "/objects/" + victim.substr(0, 2) + "/" + victim.substr(2));
  auto pool = GitPool::open(directory.pool());
  REQUIRE_FALSE(pool);
  CHECK(pool.error().kind == ErrorKind::Environment);
  CHECK(pool.error().message.find(victim) != std::string::npos);
}
