#include "domains/coding/exercise_bench.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "domains/coding/sha256.h"

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestSolution = 256 << 10, kOutputKept = 16 << 10;

// Times and addresses differ from run to run; what agents are told must not. All repetitions are bounded, here and in what runners say: std::regex
// recurses once for each character that one matches, and 30,000 digits of a solution's used up the host's stack.
std::string without_chance(const std::string& text) {
  static const std::regex times(R"(\b\d{1,9}\.\d{1,9} ?(s|ms|seconds)\b|\bfinished after \d{1,9} ms\b)"), addresses(R"(0x[0-9a-fA-F]{4,16}|@[0-9a-f]{5,8}\b)");
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
int cases_passed(const ExerciseLanguage& language, const std::string& output) {
  long long cases = 0;  // of a text of any kind
  for (std::sregex_iterator match(output.begin(), output.end(), language.passed), end; match != end; ++match) cases += language.passed.mark_count() == 0 ? 1 : std::atoi((*match)[1].str().c_str());
  return static_cast<int>(std::min(cases, 1'000'000'000LL));
}

// The exercise's files with the solver's in their places.
TextFiles workspace(const Exercise& exercise, const TextFiles& solution) {
  TextFiles files = exercise.files;
  for (const std::string& name : exercise.solution)
    if (const auto given = solution.find(name); given != solution.end() && given->second.size() <= kLargestSolution) files[name] = given->second;
  return files;
}

}  // namespace

std::string ExerciseBench::missing(const std::string& name) const {
  const ExerciseLanguage* language = exercise_language(name);
  if (language == nullptr) return "there is no support for it, only for " + exercise_language_names();
  if (::access(kPython, X_OK) != 0) return "python3 is not installed (apt-get install python3)";
  if (std::string why = language->missing(); !why.empty()) return why;
  if (language->with_catch && !fs::exists(options_.folder + "/shared/cpp/catch.hpp")) return "there is no shared/cpp/catch.hpp";
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
  if (job.language->mounts != nullptr)
    for (BoxMount& mount : job.language->mounts()) spec.read_only.push_back(std::move(mount));
  spec.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", "/tmp"}, {"LC_ALL", "C.UTF-8"}, {"PYTHONHASHSEED", "0"}, {"TZ", "UTC"}};
  spec.environment.insert(spec.environment.end(), job.language->environment.begin(), job.language->environment.end());
  double seconds = 10;
  for (const Json& one : job.commands) seconds += one.at("seconds").get<double>();
  spec.limits.wall_seconds = seconds;
  spec.limits.memory_bytes = 0;  // V8, the JVM and Go reserve more address space than a limit on that would leave; the first two limit their heaps by a flag
  spec.limits.processes = job.language->processes;
  spec.limits.file_bytes = job.language->file_bytes;
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
    auto built = run({.language = exercise_language("cpp"), .files = {{"tests-main.cpp", text}}, .commands = Json::array({compile_catch_main()}), .with_catch = true, .keep = {"main.o"}});
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
  const ExerciseLanguage* language = exercise_language(exercise.language);
  if (language == nullptr) return user_error("cannot test " + exercise.id + ": " + missing(exercise.language));
  Job job{.language = language, .files = workspace(exercise, solution)};
  for (const auto& [name, text] : exercise.tests) job.files[name] = text;  // last: no solution file may stand in for a test
  if (language->with_catch) {
    if (auto object = catch_main(); !object) return object.error();
    job.with_catch = true;
  }
  job.commands = language->tests(job.files, exercise.tests);
  auto reply = run(job);
  if (!reply) return reply.error();
  const std::string output = reply->value("output", "");
  ExerciseRun result;
  result.cases = cases_passed(*language, output);
  result.passed = reply->value("status", Json()) == 0 && reply->value("ran", 0U) == job.commands.size() && result.cases > 0 && (exercise.cases == 0 || result.cases == exercise.cases);
  result.output = without_chance(output);
  if (reply->value("status", Json()) == "timeout") result.output += "\n(ran out of time)";
  return result;
}

Result<ExerciseRun> ExerciseBench::run_script(const Exercise& exercise, const TextFiles& solution, const std::string& script) {
  const ExerciseLanguage* language = exercise_language(exercise.language);
  if (language == nullptr) return user_error("cannot run a program of " + exercise.id + ": " + missing(exercise.language));
  Job job{.language = language, .files = workspace(exercise, solution)};
  job.files[language->script] = script;
  job.commands = language->program(job.files);
  auto reply = run(job);
  if (!reply) return reply.error();
  const Json status = reply->value("status", Json());
  return ExerciseRun{status == 0, 0, without_chance(reply->value("output", "")) + (status == "timeout" ? "\n(ran out of time)" : "")};
}

}  // namespace hyperagent
