// kill -9 and full disks, at every point.
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "hyperagent/core/rng.h"
#include "tests/archive/faults.h"
#include "tests/archive/fixture.h"

using namespace hyperagent;
using namespace hyperagent::archive_test;

namespace {

const Json kOptions = {{"seed", 7}};

// Creates the archive or goes on with it, to the end of the known run; the words of the first error, or "".
std::string run_to_the_end(const std::string& git_dir) {
  auto pool = GitPool::open(git_dir);
  if (!pool) pool = GitPool::create(git_dir, kOptions);
  if (!pool) return pool.error().message;
  for (int g = static_cast<int>((*pool)->agents().size()) / 2; g <= kGenerations; ++g) {
    auto committed = run_generation(**pool, g);
    if (!committed) return committed.error().message;
  }
  return "";
}

// heads[g + 1] is main once generation g is whole; heads[0] is a new archive's.
std::vector<std::string> expected_heads() {
  TemporaryDirectory directory;
  auto pool = GitPool::create(directory.pool(), kOptions);
  REQUIRE(pool);
  std::vector<std::string> heads{(*pool)->head()};
  for (int g = 0; g <= kGenerations; ++g) heads.push_back(*run_generation(**pool, g));
  return heads;
}

// Runs `work` in a child process; true when it was killed by SIGKILL, false when it ended with status 0.
bool killed(const std::function<void()>& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) REQUIRE(WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// Only whole generations are there; returns how many (0: created but empty, -1: creation never finished).
int whole_generations(const std::string& git_dir, const std::vector<std::string>& heads) {
  auto pool = GitPool::open(git_dir);
  if (!pool) {
    CHECK(pool.error().kind == ErrorKind::UserInput);
    return -1;
  }
  const auto at = std::find(heads.begin(), heads.end(), (*pool)->head());
  REQUIRE(at != heads.end());
  const int generations = static_cast<int>(at - heads.begin());
  CHECK((*pool)->agents().size() == static_cast<std::size_t>(2 * generations));
  CHECK((*pool)->candidate_count() == static_cast<std::size_t>(generations == 0 ? 0 : 3 * (generations - 1)));
  for (const AgentRecord& record : (*pool)->agents()) CHECK((*pool)->source(record.id));
  return generations;
}

}  // namespace

TEST_CASE("the faults reach libgit2: a run makes a countable, repeatable number of calls") {
  long counts[2] = {};
  for (long& count : counts) {
    TemporaryDirectory directory;
    faults::disarm();
    CHECK(run_to_the_end(directory.pool()).empty());
    count = faults::calls();
  }
  CHECK(counts[0] == counts[1]);
  CHECK(counts[0] > 500);  // 256 object directories and some 60 objects of a write, two syncs and a rename each
}

TEST_CASE("a process killed before any one of its writes leaves whole generations, and the resumed run ends with the same ids") {
  const std::vector<std::string> heads = expected_heads();
  std::set<int> seen;
  int kills = 0;
  for (long n = 1;; n += n >= 20 && n < 260 ? 48 : 5) {  // from 20 to 260: the object directories, all alike
    TemporaryDirectory directory;
    const bool was_killed = killed([&] {
      faults::kill_at(n);
      run_to_the_end(directory.pool());
    });
    INFO("killed at call " << n);
    seen.insert(whole_generations(directory.pool(), heads));
    REQUIRE(run_to_the_end(directory.pool()) == "");
    REQUIRE(whole_generations(directory.pool(), heads) == kGenerations + 1);
    if (!was_killed) break;
    ++kills;
  }
  CHECK(kills > 60);
  CHECK(seen == std::set<int>{-1, 0, 1, 2, 3, 4});
}

TEST_CASE("a process killed at any write around the moves of main leaves whole generations") {
  const std::vector<std::string> heads = expected_heads();
  TemporaryDirectory whole;
  REQUIRE(run_to_the_end(whole.pool()).empty());
  // The last generation alone, every single call of it.
  for (long n = 1;; ++n) {
    TemporaryDirectory directory;
    {
      auto pool = GitPool::create(directory.pool(), kOptions);
      REQUIRE(pool);
      REQUIRE(run_generation(**pool, 0));
      REQUIRE(run_generation(**pool, 1));
    }
    const bool was_killed = killed([&] {
      auto pool = GitPool::open(directory.pool());
      faults::kill_at(n);
      if (!pool || !run_generation(**pool, 2)) ::_exit(1);
    });
    INFO("killed at call " << n);
    const int generations = whole_generations(directory.pool(), heads);
    CHECK((generations == 2 || generations == 3));
    CHECK(run_to_the_end(directory.pool()) == "");
    CHECK(whole_generations(directory.pool(), heads) == kGenerations + 1);
    if (!was_killed) break;
  }
}

TEST_CASE("a process killed after a random time leaves whole generations") {
  const std::vector<std::string> heads = expected_heads();
  Rng rng(20261120);
  for (int repetition = 0; repetition < 30; ++repetition) {
    TemporaryDirectory directory;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      run_to_the_end(directory.pool());
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(rng.below(30000)));
    ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    whole_generations(directory.pool(), heads);
    REQUIRE(run_to_the_end(directory.pool()) == "");
    REQUIRE(whole_generations(directory.pool(), heads) == kGenerations + 1);
  }
}

TEST_CASE("a disk that is full at any write is an error that says so, and the same pool goes on once there is room") {
  const std::vector<std::string> heads = expected_heads();
  int failures = 0;
  for (long n = 1;; n += 2) {
    TemporaryDirectory directory;
    auto pool = GitPool::create(directory.pool(), kOptions);
    REQUIRE(pool);
    REQUIRE(run_generation(**pool, 0));
    REQUIRE(run_generation(**pool, 1));
    INFO("failing from call " << n);
    // By hand what run_generation(2) does, each step tried until it works.
    faults::fail_from(n, ENOSPC);
    int failed = 0;
    auto until_done = [&](auto step) {
      auto result = step();
      if (result) return;
      ++failed;
      INFO(result.error().message);
      CHECK(result.error().kind == ErrorKind::Environment);
      CHECK(result.error().message.find("No space left on device") != std::string::npos);
      CHECK((*pool)->head() == heads[2]);
      auto reader = GitPool::open_read_only(directory.pool());
      CHECK((reader && ((*reader)->head() == heads[2] || (*reader)->head() == heads[3])));
      faults::disarm();
      auto again = step();
      INFO((again ? "" : again.error().message));
      REQUIRE(again);
    };
    for (int slot = 0; slot < 2; ++slot) {
      const int variant = 20 + slot;
      until_done([&] { return (*pool)->add(child(slot, 2, variant, 0.3 + 0.01 * variant), program(variant)); });
      CandidateRecord record = candidate(2, slot, slot, "archived");
      record.agent = static_cast<int>((*pool)->agents().size()) - 1;
      record.stage_score = 0.5;
      (*pool)->add(record);
    }
    (*pool)->add(candidate(2, 2, 0, "refused"));
    until_done([&] { return (*pool)->commit(2, {{"generation", 2}, {"random", 17.25}}); });
    faults::disarm();
    REQUIRE((*pool)->head() == heads[3]);
    if (failed == 0) break;
    ++failures;
  }
  CHECK(failures > 20);
}

TEST_CASE("a creation that failed at any write can be tried again in the same place") {
  const std::vector<std::string> heads = expected_heads();
  for (long n = 1;; n += n >= 30 && n < 270 ? 24 : 1) {
    TemporaryDirectory directory;
    INFO("failing from call " << n);
    faults::fail_from(n, ENOSPC);
    auto failed = GitPool::create(directory.pool(), kOptions);
    faults::disarm();
    if (failed) {
      CHECK(n > 270);
      break;
    }
    CHECK(failed.error().kind == ErrorKind::Environment);
    auto pool = GitPool::create(directory.pool(), kOptions);
    REQUIRE(pool);
    CHECK((*pool)->head() == heads[0]);
  }
}

TEST_CASE("a really full disk loses nothing") {
  TemporaryDirectory directory;
  const std::string mounted = directory.path() + "/small";
  std::filesystem::create_directory(mounted);
  if (::mount("ha_test", mounted.c_str(), "tmpfs", 0, "size=4m") != 0) {
    WARN("SKIPPED: cannot mount a tmpfs here: " << std::strerror(errno));
    return;
  }
  {
    auto pool = GitPool::create(mounted + "/pool.git", kOptions);
    REQUIRE(pool);
    REQUIRE(run_generation(**pool, 0));
    REQUIRE(run_generation(**pool, 1));
    const std::string head = (*pool)->head();
    std::ofstream(mounted + "/ballast") << std::string(8 << 20, 'x');  // takes what is left
    auto committed = run_generation(**pool, 2);
    REQUIRE_FALSE(committed);
    CHECK(committed.error().message.find("No space left on device") != std::string::npos);
    CHECK((*GitPool::open_read_only(mounted + "/pool.git"))->head() == head);
    std::filesystem::remove(mounted + "/ballast");
    pool->reset();
    CHECK(run_to_the_end(mounted + "/pool.git") == "");
    CHECK(whole_generations(mounted + "/pool.git", expected_heads()) == kGenerations + 1);
  }
  CHECK(::umount(mounted.c_str()) == 0);
}

TEST_CASE("an archive on a read-only disk can be read, and a writer is told why it cannot write") {
  TemporaryDirectory directory;
  const std::string mounted = directory.path() + "/readonly";
  std::filesystem::create_directory(mounted);
  if (::mount("ha_test", mounted.c_str(), "tmpfs", 0, "size=16m") != 0) {
    WARN("SKIPPED: cannot mount a tmpfs here: " << std::strerror(errno));
    return;
  }
  REQUIRE(run_to_the_end(mounted + "/pool.git") == "");
  REQUIRE(::mount("ha_test", mounted.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  {
    auto reader = GitPool::open_read_only(mounted + "/pool.git");
    CHECK((reader && (*reader)->agents().size() == 8));
    auto writer = GitPool::open(mounted + "/pool.git");
    REQUIRE_FALSE(writer);
    CHECK(writer.error().kind == ErrorKind::Environment);
    CHECK(writer.error().message.find("Read-only file system") != std::string::npos);
  }
  CHECK(::umount(mounted.c_str()) == 0);
}

TEST_CASE("a file that grows past the process's limit is an error, not a lost archive") {
  const std::vector<std::string> heads = expected_heads();
  TemporaryDirectory directory;
  REQUIRE_FALSE(killed([&] {
    auto pool = GitPool::create(directory.pool(), kOptions);
    if (!pool || !run_generation(**pool, 0)) ::_exit(1);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{64, 64};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
    auto failed = run_generation(**pool, 1);
    ::_exit(!failed && failed.error().message.find("File too large") != std::string::npos ? 0 : 3);
  }));
  CHECK(whole_generations(directory.pool(), heads) == 1);
}
