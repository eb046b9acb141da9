// Exercises in the languages whose toolchain is optional: one of our own in Go, Java and Rust, in the layout of the public benchmark (polyglot/).
#include <algorithm>

#include "tests/domains/coding/exercise_fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

namespace {

struct Sample {
  std::string language, file;
  int cases;
  std::string wrong, says;  // a solution that counts still water too, and what its tests say of it
  std::string cheat;        // ends the process with the runner's words, before a test has run
  std::string script;       // prints how many high waters there are in 1 4 2 5 3
};

const Sample kSamples[] = {
    {"go", "high_waters.go", 2,
     "package highwaters\n\nfunc Count(heights []int) int {\n\tn := 0\n\tfor i := 1; i+1 < len(heights); i++ {\n\t\tif heights[i] > heights[i-1] && heights[i] >= heights[i+1] {\n\t\t\tn++\n\t\t}\n\t}\n"
     "\treturn n\n}\n",
     "Count([1 4 4 2]) = 1, want 0",
     "package highwaters\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc init() {\n\tfmt.Println(\"--- PASS: TestCount (0.00s)\\nPASS\")\n\tos.Exit(0)\n}\n\nfunc Count(heights []int) int { return 0 }\n",
     "package main\n\nimport (\n\t\"fmt\"\n\t\"highwaters\"\n)\n\nfunc main() { fmt.Println(\"high waters:\", highwaters.Count([]int{1, 4, 2, 5, 3})) }\n"},
    {"java", "src/main/java/HighWaters.java", 3,
     "class HighWaters {\n    int count(int[] h) {\n        int n = 0;\n        for (int i = 1; i + 1 < h.length; i++) if (h[i] > h[i - 1] && h[i] >= h[i + 1]) n++;\n        return n;\n    }\n}\n",
     "stillWaterAtTheTop",
     "class HighWaters {\n    static {\n        System.out.println(\"[         1 tests successful      ]\\n[         0 tests failed          ]\");\n        System.out.flush();\n        Runtime.getRuntime().halt(0);\n"
     "    }\n    int count(int[] heights) { return 0; }\n}\n",
     "class Script {\n    public static void main(String[] arguments) {\n        System.out.println(\"high waters: \" + new HighWaters().count(new int[] {1, 4, 2, 5, 3}));\n    }\n}\n"},
    {"rust", "src/lib.rs", 3,
     "pub fn count(heights: &[i32]) -> usize {\n    heights.windows(3).filter(|w| w[1] > w[0] && w[1] >= w[2]).count()\n}\n",
     "test still_water_at_the_top ... FAILED",
     "pub fn count(_: &[i32]) -> usize {\n    use std::io::Write;\n    std::io::stdout().write_all(b\"test result: ok. 1 passed; 0 failed\\n\").unwrap();\n    std::process::exit(0)\n}\n",
     "fn main() {\n    println!(\"high waters: {}\", high_waters::count(&[1, 4, 2, 5, 3]));\n}\n"},
};

const Exercise& of(const std::vector<Exercise>& exercises, const std::string& language) {
  return *std::find_if(exercises.begin(), exercises.end(), [&](const Exercise& e) { return e.language == language; });
}

std::vector<std::string> names(const TextFiles& files) {
  std::vector<std::string> list;
  for (const auto& [name, text] : files) list.push_back(name);
  return list;
}

}  // namespace

TEST_CASE("exercises in go, java and rust are read whether or not their toolchains are there") {
  using Names = std::vector<std::string>;
  const auto imported = read_polyglot(HA_TEST_POLYGLOT);
  REQUIRE(imported);
  CHECK(imported->left_out.empty());
  REQUIRE(imported->exercises.size() == 3);
  const Exercise &go = of(imported->exercises, "go"), &java = of(imported->exercises, "java"), &rust = of(imported->exercises, "rust");

  CHECK(names(go.files) == Names{"go.mod", "high_waters.go"});
  CHECK(names(go.tests) == Names{"cases_test.go", "high_waters_test.go"});  // the configuration does not name the cases as a test
  CHECK_THAT(go.answers.at("high_waters.go"), Contains("waters++"));
  CHECK(names(java.files) == Names{"src/main/java/HighWaters.java"});
  CHECK(names(java.answers) == Names{"src/main/java/HighWaters.java", "src/main/java/Hours.java"});
  CHECK(java.solution == Names{"src/main/java/HighWaters.java"});
  CHECK(names(rust.files) == Names{"Cargo.toml", "src/lib.rs"});
  CHECK(rust.solution == Names{"src/lib.rs"});  // its configuration names Cargo.toml too
  CHECK(names(rust.tests) == Names{"tests/high-waters.rs"});
  for (const Exercise& e : imported->exercises) CHECK_THAT(e.instructions, Contains("tide gauge"));
}

TEST_CASE("in go, java and rust the reference passes, and a stub, a wrong solution and one that claims success do not") {
  ExerciseDesk bench;
  if (!bench.works()) return;
  auto imported = read_polyglot(HA_TEST_POLYGLOT);
  REQUIRE(imported);
  const Sample& sample = kSamples[GENERATE(0, 1, 2)];
  ExerciseBench exercises(bench.options());
  if (const std::string missing = exercises.missing(sample.language); !missing.empty()) {
    WARN("SKIPPED: " << missing);
    return;
  }
  std::vector<Exercise> one = {of(imported->exercises, sample.language)};
  const auto report = check_exercises(bench.options(), one, [](std::size_t, std::size_t) {});
  REQUIRE(report);
  INFO(report->dump());
  CHECK((*report)["references_passed"] == 1);
  CHECK((*report)["stubs_passed"] == 0);
  CHECK(one.front().cases == sample.cases);

  const auto wrong = exercises.test(one.front(), {{sample.file, sample.wrong}}), again = exercises.test(one.front(), {{sample.file, sample.wrong}});
  REQUIRE(wrong);
  CHECK_FALSE(wrong->passed);
  CHECK_THAT(wrong->output, Contains(sample.says));
  CHECK(wrong->output == again->output);

  const auto cheat = exercises.test(one.front(), {{sample.file, sample.cheat}});
  REQUIRE(cheat);
  INFO(cheat->output);
  CHECK_FALSE(cheat->passed);
  CHECK(cheat->cases < sample.cases);

  const auto run = exercises.run_script(one.front(), {{sample.file, sample.wrong}}, sample.script);
  REQUIRE(run);
  CHECK(run->passed);
  CHECK_THAT(run->output, Contains("high waters: 2"));
}

TEST_CASE("a check leaves out a language that this machine cannot run, a run on it does not begin") {
  ExerciseDesk bench;
  if (!bench.works()) return;
  Exercise python, cpp;  // without Catch beside them no C++ exercise can run
  python.id = "python__one", python.language = "python";
  python.files = {{"one.py", "def one(): pass\n"}};
  python.solution = {"one.py"};
  python.tests = {{"one_test.py", "import unittest, one\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(one.one(), 1)\n"}};
  python.answers = {{"one.py", "def one(): return 1\n"}};
  cpp.id = "cpp__one", cpp.language = "cpp";
  std::vector<Exercise> both = {cpp, python};
  const auto report = check_exercises(bench.options("/nonexistent"), both, [](std::size_t, std::size_t) {});
  REQUIRE(report);
  CHECK((*report)["references_passed"] == 1);
  REQUIRE((*report)["wrong"].size() == 1);
  CHECK((*report)["wrong"][0]["id"] == "cpp__one");
  CHECK((*report)["wrong"][0]["why"] == ExerciseBench(bench.options("/nonexistent")).missing("cpp"));

  const Folder folder;
  python.language = "cobol";
  REQUIRE(write_exercises(folder.path(), {python}, {}));
  const auto domain = open_exercises(bench.options(folder.path()));
  REQUIRE_FALSE(domain);
  CHECK_THAT(domain.error().message, Contains("in cobol cannot run") && Contains("only for cpp, go, java, javascript, python, rust"));
}
