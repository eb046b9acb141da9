#include "sandbox/cgroup.h"

#include <catch2/catch.hpp>

using namespace hyperagent;

TEST_CASE("v1 controllers are found below our own group, each in its own hierarchy") {
  const CgroupPlace place = locate_cgroups("8:pids:/\n4:memory:/job/7\n0::/\n",
                                           "30 25 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
                                           "31 25 0:27 / /sys/fs/cgroup/pids rw,relatime shared:4 - cgroup cgroup rw,pids\n"
                                           "32 25 0:28 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n");
  CHECK(place.kind == CgroupKind::V1);
  CHECK(place.memory == "/sys/fs/cgroup/memory/job/7");
  CHECK(place.pids == "/sys/fs/cgroup/pids");
}

TEST_CASE("controllers mounted together are found by name, not by prefix") {
  const CgroupPlace place = locate_cgroups("3:cpu,memory,pids:/a\n", "30 25 0:26 / /cg rw - cgroup cgroup rw,cpu,memory,pids\n");
  CHECK(place.memory == "/cg/a");
  CHECK(place.pids == "/cg/a");
}

TEST_CASE("a container's v1 mount that shows only its own part is followed") {
  const CgroupPlace place =
      locate_cgroups("4:memory:/docker/abc/x\n", "30 25 0:26 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  CHECK(place.memory == "/sys/fs/cgroup/memory/x");
  CHECK(place.pids == "");
}

TEST_CASE("a v2 hierarchy serves both controllers") {
  const CgroupPlace place =
      locate_cgroups("0::/user.slice/app.scope\n", "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n");
  CHECK(place.kind == CgroupKind::V2);
  CHECK(place.memory == "/sys/fs/cgroup/user.slice/app.scope");
  CHECK(place.pids == place.memory);
}

TEST_CASE("a machine without control groups has none") {
  CHECK(locate_cgroups("", "20 1 8:1 / / rw - ext4 /dev/sda rw\n").kind == CgroupKind::None);
}
