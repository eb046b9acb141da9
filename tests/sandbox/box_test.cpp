// Ordinary use.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sandbox/posix.h"
#include "sandbox/probe.h"
#include "tests/sandbox/box_fixture.h"

using namespace hyperagent;

TEST_CASE("frames come back in order from both profiles, large ones included") {
  Boxes boxes;
  if (!boxes) return;
  for (const SyscallProfile profile : {SyscallProfile::Tool, SyscallProfile::Agent}) {
    auto box = boxes.start(hostile("echo", {}, profile));
    for (const std::size_t size : {0u, 1u, 1000u, 70'000u, 3'000'000u}) {
      const std::string frame(size, static_cast<char>('a' + size % 26));
      REQUIRE(box->send(frame));
      const auto reply = box->receive(10);
      REQUIRE(reply);
      CHECK(*reply == frame);
    }
    CHECK(succeeded(box->wait()));
    CHECK(succeeded(box->wait()));
    CHECK(box->standard_error() == "ready");
  }
}

TEST_CASE("frames sent ahead of reading do not deadlock") {
  Boxes boxes;
  if (!boxes) return;
  auto box = boxes.start(hostile("echo"));
  const std::string frame(200'000, 'z');
  for (int i = 0; i < 20; ++i) REQUIRE(box->send(frame));
  for (int i = 0; i < 20; ++i) CHECK(box->receive(10) == frame);
}

TEST_CASE("sending to a program that ended is false, not a signal") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("descriptors");
  auto box = boxes.start(spec);
  ::usleep(100'000);
  bool sent = true;
  for (int i = 0; i < 4 && sent; ++i) sent = box->send("hello");
  CHECK_FALSE(sent);
  CHECK(succeeded(box->wait()));
}

TEST_CASE("a reply that does not come in time kills the box as timed out") {
  Boxes boxes;
  if (!boxes) return;
  auto box = boxes.start(hostile("echo"));
  CHECK_FALSE(box->receive(0.1));
  const RunOutcome outcome = box->wait();
  REQUIRE(is<TimedOut>(outcome));
  CHECK(std::get<TimedOut>(outcome).wall_seconds == 0.1);
}

TEST_CASE("a killed box is reported as signalled") {
  Boxes boxes;
  if (!boxes) return;
  auto box = boxes.start(hostile("close_and_sleep"));
  box->kill();
  CHECK(is<Signalled>(box->wait()));
}

TEST_CASE("an agent may use threads, fork, and load a library from memory") {
  Boxes boxes;
  if (!boxes) return;
  const char* library = "/usr/lib/x86_64-linux-gnu/libz.so.1";
  if (::access(library, R_OK) != 0) library = "/lib64/ld-linux-x86-64.so.2";
  CHECK(succeeded(boxes.run(hostile("plugin", {library}, SyscallProfile::Agent))));
  CHECK(boxes.said == "loaded 11");
}

TEST_CASE("a box starts with descriptors 0, 1 and 2 and its own environment only") {
  Boxes boxes;
  if (!boxes) return;
  CHECK(succeeded(boxes.run(hostile("descriptors"))));
  CHECK(boxes.said == "0 1 2 ");
  BoxSpec spec = hostile("echo");
  spec.argv = {"/usr/bin/env"};
  spec.environment = {{"ONLY", "this one"}};
  auto box = boxes.start(spec);
  box->wait();
  spec.argv = {"/bin/sh", "-c", "env >&2"};
  CHECK(succeeded(boxes.run(spec)));
  CHECK(boxes.said.find("ONLY=this one\n") != std::string::npos);
  CHECK(boxes.said.find("HOME=") == std::string::npos);
}

TEST_CASE("a mount below a folder that only its owner may enter can be read in the box") {
  Boxes boxes;
  if (!boxes) return;
  char name[] = "/tmp/hyperagent-private-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);  // mode 0700
  const std::string folder = std::string(name) + "/data";
  REQUIRE(::mkdir(folder.c_str(), 0755) == 0);
  std::ofstream(folder + "/word") << "found";
  BoxSpec spec = hostile("echo");
  spec.argv = {"/bin/sh", "-c", "cat /data/deep/word /tmp/file >&2"};
  spec.read_only.push_back({folder, "/data/deep"});
  spec.read_only.push_back({folder + "/word", "/tmp/file"});
  CHECK(succeeded(boxes.run(spec)));
  CHECK(boxes.said == "foundfound");
  std::filesystem::remove_all(name);
}

TEST_CASE("a mount that does not exist and a program that does not exist are our errors, with the path in words") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("echo");
  spec.read_only.push_back({"/no/such/folder", "/x"});
  const auto mount = boxes.launcher().start(spec);
  REQUIRE_FALSE(mount);
  CHECK(mount.error().message == "cannot mount '/no/such/folder' into a box: no such file or directory");
  const auto program = boxes.launcher().start(hostile("absent"));
  REQUIRE_FALSE(program);
  CHECK(program.error().message == "cannot start '/opt/hostile/absent' in a box: no such file or directory; run `hyperagent doctor`");
  spec = hostile("echo");
  spec.read_only.push_back({"/usr", "/../x"});
  CHECK_FALSE(boxes.launcher().start(spec));
}

TEST_CASE("the box ends when the host process is killed") {
  Boxes boxes;
  if (!boxes) return;
  auto pipe = make_pipe();
  REQUIRE(pipe);
  const pid_t host = ::fork();
  if (host == 0) {
    pipe->read.reset();
    auto launcher = make_box_launcher({.control_groups = false});
    auto box = (*launcher)->start(hostile("close_and_sleep"));
    if (::write(pipe->write.get(), box ? "x" : "-", 1) == 1) ::pause();
    ::_exit(0);
  }
  char byte;
  REQUIRE(::read(pipe->read.get(), &byte, 1) == 1);
  REQUIRE(byte == 'x');
  std::ifstream children("/proc/" + std::to_string(host) + "/task/" + std::to_string(host) + "/children");
  int init = 0;
  children >> init;
  if (init == 0) {
    WARN("SKIPPED: this kernel does not list the children of a process");
    ::kill(host, SIGKILL);
    ::waitpid(host, nullptr, 0);
    return;
  }
  ::kill(host, SIGKILL);
  ::waitpid(host, nullptr, 0);
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    ::usleep(10'000);
    std::ifstream status("/proc/" + std::to_string(init) + "/stat");
    std::string pid, name, state;
    gone = !(status >> pid >> name >> state) || state == "Z" || state == "X";
  }
  CHECK(gone);
}

TEST_CASE("the probe lists every feature and the cost of a box") {
  const Json list = probe();
  CHECK(list.size() >= 8);
  for (const Json& line : list) {
    CHECK(line.at("name").is_string());
    if (line.at("ok") == false) {
      CHECK_FALSE(line.at("advice").get<std::string>().empty());
      WARN(line.dump());
    }
  }
}

TEST_CASE("the median cost of starting /bin/true in a box is printed") {
  for (const bool groups : {true, false}) {
    Boxes boxes({.control_groups = groups});
    if (!boxes) return;
    BoxSpec spec = hostile("echo");
    spec.argv = {"/bin/true"};
    spec.read_only.clear();
    std::vector<double> milliseconds;
    for (int i = 0; i < 101; ++i) {
      const double began = monotonic_seconds();
      REQUIRE(succeeded(boxes.start(spec)->wait()));
      milliseconds.push_back((monotonic_seconds() - began) * 1e3);
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    std::printf("/bin/true in a box %s control groups: median %.2f ms (min %.2f, p90 %.2f, n=101)\n", groups ? "with" : "without",
                milliseconds[50], milliseconds[0], milliseconds[90]);
  }
}
