// What a person with an ordinary git client sees.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "archive/commit_message.h"
#include "tests/archive/fixture.h"

using namespace hyperagent;
using namespace hyperagent::archive_test;
using namespace std::string_literals;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// An archive of the known run, and git to look at it with; false (and a visible skip) without git.
bool archive_and_git(const TemporaryDirectory& directory) {
  if (!have_git()) {
    WARN("SKIPPED: git is not installed");
    return false;
  }
  auto pool = GitPool::create(directory.pool(), {{"seed", 7}});
  REQUIRE(pool);
  for (int g = 0; g <= kGenerations; ++g) REQUIRE(run_generation(**pool, g));
  return true;
}

std::string git(const TemporaryDirectory& directory, const std::string& arguments) {
  const CommandResult result = shell("git -C " + directory.pool() + " " + arguments);
  INFO(result.output);
  CHECK(result.status == 0);
  return result.output;
}

}  // namespace

TEST_CASE("a plain clone checks out the ledger and its log tells each generation") {
  TemporaryDirectory directory;
  if (!archive_and_git(directory)) return;
  const CommandResult clone = shell("git clone -q " + directory.pool() + " " + directory.path() + "/clone");
  INFO(clone.output);
  REQUIRE(clone.status == 0);
  for (const char* file :
       {"README.md", "state.json", "options.json", "best/record.json", "best/task/solve.cpp", "generations/000/000003.json"})
    CHECK(std::filesystem::exists(directory.path() + "/clone/" + file));
  const std::string log = shell("git -C " + directory.path() + "/clone log --first-parent --format=%s").output;
  CHECK(log ==
        "generation 3: 2 archived of 3, best val 0.610 (agent 7)\ngeneration 2: 2 archived of 3, best val 0.510 (agent 5)\n"
        "generation 1: 2 archived of 3, best val 0.410 (agent 3)\ngeneration 0: 2 roots, best val 0.200 (agent 0)\nhyperagent archive\n");
  CHECK(contains(shell("git -C " + directory.path() + "/clone log").output, "agent 7: variant 31 should count better"));
}

TEST_CASE("every command of the ledger's README finds what it promises") {
  TemporaryDirectory directory;
  if (!archive_and_git(directory)) return;
  const std::string agents = git(directory, "log --format=%s --grep '^agent ' main");
  CHECK(std::count(agents.begin(), agents.end(), '\n') == 8);
  CHECK(contains(git(directory, "log -1 --format=%s --grep '^agent 5:' main"), "agent 5: variant 21"));
  CHECK(contains(git(directory, "show main:best/record.json"), "\"id\": 7"));
  CHECK(contains(git(directory, "log --graph --oneline main"), "agent 0: blank"));
}

TEST_CASE("an agent's commit has its parent agent as parent and shows its edit as a diff") {
  TemporaryDirectory directory;
  if (!archive_and_git(directory)) return;
  auto pool = GitPool::open_read_only(directory.pool());
  REQUIRE(pool);
  const auto& agents = (*pool)->agents();
  CHECK(git(directory, "log -1 --format=%P " + agents[7].commit) == agents[1].commit + "\n");
  CHECK(git(directory, "log -1 --format='%an <%ae> %ad %cd' --date=raw " + agents[7].commit) ==
        "hyperagent <hyperagent@localhost> 1767225607 +0000 1767225607 +0000\n");
  CHECK(contains(git(directory, "show " + agents[7].commit), "+int solve() { return 31; }"));
}

TEST_CASE("git itself finds nothing wrong with the repository") {
  TemporaryDirectory directory;
  if (!archive_and_git(directory)) return;
  CHECK_FALSE(contains(git(directory, "fsck --full --strict"), "error"));
  CHECK(git(directory, "for-each-ref --format='%(refname)'") == "refs/heads/main\n");
}

TEST_CASE("an archive that git gc packed opens and goes on with the same ids") {
  TemporaryDirectory directory, other;
  if (!archive_and_git(directory) || !archive_and_git(other)) return;
  git(directory, "gc -q --prune=now");
  auto packed = GitPool::open(directory.pool()), loose = GitPool::open(other.pool());
  REQUIRE(packed);
  REQUIRE(loose);
  REQUIRE(run_generation(**packed, 4));
  REQUIRE(run_generation(**loose, 4));
  CHECK(everything(**packed) == everything(**loose));
}

TEST_CASE("git reads the trailers of an agent") {
  TemporaryDirectory directory;
  if (!archive_and_git(directory)) return;
  auto pool = GitPool::open_read_only(directory.pool());
  REQUIRE(pool);
  CHECK(git(directory, "log -1 --format='%(trailers)' " + (*pool)->agents()[7].commit) ==
        "Parent: 1\nGeneration: 3\nTrain: 0.433 +- 0.091 (n=30)\nVal: 0.610 +- 0.091 (n=30)\n"
        "Edits: replace_node in solve; set_literal in score\n\n");
}

TEST_CASE("an agent's message is subject, reason and trailers") {
  AgentRecord record = child(1, 3, 31, 0.5);
  record.id = 7;
  record.val = {};
  CHECK(agent_message(record) ==
        "agent 7: variant 31 should count better\n\nvariant 31 should count better\nbecause the loop stopped early\n\n"
        "Parent: 1\nGeneration: 3\nTrain: 0.433 +- 0.091 (n=30)\nVal: none\nEdits: replace_node in solve; set_literal in score\n");
}

TEST_CASE("a root is named by its origin") { CHECK(contains(agent_message(blank_root()), "agent 0: blank\n\nGeneration: 0\n")); }

TEST_CASE("a long first line is cut between characters") {
  AgentRecord record = child(1, 3, 31, 0.5);
  record.reason.clear();
  for (int i = 0; i < 100; ++i) record.reason += "\xc3\xa9";
  const std::string message = agent_message(record);
  const std::string subject = message.substr(0, message.find('\n'));
  CHECK(subject.size() == std::string("agent 0: ").size() + 2 * 69 + 3);
  CHECK(subject.ends_with("\xc3\xa9..."));
}

TEST_CASE("a reason of 72 characters is not cut") {
  AgentRecord record = child(1, 3, 31, 0.5);
  record.reason = std::string(72, 'x');
  CHECK(contains(agent_message(record), "agent 0: " + record.reason + "\n\n"));
}

TEST_CASE("a reason cannot forge a score line or rewrite the reader's terminal") {
  AgentRecord record = child(1, 3, 31, 0.5);
  record.reason =
      "good\n\nVal: 1.000 +- 0.000 (n=30)\n  parent: 3\n\x1b[2Jgone\r\0 \xc2\x9b"
      "31mred"s;
  const std::string message = agent_message(record);
  CHECK(contains(message, "\n> Val: 1.000"));
  CHECK(contains(message, "\n>   parent: 3"));
  for (char bad : {'\x1b', '\r', '\0'}) CHECK(message.find(bad) == std::string::npos);
  CHECK_FALSE(contains(message, "\xc2\x9b"));
}

TEST_CASE("an edit without a reason is still named") {
  AgentRecord record = child(4, 3, 31, 0.5);
  record.reason = " \n ";
  CHECK(contains(agent_message(record), "agent 0: edit of agent 4\n\nParent: 4\n"));
}
