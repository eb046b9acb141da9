#include <signal.h>
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

TEST_CASE("Ctrl-C stops a run within two seconds, and resume goes on to the same archive as an uninterrupted run") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  const std::string domain = folder.path("cafe");
  cli_test::hyperagent({"domain", "new", "cafe", domain});
  const std::vector<std::string> options = {"--domain", domain, "--generations", "3", "--batch", "4", "--workers", "2", "--json"};
  const auto command = [&](const std::string& run) {
    std::vector<std::string> argv = {"hyperagent", "run", "--run", run};
    argv.insert(argv.end(), options.begin(), options.end());
    return argv;
  };

  cli_test::Running running(command(folder.path("cut")));
  REQUIRE(running.wait_for_text("\"event\":\"generation\"", 60));
  const auto began = std::chrono::steady_clock::now();
  running.signal(SIGINT);
  const cli_test::Finished cut = running.wait();
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(2));
  if (cut.status == 0) {
    WARN("SKIPPED: the run was over before it could be interrupted");
    return;
  }
  CHECK(cut.status == 3);
  CHECK_THAT(cut.err, Contains("hyperagent resume"));

  const cli_test::Finished resumed = cli_test::hyperagent({"resume", folder.path("cut"), "--json"});
  INFO(resumed.err);
  CHECK(resumed.status == 0);
  const cli_test::Finished whole = cli_test::run(command(folder.path("whole")));
  CHECK(resumed.json()["archive_head"] == whole.json()["archive_head"]);
}

TEST_CASE("Ctrl-C does not wait for a robot's training to end") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  cli_test::Running running({"hyperagent", "run", "--domain", "robot_reward:cpu", "--run", folder.path("run"), "--workers", "1"});
  for (int i = 0; i < 100 && !std::filesystem::exists(folder.path("run/run.json")); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::this_thread::sleep_for(std::chrono::seconds(2));  // a training takes a minute
  const auto began = std::chrono::steady_clock::now();
  running.signal(SIGINT);
  const cli_test::Finished finished = running.wait();
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(2));
  if (finished.err.find("built without the robot") != std::string::npos) {
    WARN("SKIPPED: built without the robot");
    return;
  }
  CHECK(finished.status == 3);
}

namespace {

// A disk of its own below a folder; not there where this process may not mount.
class SmallDisk {
 public:
  explicit SmallDisk(std::string folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=230m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount(folder_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  explicit operator bool() const { return mounted_; }
  void fill() const {
    std::ofstream file(folder_ + "/fill", std::ios::binary);
    const std::string block(1 << 20, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void clear() const { std::filesystem::remove(folder_ + "/fill"); }

 private:
  std::string folder_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("a disk that fills up under a run ends it with an error, and resume goes on once there is room") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  const std::string domain = folder.path("cafe"), run = folder.path("disk/run");
  cli_test::hyperagent({"domain", "new", "cafe", domain});
  const SmallDisk disk(folder.path("disk"));
  if (!disk) {
    WARN("SKIPPED: only root can mount a small disk");
    return;
  }
  cli_test::Running running({"hyperagent", "run", "--domain", domain, "--run", run, "--max-time", "120", "--workers", "1", "--batch", "4", "--json"});
  REQUIRE(running.wait_for_text("\"event\":\"generation\"", 60));
  disk.fill();
  const cli_test::Finished full = running.wait();
  CHECK(full.status == 2);
  CHECK_THAT(full.err, Contains("No space left on device"));
  disk.clear();
  const cli_test::Finished resumed = cli_test::hyperagent({"resume", run, "--max-time", "2", "--json"});
  INFO(resumed.err);
  CHECK(resumed.status == 0);
  CHECK(cli_test::run({"git", "-C", run + "/archive.git", "fsck", "--strict"}).status == 0);
}

TEST_CASE("a run that is stopped while its first agents are scored can be resumed") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  const std::string domain = folder.path("cafe"), run = folder.path("run");
  cli_test::hyperagent({"domain", "new", "cafe", domain});
  cli_test::hyperagent({"run", "--domain", domain, "--run", run, "--generations", "1", "--batch", "2"});
  REQUIRE(cli_test::run({"rm", "-rf", run + "/archive.git"}).status == 0);  // as if killed between run.json and the first commit
  const cli_test::Finished resumed = cli_test::hyperagent({"resume", run, "--json"});
  INFO(resumed.err);
  CHECK(resumed.status == 0);
  CHECK(resumed.json()["candidates"] == 2);
}
