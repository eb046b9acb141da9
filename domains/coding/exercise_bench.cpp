#include "domains/coding/exercise_bench.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "domains/coding/sha256.h"

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

constexpr double kBuildSeconds = 90, kTestSeconds = 30;
constexpr std::size_t kLargestSolution = 256 << 10, kOutputKept = 16 << 10;

std::string program_at(std::initializer_list<const char*> places) {
  for (const char* place : places)
    if (::access(place, X_OK) == 0) return place;
  return "";
}
std::string node() { return program_at({"/usr/bin/node", "/usr/local/bin/node"}); }
constexpr const char* kPython = "/usr/bin/python3";
constexpr const char* kCompiler = "/usr/bin/g++";

Json command(std::vector<std::string> argv, double seconds) { return {{"argv", std::move(argv)}, {"seconds", seconds}}; }

// Times, addresses and places differ from run to run; what agents are told must not.
std::string without_chance(const std::string& text) {
  static const std::regex times(R"(\b\d+\.\d+ ?(s|ms|seconds)\b)"), addresses(R"(0x[0-9a-fA-F]{4,})");
  std::string out = std::regex_replace(std::regex_replace(text, times, "# s"), addresses, "0x#");
  if (out.size() <= kOutputKept) return out;
  std::size_t from = out.size() - kOutputKept;
  while (from < out.size() && (static_cast<unsigned char>(out[from]) & 0xC0) == 0x80) ++from;
  return "...\n" + out.substr(from);
}

std::string decoded(const std::string& text) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0, value = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    value = (value << 6 | static_cast<unsigned>(digit)) & 0xFFFF;
    if ((bits += 6) >= 8) bytes += static_cast<char>(value >> (bits -= 8) & 0xFF);
  }
  return bytes;
}

// How many passed by the runner's own words; 0 when it does not say that all did.
int cases_passed(const std::string& language, const std::string& output) {
  static const std::regex cpp(R"(All tests passed \((\d+) assertions? in \d+ test cases?\))"), python(R"(Ran (\d+) tests? in [^\n]*\n\n(OK|OK \(skipped=\d+\))\n)"),
      javascript(R"((\d+) passed, 0 failed)");
  std::smatch match;
  return std::regex_search(output, match, language == "cpp" ? cpp : language == "python" ? python : javascript) ? std::atoi(match[1].str().c_str()) : 0;
}

bool ends_with(const std::string& name, std::initializer_list<const char*> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](const char* end) { return name.ends_with(end); });
}

std::vector<std::string> named(const TextFiles& files, std::initializer_list<const char*> ends) {
  std::vector<std::string> names;
  for (const auto& [name, text] : files)
    if (ends_with(name, ends)) names.push_back(name);
  return names;
}

// The exercise's files with the solver's in their places.
TextFiles workspace(const Exercise& exercise, const TextFiles& solution) {
  TextFiles files = exercise.files;
  for (const std::string& name : exercise.solution)
    if (const auto given = solution.find(name); given != solution.end() && given->second.size() <= kLargestSolution) files[name] = given->second;
  return files;
}

std::vector<std::string> build(const std::vector<std::string>& sources, bool with_catch) {
  std::vector<std::string> argv = {kCompiler, "-std=c++17", "-w", "-DEXERCISM_RUN_ALL_TESTS", "-I", ".", "-I", "/exercise", "-I", "/exercise/test"};
  argv.insert(argv.end(), sources.begin(), sources.end());
  if (with_catch) argv.push_back("/exercise/tests-main.o");
  argv.insert(argv.end(), {"-o", "program", "-pthread"});
  return argv;
}

}  // namespace

std::string ExerciseBench::missing(const std::string& language) const {
  if (language == "cpp" && ::access(kCompiler, X_OK) != 0) return "g++ is not installed";
  if (language == "cpp" && !fs::exists(options_.folder + "/shared/cpp/catch.hpp")) return "there is no shared/cpp/catch.hpp";
  if (language == "javascript" && node().empty()) return "node is not installed (apt-get install nodejs)";
  if (::access(kPython, X_OK) != 0) return "python3 is not installed";
  return "";
}

Result<Json> ExerciseBench::run(const Job& job) {
  BoxSpec spec;
  spec.argv = {kPython, "-s", "-S", "-B", "/opt/exercise_driver.py"};
  spec.read_only = {{options_.share + "/exercise_driver.py", "/opt/exercise_driver.py"}, {options_.share + "/exercise_jest.mjs", "/opt/exercise_jest.mjs"}};
  if (job.with_catch) {
    spec.read_only.push_back({fs::absolute(options_.folder).string() + "/shared/cpp/catch.hpp", "/exercise/test/catch.hpp"});
    if (!catch_main_.empty()) spec.read_only.push_back({catch_main_, "/exercise/tests-main.o"});
  }
  spec.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", "/tmp"}, {"LC_ALL", "C.UTF-8"}, {"PYTHONHASHSEED", "0"}, {"TZ", "UTC"}};
  double seconds = 10;
  for (const Json& one : job.commands) seconds += one.at("seconds").get<double>();
  spec.limits.wall_seconds = seconds;
  spec.limits.memory_bytes = 0;  // V8 reserves more address space than a limit on that would leave; its heap is limited by its own flag
  spec.limits.processes = 64;
  spec.limits.file_bytes = 128ll << 20;
  spec.profile = SyscallProfile::Tool;
  auto box = options_.launcher->start(spec);
  if (!box) return box.error();
  (*box)->send(Json{{"files", job.files}, {"commands", job.commands}, {"keep", job.keep}}.dump(-1, ' ', false, Json::error_handler_t::replace));
  const auto frame = (*box)->receive(seconds);
  Json reply = frame ? Json::parse(*frame, nullptr, false) : Json();
  if (reply.is_object()) return reply;
  return Json{{"status", -1}, {"ran", 0}, {"output", "the box gave no result: it " + describe((*box)->wait())}};
}

// Catch's main takes eight seconds to compile: once, in a box that holds no solution, and kept.
Result<std::string> ExerciseBench::catch_main() {
  const std::lock_guard lock(mutex_);
  if (!catch_main_.empty()) return catch_main_;
  std::ifstream source(options_.folder + "/shared/cpp/tests-main.cpp", std::ios::binary), header(options_.folder + "/shared/cpp/catch.hpp", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(source), {}}, catch_text{std::istreambuf_iterator<char>(header), {}};
  const std::string place = options_.cache_dir.empty() ? options_.folder + "/shared/cpp" : options_.cache_dir + "/exercises";
  const std::string path = fs::absolute(place).string() + "/catch-main-" + sha256_hex(text + catch_text).substr(0, 16) + ".o";
  std::error_code code;
  if (!fs::exists(path, code)) {
    auto built = run({.files = {{"tests-main.cpp", text}}, .commands = {command({kCompiler, "-std=c++17", "-w", "-I", "/exercise/test", "-c", "tests-main.cpp", "-o", "main.o"}, kBuildSeconds)}, .with_catch = true, .keep = {"main.o"}});
    if (!built) return built.error();
    const Json kept = built->value("kept", Json::object());
    if (!kept.contains("main.o")) return environment_error("cannot compile Catch's main of " + options_.folder + ": " + built->value("output", ""));
    fs::create_directories(place, code);
    const std::string fresh = path + "." + std::to_string(::getpid());
    std::ofstream(fresh, std::ios::binary) << decoded(kept["main.o"].get<std::string>());
    fs::permissions(fresh, fs::perms::owner_write | fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read, code);
    fs::rename(fresh, path, code);
    if (code) return environment_error("cannot write " + path + ": " + code.message());
  }
  catch_main_ = path;
  return path;
}

Result<ExerciseRun> ExerciseBench::test(const Exercise& exercise, const TextFiles& solution) {
  Job job{.files = workspace(exercise, solution), .commands = Json::array()};
  for (const auto& [name, text] : exercise.tests) job.files[name] = text;  // last: no solution file may stand in for a test
  if (exercise.language == "cpp") {
    if (auto object = catch_main(); !object) return object.error();
    job.with_catch = true;
    job.commands = {command(build(named(job.files, {".cpp", ".cc"}), true), kBuildSeconds), command({"./program"}, kTestSeconds)};
  } else if (exercise.language == "python") {
    std::vector<std::string> argv = {kPython, "-s", "-B", "-m", "unittest", "-q"};
    for (const std::string& name : named(exercise.tests, {"_test.py"})) argv.push_back(fs::path(name).stem().string());
    job.commands = Json::array({command(std::move(argv), kTestSeconds)});
  } else {
    job.commands = Json::array({command({node(), "--max-old-space-size=512", "/opt/exercise_jest.mjs"}, kTestSeconds)});
  }
  auto reply = run(job);
  if (!reply) return reply.error();
  const std::string output = reply->value("output", "");
  ExerciseRun result;
  result.cases = cases_passed(exercise.language, output);
  result.passed = reply->value("status", Json()) == 0 && reply->value("ran", 0U) == job.commands.size() && result.cases > 0 && (exercise.cases == 0 || result.cases == exercise.cases);
  result.output = without_chance(output);
  if (reply->value("status", Json()) == "timeout") result.output += "\n(ran out of time)";
  return result;
}

Result<ExerciseRun> ExerciseBench::run_script(const Exercise& exercise, const TextFiles& solution, const std::string& script) {
  Job job{.files = workspace(exercise, solution), .commands = Json::array()};
  if (exercise.language == "cpp") {
    job.files["script.cpp"] = script;
    job.commands = {command(build(named(job.files, {".cpp", ".cc"}), false), kBuildSeconds), command({"./program"}, kTestSeconds)};
  } else if (exercise.language == "python") {
    job.files["script.py"] = script;
    job.commands = Json::array({command({kPython, "-s", "-B", "script.py"}, kTestSeconds)});
  } else {
    job.files["script.mjs"] = script;
    job.commands = Json::array({command({node(), "--max-old-space-size=512", "script.mjs"}, kTestSeconds)});
  }
  auto reply = run(job);
  if (!reply) return reply.error();
  const Json status = reply->value("status", Json());
  return ExerciseRun{status == 0, 0, without_chance(reply->value("output", "")) + (status == "timeout" ? "\n(ran out of time)" : "")};
}

}  // namespace hyperagent
