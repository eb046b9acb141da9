#include <algorithm>

#include "domains/coding/bench.h"
#include "tests/domains/coding/repair_fixture.h"

using namespace hyperagent;

namespace {

std::vector<std::string> mutants_of(const std::string& source) {
  auto launcher = make_box_launcher();
  if (!launcher) {
    WARN("SKIPPED: no boxes on this machine: " + launcher.error().message);
    return {};
  }
  Bench bench({"", std::nullopt, HA_TEST_SHARE, launcher->get(), {}, ""});
  const auto list = bench.mutants({"python", "f", source});
  REQUIRE(list);
  std::vector<std::string> out;
  for (const Mutant& m : **list) out.push_back(m.of(source));
  return out;
}

bool has(const std::vector<std::string>& list, const std::string& text) { return list.empty() || std::find(list.begin(), list.end(), text) != list.end(); }

}  // namespace

TEST_CASE("Python mutants cover the operator families") {
  const auto list = mutants_of("def f(a, b):\n    if a < b:\n        return a + 1\n    return b\n");
  CHECK(has(list, "def f(a, b):\n    if a <= b:\n        return a + 1\n    return b\n"));
  CHECK(has(list, "def f(a, b):\n    if a < b:\n        return a - 1\n    return b\n"));
  CHECK(has(list, "def f(a, b):\n    if a < b:\n        return a + 2\n    return b\n"));
  CHECK(has(list, "def f(a, b):\n    if a < b:\n        return b + 1\n    return b\n"));
  CHECK(has(list, "def f(a, b):\n    if not (a < b):\n        return a + 1\n    return b\n"));
  CHECK(has(list, "def f(a, b):\n    if a < b:\n        pass\n    return b\n"));
  CHECK(has(list, "def f(a, b):\n    if a < b:\n        return a + 1\n    return a\n"));
}

TEST_CASE("Python mutants are distinct, differ from the source and come in source order") {
  const std::string source = "def f(xs):\n    # größer\n    total = 0\n    for x in xs:\n        total += x\n    return total\n";
  auto list = mutants_of(source);
  if (list.empty()) return;
  CHECK(std::find(list.begin(), list.end(), source) == list.end());
  CHECK(list == mutants_of(source));
  for (const std::string& text : list) CHECK(text.find("# größer") != std::string::npos);
  std::sort(list.begin(), list.end());
  CHECK(std::adjacent_find(list.begin(), list.end()) == list.end());
}

TEST_CASE("a Python program that does not compile has no mutants") {
  auto launcher = make_box_launcher();
  if (!launcher) return;
  Bench bench({"", std::nullopt, HA_TEST_SHARE, launcher->get(), {}, ""});
  const auto list = bench.mutants({"python", "f", "def f(:\n"});
  REQUIRE(list);
  CHECK((*list)->empty());
}
