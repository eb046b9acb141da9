#include "domains/coding/exercise_language.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace hyperagent {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

constexpr double kBuildSeconds = 90, kTestSeconds = 30;
// Threads count as processes, and both the go command and the JVM have dozens.
constexpr int kManyThreads = 256;
constexpr const char* kCompiler = "/usr/bin/g++";
constexpr const char* kJava = "/usr/bin/java";
constexpr const char* kJavac = "/usr/bin/javac";

bool executable(const std::string& path) { return ::access(path.c_str(), X_OK) == 0; }

// Only what lies below /usr is in a box.
std::string program_at(std::initializer_list<const char*> places) {
  for (const char* place : places)
    if (executable(place)) return place;
  return "";
}
std::string node() { return program_at({"/usr/bin/node", "/usr/local/bin/node"}); }
std::string go() { return program_at({"/usr/bin/go", "/usr/local/bin/go", "/usr/local/go/bin/go"}); }
std::string cargo() { return program_at({"/usr/bin/cargo", "/usr/local/bin/cargo"}); }
std::string rustc() { return program_at({"/usr/bin/rustc", "/usr/local/bin/rustc"}); }

Json building(Arguments argv) { return {{"argv", std::move(argv)}, {"seconds", kBuildSeconds}}; }
Json running(Arguments argv) { return {{"argv", std::move(argv)}, {"seconds", kTestSeconds}}; }

Arguments named(const TextFiles& files, std::initializer_list<const char*> ends) {
  Arguments names;
  for (const auto& [name, text] : files)
    if (std::any_of(ends.begin(), ends.end(), [&, &file = name](const char* end) { return file.ends_with(end); })) names.push_back(name);
  return names;
}

Arguments joined(Arguments first, const Arguments& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// --- C++

std::string cpp_missing() { return executable(kCompiler) ? "" : "g++ is not installed (apt-get install g++)"; }
Arguments cpp_build(const TextFiles& files, const Arguments& more) {
  const Arguments compiler = {kCompiler, "-std=c++17", "-w", "-DEXERCISM_RUN_ALL_TESTS", "-I", ".", "-I", "/exercise", "-I", "/exercise/test"};
  return joined(joined(joined(compiler, named(files, {".cpp", ".cc"})), more), {"-o", "program", "-pthread"});
}
Json cpp_tests(const TextFiles& files, const TextFiles&) { return {building(cpp_build(files, {"/exercise/tests-main.o"})), running({"./program"})}; }
Json cpp_program(const TextFiles& files) { return {building(cpp_build(files, {})), running({"./program"})}; }

// --- Go: a test binary of the exercise's package. Its vet is not run: it would judge style.

std::string go_missing() { return go().empty() ? "go is not installed in /usr (apt-get install golang-go)" : ""; }
Json go_tests(const TextFiles&, const TextFiles&) { return {building({go(), "test", "-c", "-o", "program", "."}), running({"./program", "-test.v"})}; }
Json go_program(const TextFiles&) { return {building({go(), "build", "-o", "program", "./script"}), running({"./program"})}; }

// --- Java: JUnit's own launcher over the exercise's test classes.

constexpr const char* kJarNames[] = {"junit-jupiter-api", "junit-jupiter-engine", "junit-jupiter-params", "junit-platform-commons", "junit-platform-console", "junit-platform-engine",
                                     "junit-platform-launcher", "junit-platform-reporting", "opentest4j", "apiguardian-api", "picocli", "univocity-parsers", "assertj-core", "byte-buddy"};

std::string jar_at(const std::string& name) { return "/usr/share/java/" + name + ".jar"; }
std::string java_missing() {
  if (!executable(kJava) || !executable(kJavac)) return "javac is not installed in /usr (apt-get install default-jdk-headless)";
  for (const char* jar : {"junit-platform-console", "junit-jupiter-engine", "assertj-core"})
    if (::access(jar_at(jar).c_str(), R_OK) != 0) return std::string(jar) + ".jar is not installed (apt-get install junit5 libassertj-core-java)";
  return "";
}
std::string java_path() {
  std::string path = "classes";
  for (const char* name : kJarNames) path.append(":").append(jar_at(name));
  return path;
}
// A short program gains nothing from more compilers, collectors and shared files than these.
Arguments java_machine(const char* each) {
  Arguments flags = {"-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-XX:ActiveProcessorCount=2"};
  for (std::string& flag : flags) flag = each + flag;
  return flags;
}
Json java_compile(const TextFiles& files) {
  return building(joined(joined(joined({kJavac}, java_machine("-J")), {"-proc:none", "-nowarn", "-encoding", "UTF-8", "-d", "classes", "-cp", java_path()}), named(files, {".java"})));
}
// Exercises leave all tests but the first switched off with @Disabled, for the pupil to switch on; here all of them count.
Json java_tests(const TextFiles& files, const TextFiles& tests) {
  Arguments argv = joined(joined({kJava}, java_machine("")), {"-Dfile.encoding=UTF-8", "-cp", java_path(), "org.junit.platform.console.ConsoleLauncher", "--disable-banner", "--disable-ansi-colors",
                                                              "--details=tree", "--details-theme=ascii", "--config=junit.jupiter.conditions.deactivate=org.junit.*DisabledCondition"});
  for (const std::string& name : named(tests, {"Test.java", "Tests.java"})) {
    static constexpr std::string_view kRoot = "src/test/java/";
    std::string type = name.substr(name.starts_with(kRoot) ? kRoot.size() : 0);
    type.resize(type.size() - std::string_view(".java").size());
    std::replace(type.begin(), type.end(), '/', '.');
    argv.push_back("--select-class=" + type);
  }
  return {java_compile(files), running(std::move(argv))};
}
// Compiled with the solution and not run from its source: that would be another class loader, to which a solution's classes are closed unless public.
Json java_program(const TextFiles& files) { return {java_compile(files), running(joined(joined({kJava}, java_machine("")), {"-Dfile.encoding=UTF-8", "-cp", "classes", "Script"}))}; }
// Debian's JDK keeps its configuration in /etc, which a box has not; without it no JVM starts.
std::vector<BoxMount> java_mounts() {
  std::error_code code;
  const fs::path home = fs::canonical(kJava, code).parent_path().parent_path(), configuration = fs::canonical(home / "lib" / "jvm.cfg", code).parent_path();
  if (code || !configuration.string().starts_with("/etc/")) return {};
  return {{configuration.string(), configuration.string()}};
}

// --- JavaScript

std::string javascript_missing() { return node().empty() ? "node is not installed (apt-get install nodejs)" : ""; }
Json javascript_tests(const TextFiles&, const TextFiles&) { return Json::array({running({node(), "--max-old-space-size=512", "/opt/exercise_jest.mjs"})}); }
Json javascript_program(const TextFiles&) { return Json::array({running({node(), "--max-old-space-size=512", "script.mjs"})}); }

// --- Python

std::string python_missing() { return ""; }  // the driver in the box needs it for every language
Json python_tests(const TextFiles&, const TextFiles& tests) {
  Arguments argv = {kPython, "-s", "-B", "-m", "unittest", "-q"};
  for (const std::string& name : named(tests, {"_test.py"})) argv.push_back(fs::path(name).stem().string());
  return Json::array({running(std::move(argv))});
}
Json python_program(const TextFiles&) { return Json::array({running({kPython, "-s", "-B", "script.py"})}); }

// --- Rust: the tests of tests/ alone, so that a solution may have tests of its own.

std::string rust_missing() {
  if (rustc().empty() || cargo().empty()) return "cargo is not installed in /usr (apt-get install cargo)";
  return executable("/usr/bin/cc") ? "" : "gcc, which links Rust programs, is not installed (apt-get install gcc)";
}
Json rust_tests(const TextFiles&, const TextFiles&) {
  const Arguments test = {cargo(), "test", "--offline", "--test", "*"};
  return {building(joined(test, {"--no-run"})), running(joined(test, {"--", "--include-ignored", "--test-threads=1"}))};
}
Json rust_program(const TextFiles&) { return {building({cargo(), "build", "--offline", "--example", "script"}), running({"target/debug/examples/script"})}; }

}  // namespace

const std::vector<ExerciseLanguage>& exercise_languages() {
  static const std::vector<ExerciseLanguage> kLanguages = {
      {.name = "cpp", .missing = cpp_missing, .tests = cpp_tests, .script = "script.cpp", .program = cpp_program,
       .passed = std::regex(R"(All tests passed \((\d{1,9}) assertions? in \d{1,9} test cases?\))"), .with_catch = true},
      {.name = "go", .missing = go_missing, .tests = go_tests, .script = "script/main.go", .program = go_program,
       .passed = std::regex(R"(--- PASS: [^ /\n]{1,200} \()"),  // a subtest's name has a slash
       .test_files = "_test.go",
       .environment = {{"CGO_ENABLED", "0"}, {"GOCACHE", "/tmp/go-cache"}, {"GOPATH", "/tmp/go"}, {"GOFLAGS", "-mod=mod"}, {"GOPROXY", "off"}, {"GOSUMDB", "off"}, {"GOTOOLCHAIN", "local"}, {"GOMAXPROCS", "2"}},
       .processes = kManyThreads, .file_bytes = 512ll << 20},  // from Go 1.20 on the standard library's objects are made in the box
      {.name = "java", .missing = java_missing, .tests = java_tests, .script = "Script.java", .program = java_program,
       .passed = std::regex(R"(\[ {1,20}(\d{1,9}) tests successful {1,20}\]\n\[ {1,20}0 tests failed {1,20}\])"), .test_files = "src/test/", .mounts = java_mounts, .processes = kManyThreads},
      {.name = "javascript", .missing = javascript_missing, .tests = javascript_tests, .script = "script.mjs", .program = javascript_program, .passed = std::regex(R"((\d{1,9}) passed, 0 failed)")},
      {.name = "python", .missing = python_missing, .tests = python_tests, .script = "script.py", .program = python_program,
       .passed = std::regex(R"(Ran (\d{1,9}) tests? in [^\n]{0,40}\n\n(OK|OK \(skipped=\d{1,9}\))\n)")},
      {.name = "rust", .missing = rust_missing, .tests = rust_tests, .script = "examples/script.rs", .program = rust_program,
       .passed = std::regex(R"(test result: ok\. (\d{1,9}) passed; 0 failed)"),
       .test_files = "tests/",
       .environment = {{"CARGO_HOME", "/tmp/cargo"}, {"CARGO_BUILD_JOBS", "2"}, {"CARGO_INCREMENTAL", "0"}, {"CARGO_PROFILE_DEV_DEBUG", "0"}, {"CARGO_TERM_COLOR", "never"}, {"RUSTFLAGS", "-Awarnings"}},
       .processes = kManyThreads},
  };
  return kLanguages;
}

const ExerciseLanguage* exercise_language(const std::string& name) {
  const auto& all = exercise_languages();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ExerciseLanguage& language) { return language.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string exercise_language_names() {
  std::string names;
  for (const ExerciseLanguage& language : exercise_languages()) names += (names.empty() ? "" : ", ") + language.name;
  return names;
}

Json compile_catch_main() { return building({kCompiler, "-std=c++17", "-w", "-I", "/exercise/test", "-c", "tests-main.cpp", "-o", "main.o"}); }

}  // namespace hyperagent
