// Exercises: what passes, what does not, two tries, and what is read from disk.
#include "tests/domains/coding/exercise_fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

Exercise double_it() {
  Exercise e;
  e.id = "python__double-it";
  e.language = "python";
  e.instructions = "# Instructions\n\nDouble it.";
  e.files = {{"double_it.py", "def double_it(n):\n    pass\n"}};
  e.solution = {"double_it.py"};
  e.tests = {{"double_it_test.py", "import unittest\nfrom double_it import double_it\n\nclass T(unittest.TestCase):\n    def test_two(self):\n        self.assertEqual(double_it(2), 4)\n\n"
                                   "    def test_three(self):\n        self.assertEqual(double_it(3), 6)\n"}};
  e.answers = {{"double_it.py", "def double_it(n):\n    return 2 * n\n"}};
  e.cases = 2;
  return e;
}

Json answer(const std::string& text) { return {{"files", {{"double_it.py", text}}}}; }

}  // namespace

TEST_CASE("a reference passes, a stub does not, and the tests' words are the same every time") {
  ExerciseDesk bench;
  if (!bench.works()) return;
  ExerciseBench exercises(bench.options());
  const Exercise e = double_it();
  const auto right = exercises.test(e, e.answers), wrong = exercises.test(e, {}), again = exercises.test(e, {});
  REQUIRE(right);
  INFO(right->output);
  CHECK(right->passed);
  CHECK(right->cases == 2);
  CHECK_FALSE(wrong->passed);
  CHECK_THAT(wrong->output, Contains("AssertionError: None != 4"));
  CHECK(wrong->output == again->output);
}

TEST_CASE("ending the process, claiming success or replacing the tests is no pass") {
  ExerciseDesk bench;
  if (!bench.works()) return;
  ExerciseBench exercises(bench.options());
  const Exercise e = double_it();
  for (const char* cheat : {"import os\nos._exit(0)\n", "import os\nos.write(1, b'Ran 1 test in 0.1s\\n\\nOK\\n')\nos._exit(0)\n", "import os\nos.kill(os.getppid(), 9)\n",
                            "while True: pass\n"}) {
    INFO(cheat);
    const auto run = exercises.test(e, {{"double_it.py", cheat}, {"double_it_test.py", "import unittest\nclass T(unittest.TestCase):\n    def test(self): pass\n"}});
    REQUIRE(run);
    CHECK_FALSE(run->passed);
    if (std::string(cheat).starts_with("while")) CHECK_THAT(run->output, Contains("ran out of time"));
  }
}

// std::regex recurses once a character: 30,000 digits that a solution printed ended the host.
TEST_CASE("a solution that prints a very long number ends nothing but its own test") {
  ExerciseDesk bench;
  if (!bench.works()) return;
  ExerciseBench exercises(bench.options());
  const auto run = exercises.test(double_it(), {{"double_it.py", "print('Ran ' + '1' * 50000)\n"}});
  REQUIRE(run);
  CHECK_FALSE(run->passed);
}

TEST_CASE("the first try counts for pass@1, the second after its output for pass@2") {
  ExerciseDesk bench;
  if (!bench.works()) return;
  const Folder folder;
  REQUIRE(write_exercises(folder.path(), {double_it()}, {}));
  auto domain = open_exercises(bench.options(folder.path()));
  REQUIRE(domain);
  const std::string right = "def double_it(n): return n + n\n", wrong = "def double_it(n): return n * n\n";
  CHECK((*domain)->input(Split::Train, 0).dump().find("assertEqual") == std::string::npos);

  auto at_once = (*domain)->grade_observed(Split::Train, 0, answer(right), Json());
  REQUIRE(at_once);
  CHECK(at_once->score == 1);
  CHECK(at_once->detail["pass_at_1"] == true);

  auto services = (*domain)->services(Split::Train, 0);
  const auto said = services->call("exercise.submit", answer(wrong));
  REQUIRE(said);
  CHECK((**said)["passed"] == false);
  CHECK_THAT((**said)["output"].get<std::string>(), Contains("9 != 6"));
  CHECK((**services->call("exercise.submit", answer(right))).contains("error"));
  auto second = (*domain)->grade_observed(Split::Train, 0, answer(right), services->observed());
  REQUIRE(second);
  CHECK(second->score == 1);
  CHECK(second->detail["pass_at_1"] == false);
  CHECK((*domain)->metrics(std::vector<TaskResult>{*second})["pass_at_1"] == 0.0);
  CHECK((*domain)->metrics(std::vector<TaskResult>{*second})["pass_at_2"] == 1.0);
}

TEST_CASE("a solver's own program runs beside its files, without the tests") {
  ExerciseDesk bench;
  if (!bench.works()) return;
  ExerciseBench exercises(bench.options());
  const Exercise e = double_it();
  const auto run = exercises.run_script(e, e.answers, "import os\nfrom double_it import double_it\nprint(double_it(21), sorted(os.listdir('.')))\n");
  REQUIRE(run);
  CHECK_THAT(run->output, Contains("42") && !Contains("double_it_test"));
}

TEST_CASE("the benchmark's folders are read as users have them") {
  const Folder folder;
  const std::string place = "javascript/exercises/practice/add-one/";
  folder.write(place + ".meta/config.json", R"({"files": {"solution": ["add-one.js"], "test": ["add-one.spec.js"], "example": [".meta/proof.ci.js"]}})");
  folder.write(place + ".meta/proof.ci.js", "export const addOne = (n) => n + 1;\n");
  folder.write(place + ".docs/instructions.md", "# Instructions\n\nAdd one.\n");
  folder.write(place + "add-one.js", "export const addOne = (n) => { throw new Error('Remove this'); };\n");
  folder.write(place + "add-one.spec.js", "import { addOne } from './add-one';\ndescribe('add', () => {\n  test('one', () => expect(addOne(1)).toEqual(2));\n  xtest('two', () => expect(addOne(2)).toEqual(3));\n});\n");
  folder.write(place + "package.json", "{}");
  folder.write("cobol/exercises/practice/x/.meta/config.json", "{}");
  const auto imported = read_polyglot(folder.path());
  REQUIRE(imported);
  REQUIRE(imported->exercises.size() == 1);
  CHECK_THAT(imported->left_out.front(), Contains("no support for cobol"));
  const Exercise& e = imported->exercises.front();
  CHECK(e.files.size() == 1);
  CHECK(e.tests.size() == 1);
  CHECK_THAT(e.instructions, Contains("Add one."));
  ExerciseDesk bench;
  if (!bench.works()) return;
  ExerciseBench exercises(bench.options());
  if (const std::string missing = exercises.missing("javascript"); !missing.empty()) {
    WARN("SKIPPED: " << missing);
    return;
  }
  const auto reference = exercises.test(e, e.answers), stub = exercises.test(e, {});
  REQUIRE(reference);
  INFO(reference->output);
  CHECK(reference->passed);
  CHECK(reference->cases == 2);
  CHECK_FALSE(stub->passed);
  const auto nothing = read_polyglot("/nonexistent");
  REQUIRE_FALSE(nothing);
}
