// One attack a case. Programs exit with 42 when their attack worked.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sandbox/gpu.h"
#include "sandbox/posix.h"
#include "tests/sandbox/box_fixture.h"

using namespace hyperagent;

namespace {
const SyscallProfile kBoth[] = {SyscallProfile::Tool, SyscallProfile::Agent};
}

TEST_CASE("a fork bomb stays within the process limit of its box") {
  for (const bool groups : {true, false}) {
    Boxes boxes({.control_groups = groups});
    if (!boxes) return;
    BoxSpec spec = hostile("fork_bomb");
    spec.limits.processes = 16;
    CHECK(exit_status(boxes.run(spec)) == 0);
    CHECK(std::atoi(boxes.said.c_str() + 9) <= 16);
    CHECK(std::atoi(boxes.said.c_str() + 9) >= 8);
  }
}

TEST_CASE("a program that allocates without end gets no more than its memory limit") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("memory_bomb");
  spec.limits.memory_bytes = 64 << 20;
  const RunOutcome outcome = boxes.run(spec);
  CHECK((is<OverMemory>(outcome) || exit_status(outcome) == 3));
}

TEST_CASE("processes that are over the memory limit only together are killed as over memory") {
  Boxes boxes;
  if (!boxes) return;
  const CgroupParent groups = CgroupParent::discover();
  if (!groups.limits_memory()) {
    WARN("SKIPPED: no memory control group can be made here");
    return;
  }
  BoxSpec spec = hostile("memory_tree");
  spec.limits.memory_bytes = 128 << 20;
  CHECK(is<OverMemory>(boxes.run(spec)));
}

TEST_CASE("files in the private /tmp cannot take more than the file limit in sum") {
  Boxes boxes;
  if (!boxes) return;
  CHECK(exit_status(boxes.run(hostile("tmp_bomb"))) == 0);
}

TEST_CASE("an agent's ioctl reaches no driver, unless its box names the graphics driver") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("ioctl", {}, SyscallProfile::Agent);
  CHECK(exit_status(boxes.run(spec)) == 1);
  CHECK(boxes.said == "limited");
  spec.gpu = UnfilteredGpuDriver{{"/dev/null", "/dev/zero"}};  // stand for /dev/nvidia0 and its like
  CHECK(exit_status(boxes.run(spec)) == 42);
  CHECK(boxes.said == "unlimited");
}

TEST_CASE("the files of a graphics driver are found when all are there that a program needs") {
  const std::string folder = "/tmp/ha-test-gpu-" + std::to_string(getpid());
  std::filesystem::create_directory(folder);
  const auto put = [&](const std::string& name) { std::ofstream(folder + "/" + name) << ""; };
  CHECK_FALSE(find_gpu_driver(folder));
  for (const char* name : {"null", "nvidiactl", "nvidia-uvm", "nvidia-caps", "nvidia-modeset"}) put(name);
  CHECK_FALSE(find_gpu_driver(folder));
  put("nvidia0");
  put("nvidia11");
  const auto driver = find_gpu_driver(folder);
  REQUIRE(driver);
  CHECK(driver->files == std::vector<std::string>{folder + "/nvidia-uvm", folder + "/nvidia0", folder + "/nvidia11", folder + "/nvidiactl"});
  std::filesystem::remove_all(folder);
  CHECK_FALSE(find_gpu_driver(folder));
}

TEST_CASE("a program that loops past its wall limit is reported as timed out") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("endless_loop", {"children"});
  spec.limits.wall_seconds = 0.3;
  const double began = monotonic_seconds();
  const RunOutcome outcome = boxes.run(spec);
  REQUIRE(is<TimedOut>(outcome));
  CHECK(std::get<TimedOut>(outcome).wall_seconds == 0.3);
  CHECK(monotonic_seconds() - began < 3);
}

TEST_CASE("the wall limit holds while the host is in no call") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("endless_loop");
  spec.limits.wall_seconds = 0.2;
  auto box = boxes.start(spec);
  ::usleep(600'000);
  const double began = monotonic_seconds();
  CHECK(is<TimedOut>(box->wait()));
  CHECK(monotonic_seconds() - began < 0.15);  // it was dead already
}

TEST_CASE("a program that uses more processor time than allowed is reported as timed out") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("endless_loop");
  spec.limits.cpu_seconds = 1;
  CHECK(is<TimedOut>(boxes.run(spec)));
}

TEST_CASE("a program that writes without end is stopped as over output") {
  Boxes boxes;
  if (!boxes) return;
  for (const SyscallProfile profile : kBoth) {
    BoxSpec spec = hostile("endless_output", {"1"}, profile);
    spec.limits.output_bytes = 1 << 20;
    CHECK(is<OverOutput>(boxes.run(spec)));
    auto box = boxes.start(spec);
    while (box->receive(10)) {
    }
    CHECK(is<OverOutput>(box->wait()));
  }
}

TEST_CASE("a program that writes errors without end keeps only its last 64 KiB and meets the wall limit") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("endless_output", {"2"});
  spec.limits.wall_seconds = 0.3;
  CHECK(is<TimedOut>(boxes.run(spec)));
  CHECK(boxes.said.size() == 64 << 10);
}

TEST_CASE("a frame header of 4 GiB ends the box as over output at once") {
  Boxes boxes;
  if (!boxes) return;
  auto box = boxes.start(hostile("huge_header"));
  const double began = monotonic_seconds();
  CHECK_FALSE(box->receive(10));
  CHECK(is<OverOutput>(box->wait()));
  CHECK(monotonic_seconds() - began < 5);
}

TEST_CASE("the system folders and mounts of a box cannot be written") {
  Boxes boxes;
  if (!boxes) return;
  CHECK(exit_status(boxes.run(hostile("write_system", {"tool"}))) == 0);
  CHECK(boxes.said == "");
}

TEST_CASE("an agent has no file it could leave for the next input, in /tmp neither") {
  Boxes boxes;
  if (!boxes) return;
  CHECK(exit_status(boxes.run(hostile("write_system", {}, SyscallProfile::Agent))) == 0);
  CHECK(boxes.said == "");
}

TEST_CASE("the host's secrets, homes and temporary files are not in a box") {
  Boxes boxes;
  if (!boxes) return;
  char name[] = "/tmp/hyperagent-secret-XXXXXX";
  Fd secret(::mkstemp(name));
  REQUIRE(secret);
  for (const SyscallProfile profile : kBoth) {
    const std::vector<std::string> places{"/etc/shadow", "/etc/passwd", "/root",    "/home",       "/sys",        "/var",
                                          name,          "/dev/mem",    "/dev/kvm", "/proc/1/cwd", "/proc/1/root"};
    CHECK(exit_status(boxes.run(hostile("read_secrets", places, profile))) == 0);
    CHECK(boxes.said == "");
  }
  ::unlink(name);
}

TEST_CASE("no socket can be made in a box") {
  Boxes boxes;
  if (!boxes) return;
  for (const SyscallProfile profile : kBoth) CHECK(exit_status(boxes.run(hostile("network", {}, profile))) == 0);
}

TEST_CASE("a program that kills everyone ends neither its init nor the host") {
  Boxes boxes;
  if (!boxes) return;
  for (const SyscallProfile profile : kBoth) {
    CHECK(exit_status(boxes.run(hostile("kill_all", {}, profile))) == 7);
    CHECK(boxes.said == "still here");
  }
}

TEST_CASE("a tool can neither trace init nor reach its memory or descriptors") {
  Boxes boxes;
  if (!boxes) return;
  CHECK(exit_status(boxes.run(hostile("trace_init"))) == 0);
  CHECK(boxes.said == "");
}

TEST_CASE("an agent cannot reach the memory or descriptors of init and dies when it traces") {
  Boxes boxes;
  if (!boxes) return;
  CHECK(exit_status(boxes.run(hostile("trace_init", {"quiet"}, SyscallProfile::Agent))) == 0);
  CHECK(is<Violation>(boxes.run(hostile("trace_init", {}, SyscallProfile::Agent))));
}

TEST_CASE("an agent that executes another program is reported as a violation") {
  Boxes boxes;
  if (!boxes) return;
  for (const char* way : {"plain", "at", "spare"}) CHECK(is<Violation>(boxes.run(hostile("exec", {way}, SyscallProfile::Agent))));
}

TEST_CASE("a tool may execute another program") {
  Boxes boxes;
  if (!boxes) return;
  for (const char* way : {"plain", "at", "spare"}) CHECK(exit_status(boxes.run(hostile("exec", {way}))) == 0);
}

TEST_CASE("mounting fails in a tool and kills an agent") {
  Boxes boxes;
  if (!boxes) return;
  CHECK(exit_status(boxes.run(hostile("mount"))) == 0);
  CHECK(is<Violation>(boxes.run(hostile("mount", {}, SyscallProfile::Agent))));
}

TEST_CASE("threads can be named through /proc in a box with a graphics driver, and nothing else there can be written") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("name_thread", {}, SyscallProfile::Agent);
  CHECK(exit_status(boxes.run(spec)) == 1);
  spec.gpu = UnfilteredGpuDriver{{"/dev/null"}};
  CHECK(exit_status(boxes.run(spec)) == 42);
  CHECK(boxes.said == "");
}

TEST_CASE("what would end an agent is refused in a box with a graphics driver") {
  Boxes boxes;
  if (!boxes) return;
  const auto refused = [&](const char* program, const char* way) {
    BoxSpec spec = hostile(program, {way}, SyscallProfile::Agent);
    spec.gpu = UnfilteredGpuDriver{{"/dev/null"}};
    const RunOutcome outcome = boxes.run(spec);
    INFO(program << " " << way << ": " << describe(outcome) << " " << boxes.said);
    CHECK_FALSE(is<Violation>(outcome));
    return exit_status(outcome);
  };
  CHECK(refused("mount", "") == 0);
  for (const char* way : {"unshare", "clone"}) CHECK(refused("unshare", way) == 0);
  for (const char* way : {"plain", "at", "spare"}) CHECK(refused("exec", way) != 0);
}

TEST_CASE("no new namespace can be made by unshare, clone or clone3") {
  Boxes boxes;
  if (!boxes) return;
  for (const char* way : {"unshare", "clone", "clone3"}) CHECK(exit_status(boxes.run(hostile("unshare", {way}))) == 0);
  for (const char* way : {"unshare", "clone"}) CHECK(is<Violation>(boxes.run(hostile("unshare", {way}, SyscallProfile::Agent))));
  CHECK(exit_status(boxes.run(hostile("unshare", {"clone3"}, SyscallProfile::Agent))) == 0);
}

TEST_CASE("a daemon left behind dies with its box and does not delay the outcome") {
  Boxes boxes;
  if (!boxes) return;
  const double began = monotonic_seconds();
  CHECK(exit_status(boxes.run(hostile("daemon"))) == 0);
  CHECK(monotonic_seconds() - began < 3);
}

TEST_CASE("a program that closes its output and stays meets the wall limit") {
  Boxes boxes;
  if (!boxes) return;
  BoxSpec spec = hostile("close_and_sleep");
  spec.limits.wall_seconds = 0.3;
  auto box = boxes.start(spec);
  CHECK_FALSE(box->receive(10));
  CHECK(is<TimedOut>(box->wait()));
}

TEST_CASE("a forged end report changes nothing") {
  Boxes boxes;
  if (!boxes) return;
  for (const SyscallProfile profile : kBoth) CHECK(exit_status(boxes.run(hostile("forge_status", {}, profile))) == 9);
}
