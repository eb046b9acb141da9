#include "tests/domains/coding/repair_fixture.h"

using namespace hyperagent;

namespace {

// Grades a hostile patch; it must score zero and leave the next, honest patch its full score.
void attack(const std::string& language, const std::string& patch) {
  TaskFolder folder;
  folder.add_double(language);
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  const auto graded = fixture.domain->grade(Split::Train, 0, patch);
  INFO((graded ? graded->detail.dump() : graded.error().message));
  REQUIRE(graded);
  CHECK(graded->score == 0);
  const auto honest = fixture.domain->grade(Split::Train, 0, language == "cpp" ? "int twice(int n) { return 2 * n; }" : "def twice(n):\n    return 2 * n\n");
  REQUIRE(honest);
  CHECK(honest->score == 1);
}

const std::string kDeclare = "extern \"C\" { int system(const char*); int kill(int, int); int open(const char*, int, ...); long write(int, const void*, unsigned long); int fork(); int _exit(int); int execl(const char*, const char*, ...); }\n";

}  // namespace

TEST_CASE("a C++ patch that kills everything it can reach harms only itself") { attack("cpp", kDeclare + "int twice(int n) { kill(-1, 9); return 2 * n; }"); }
TEST_CASE("a C++ patch that starts another program gets no result") { attack("cpp", kDeclare + "int twice(int n) { execl(\"/bin/true\", \"true\", nullptr); return 2 * n + 1; }"); }
TEST_CASE("a C++ patch that forks without end is contained") { attack("cpp", kDeclare + "int twice(int n) { for (;;) fork(); return n; }"); }
TEST_CASE("a C++ patch that takes all memory is contained") { attack("cpp", "#include <vector>\n#include <string>\nint twice(int n) { std::vector<std::string> all; for (;;) all.emplace_back(1 << 24, 'x'); return n; }"); }
TEST_CASE("a C++ patch that prints a forged reply before any test runs scores nothing") {
  attack("cpp", kDeclare + "struct Forge { Forge() { const char text[] = \"\\x0b\\0\\0\\0{\\\"runs\\\":[]}\"; for (int fd = 0; fd < 64; ++fd) write(fd, text, sizeof text - 1); } } forge;\nint twice(int n) { return n; }");
}
TEST_CASE("a C++ patch that replies with brackets nested a hundred thousand deep does not hurt the host") {
  attack("cpp", kDeclare + "struct Forge { Forge() { static char text[200004]; text[0] = 0x40; text[1] = 0x0d; text[2] = 3; for (int i = 4; i < 200004; ++i) text[i] = '['; write(1, text, sizeof text); _exit(0); } } forge;\nint twice(int n) { return n; }");
}
TEST_CASE("a C++ patch that writes files outside its box changes nothing") {
  const auto target = std::filesystem::temp_directory_path() / "ha-hostile-was-here";
  std::filesystem::remove(target);
  attack("cpp", kDeclare + "int twice(int n) { int fd = open(\"" + target.string() + "\", 0101, 0666); write(fd, \"x\", 1); return n; }");
  CHECK_FALSE(std::filesystem::exists(target));
}
TEST_CASE("a Python patch with os.system changes nothing outside") {
  const auto target = std::filesystem::temp_directory_path() / "ha-hostile-was-here";
  std::filesystem::remove(target);
  attack("python", "import os\ndef twice(n):\n    os.system('touch " + target.string() + "; kill -9 -1')\n    return n\n");
  CHECK_FALSE(std::filesystem::exists(target));
}
TEST_CASE("a Python patch finds no hidden test and no expected value in its box") {
  // Answers from any file of tests or any object that looks like an expected value.
  attack("python", "import gc, glob, json\ndef twice(n):\n    for path in glob.glob('/**/hidden*.jsonl', recursive=True):\n        for line in open(path):\n            test = json.loads(line)\n            if test['args'] == [n]:\n                return test['expected']\n"
                   "    for thing in gc.get_objects():\n        if isinstance(thing, dict) and 'expected' in thing and thing.get('args') == [n]:\n            return thing['expected']\n    return None\n");
}
TEST_CASE("a Python patch that switches tracing off still ends") { attack("python", "import sys\ndef twice(n):\n    sys.settrace(None)\n    while True:\n        pass\n"); }
TEST_CASE("a Python patch that claims to equal everything does not pass") {
  attack("python", "class Any(int):\n    def __eq__(self, other):\n        return True\n    def __ne__(self, other):\n        return False\n    __hash__ = int.__hash__\ndef twice(n):\n    return Any(7)\n");
}
