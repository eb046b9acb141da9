// What must not pile up, and what two threads must not hand to each other's boxes.
#include <filesystem>
#include <thread>

#include "sandbox/cgroup.h"
#include "tests/sandbox/box_fixture.h"

using namespace hyperagent;
namespace fs = std::filesystem;

namespace {

std::ptrdiff_t entries(const std::string& folder) {
  std::error_code error;
  std::ptrdiff_t count = 0;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) ++count;
  return count;
}

std::ptrdiff_t processes() {
  std::ptrdiff_t count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/task"))
    if (const auto text = read_text(entry.path() / "children")) count += std::count(text->begin(), text->end(), ' ');
  return count;
}

// Groups of launchers of this process, at every place where one may be.
std::ptrdiff_t groups() {
  const CgroupPlace place = locate_cgroups(*read_text("/proc/self/cgroup"), *read_text("/proc/self/mountinfo"));
  std::ptrdiff_t count = 0;
  for (const std::string& folder : {place.memory, place.pids}) {
    std::error_code error;
    if (folder.empty()) continue;
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (entry.path().filename().string().rfind("hyperagent-" + std::to_string(::getpid()) + "-", 0) == 0)
        count += 1 + std::count_if(fs::directory_iterator(entry.path()), {}, [](const auto& inner) { return inner.is_directory(); });
  }
  return count;
}

// One box, whose program must see three descriptors and no pipe of another box. Catch2's assertions are not thread-safe.
bool one_box(BoxLauncher& launcher) {
  auto box = launcher.start(hostile("echo", {}, SyscallProfile::Agent));
  if (!box || !(*box)->send("hello") || (*box)->receive(20) != "hello") return false;
  // The end of input must reach the program: it would not, were the pipe's other end open in a neighbour.
  if (!succeeded((*box)->wait())) return false;
  auto lister = launcher.start(hostile("descriptors"));
  return lister && succeeded((*lister)->wait()) && (*lister)->standard_error() == "0 1 2 ";
}

}  // namespace

TEST_CASE("100 boxes in sequence leak no descriptor, process or control group") {
  {
    Boxes boxes;
    if (!boxes) return;
    const auto descriptors = entries("/proc/self/fd");
    const auto children = processes();
    const auto before = groups();
    for (int i = 0; i < 50; ++i) REQUIRE(one_box(boxes.launcher()));      // two boxes each
    for (int i = 0; i < 5; ++i) boxes.start(hostile("close_and_sleep"));  // destroyed while they run
    for (int i = 0; i < 5; ++i) CHECK_FALSE(boxes.launcher().start(hostile("absent")));
    CHECK(entries("/proc/self/fd") == descriptors);
    CHECK(processes() == children);
    CHECK(groups() == before);
  }
  CHECK(groups() == 0);
}

TEST_CASE("two threads start 50 boxes each without handing descriptors to each other's") {
  Boxes boxes;
  if (!boxes) return;
  int good[2] = {0, 0};
  const auto work = [&](int& count) {
    for (int i = 0; i < 25; ++i) count += one_box(boxes.launcher());
  };
  std::thread other([&] { work(good[1]); });
  work(good[0]);
  other.join();
  CHECK(good[0] == 25);
  CHECK(good[1] == 25);
}
