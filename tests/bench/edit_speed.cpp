// What one edit costs from the text of the parent to an answer of the child, against a cold clang++ and against the physical floor, on an
// agent of twenty functions at -O1. Prints medians and 95th percentiles; asserts nothing. Usage: bench_edit_speed [ROUNDS]
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hyperagent/cli/paths.h"
#include "hyperagent/cli/workbench.h"

using namespace hyperagent;

namespace {

using Watch = std::chrono::steady_clock;
constexpr const char* kTask = "task/solve.cpp";

double milliseconds(Watch::time_point start) { return std::chrono::duration<double, std::milli>(Watch::now() - start).count(); }

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "bench_edit_speed: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error().message);
  return std::move(*result);
}

struct Sample {
  std::vector<double> values;
  double at(double share) {
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
  }
  double print(const char* what) {
    std::printf("%-66s p50 %7.1f ms   p95 %7.1f ms\n", what, at(0.5), at(0.95));
    return at(0.5);
  }
};

// The twenty functions, each with a literal whose value the rounds change.
struct Place {
  const char* function;
  const char* code;  // "#" stands for the round's number
};
const Place kPlaces[] = {
    {"is_letter", "{ return (c >= 'a' && c <= 'z') || c == #; }"},
    {"lowered", "{ return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == # ? 'x' : c; }"},
    {"mean_length", "{ double total = #; for (const std::string& word : words) total += static_cast<double>(word.size()); return total; }"},
    {"share_of_long", "{ double n = #; for (const std::string& word : words) n += word.size() >= least ? 1.0 : 0.0; return n; }"},
    {"longest", "{ std::sort(words.begin(), words.end()); if (words.size() > most + #) words.resize(most); return words; }"},
    {"entropy", "{ double total = #, sum = 0; for (const auto& [word, n] : counts) total += n; for (const auto& [word, n] : counts) sum -= n / total; return sum; }"},
    {"median", "{ if (values.empty()) return #; std::sort(values.begin(), values.end()); return values[values.size() / 2]; }"},
    {"count_of", "{ int n = #; for (char c : text) n += c == wanted ? 1 : 0; return n; }"},
    {"novelty", "{ double score = #; if (contains_word(words, \"novel\")) score += 0.5; return score; }"},
    {"squashed", "{ return value / (std::abs(value) + scale + #); }"},
    {"style_score", "{ const std::vector<double> lengths = sentence_lengths(text); return squashed(median(lengths), #) - 0.01 * count_of(text, ','); }"},
    {"shape_score", "{ return squashed(mean_length(words), #) + 0.3 * share_of_long(words, 9); }"},
};

Json edit_of(int round) {
  const Place& place = kPlaces[static_cast<std::size_t>(round) % std::size(kPlaces)];
  std::string code = place.code;
  code.replace(code.find('#'), 1, std::to_string(round + 1));
  return Json::array({{{"op", "replace_body"}, {"function", place.function}, {"code", code}}});
}

// Seconds of one run of the shell command; fails when it does.
double shell(const std::string& command) {
  const auto start = Watch::now();
  if (std::system(command.c_str()) != 0) fail("failed: " + command);
  return milliseconds(start);
}

}  // namespace

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::max(std::atoi(arguments[1]), 10) : 120;
  const Paths paths = must(installed_paths());
  auto bench = must(Workbench::open(paths, 1));
  Toolchain& toolchain = bench->toolchain();
  AgentRunner& runner = *bench->runners().front();
  AgentSource parent;
  parent.files = {{kTask, read_file(HYPERAGENT_BENCH_SOURCE)}, {"meta/improve.cpp", read_file(paths.meta_half("typed_mutation"))}};
  const auto whole = must(toolchain.compile(parent));
  if (const auto* refusal = std::get_if<Refusal>(&whole)) fail(refusal->message);

  Sample checked, coded, loaded, all;
  const Json task = {{"id", "t"}, {"input", {{"abstract", "We propose a novel method. It may work, however slowly."}}}};
  const HostCalls no_calls{[](std::size_t, const std::string&, const Json&) -> Result<Json> { return Json(); }};
  for (int round = 0; round < rounds; ++round) {
    const auto start = Watch::now();
    const auto verdict = must(toolchain.apply(parent, edit_of(round)));
    if (const auto* refusal = std::get_if<Refusal>(&verdict)) fail(refusal->message);
    const auto& child = std::get<Rewritten>(verdict);
    const double applied = milliseconds(start), code = 1000 * child.code_seconds;
    const auto load_start = Watch::now();
    const auto compiled = must(toolchain.compile(child.source));  // what apply() has made already
    const auto replies = must(runner.run(std::get<CompiledAgent>(compiled).library, "solve", std::span<const Json>(&task, 1), no_calls, 5, {}));
    if (!replies.front().value) fail("the child did not answer: " + describe(replies.front().outcome));
    if (round < static_cast<int>(std::size(kPlaces))) continue;  // warm the worker with one edit of each function
    checked.values.push_back(applied - code);
    coded.values.push_back(code);
    loaded.values.push_back(code + milliseconds(load_start));
    all.values.push_back(milliseconds(start));
  }
  std::printf("agent of 20 functions, one function's body replaced, %zu edits, one warm worker\n", all.values.size());
  checked.print("edit applied and type-checked (request to the box and back)");
  coded.print("  code generated and linked");
  loaded.print("compiled, loaded into a fresh box and one task answered");
  const double ours = all.print("all of it");

  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("ha-bench-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "solve.cpp") << parent.files.at(kTask);
  std::ofstream(folder / "improve.cpp") << parent.files.at("meta/improve.cpp");
  if (std::system("command -v clang++-19 >/dev/null") != 0) {
    std::printf("no clang++-19 to compare with: install the package clang-19\n");
    return 0;
  }
  const std::string flags = "clang++-19 -std=c++20 -O1 -fPIC -w -I" + paths.share + "/include ";
  const std::string at = folder.string() + "/";
  Sample cold, both;
  for (int i = 0; i < 5; ++i) {
    const double compile = shell(flags + "-c " + at + "solve.cpp -o " + at + "solve.o");
    const double other = i == 0 ? shell(flags + "-c " + at + "improve.cpp -o " + at + "improve.o") : 0;
    (void)other;
    const double link = shell("clang++-19 -shared " + at + "solve.o " + at + "improve.o -o " + at + "agent.so");
    cold.values.push_back(compile + link);
  }
  const double cold_ms = cold.print("cold clang++-19 -O1 -c of the changed file, and link");
  std::printf("ratio: %.1f times faster than cold clang (edit to answer against compile and link alone)\n", cold_ms / ours);

  // The floor: Clang parsing and compiling that one function with nothing else in the file, same worker, nothing to link.
  Sample floor;
  AgentSource alone = parent;
  for (int round = 0; round < 20; ++round) {
    alone.files[kTask] = "#include <ha/agent.h>\n#include <ha/text.h>\ndouble squashed(double value, double scale) { return value / (scale + " + std::to_string(round) +
                         "); }\nha::Answer solve(const ha::Task&, ha::Host&) { return ha::Answer(); }\n";
    const auto start = Watch::now();
    const auto compiled = must(toolchain.compile(alone));
    if (const auto* refusal = std::get_if<Refusal>(&compiled)) fail(refusal->message);
    if (round > 1) floor.values.push_back(milliseconds(start));
  }
  floor.print("floor: one trivial function of a two-function file, compiled and linked");
  std::filesystem::remove_all(folder);
  return 0;
}
