// Reads Aider's polyglot benchmark from disk, in either of its two forms.
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "domains/coding/exercise_language.h"

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 1 << 20;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_text(const std::string& text) { return text.size() <= kLargestFile && text.find('\0') == std::string::npos; }

// All files below a folder but those in hidden or left-out folders, by their path in it.
TextFiles files_below(const fs::path& folder, const std::set<std::string>& without) {
  TextFiles files;
  std::error_code code;
  for (fs::recursive_directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    const std::string name = at->path().filename().string();
    if (at->is_directory(code) && (name.starts_with(".") || without.contains(name))) {
      at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file(code) || name.starts_with(".")) continue;
    std::string text = text_of(at->path());
    if (is_text(text)) files[at->path().lexically_relative(folder).generic_string()] = std::move(text);
  }
  return files;
}

std::string instructions_of(const fs::path& docs) {
  std::string text;
  for (const char* name : {"introduction.md", "instructions.md", "instructions.append.md"}) {
    const std::string part = text_of(docs / name);
    if (!part.empty()) text += (text.empty() ? "" : "\n") + part;
  }
  return text;
}

// What the build of other tools needs and ours does not.
bool of_other_tools(const std::string& name) {
  static const std::set<std::string> others = {"CMakeLists.txt", "package.json", "package-lock.json", "babel.config.js", ".eslintrc", ".npmrc", "LICENSE", "README.md",
                                               "build.gradle", "settings.gradle", "gradlew", "gradlew.bat", "gradle-wrapper.properties"};
  return others.contains(fs::path(name).filename().string());
}

bool in_catch_folder(const std::string& name) { return name == "test/catch.hpp" || name == "test/tests-main.cpp" || name == "test/tests-main.o"; }

Exercise exercise_of(const std::string& language, const std::string& name, TextFiles all, const std::vector<std::string>& solution, const std::vector<std::string>& tests) {
  Exercise e;
  e.id = language + "__" + name;
  e.language = language;
  e.solution = solution;
  std::erase(e.solution, "Cargo.toml");  // a solver's could only name crates that are not there, or tests that are not the exercise's
  const std::string& also_tests = exercise_language(language)->test_files;  // a configuration may leave out files of cases
  for (auto& [path, text] : all) {
    if (of_other_tools(path) || in_catch_folder(path)) continue;
    const bool is_test = !also_tests.empty() && (path.starts_with(also_tests) || path.ends_with(also_tests));
    if (is_test || std::find(tests.begin(), tests.end(), path) != tests.end()) e.tests[path] = std::move(text);
    else e.files[path] = std::move(text);
  }
  return e;
}

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  if (list.is_array())
    for (const Json& item : list)
      if (item.is_string()) texts.push_back(item);
  return texts;
}

// The reference solution, from ".meta/example.cpp" and the like: an example answers the solution file of its name, else one of its kind, else any that
// is left; one too many is a file that only the reference has.
TextFiles answers_of(const fs::path& folder, const std::vector<std::string>& examples, const std::vector<std::string>& solution) {
  TextFiles answers;
  std::vector<fs::path> unnamed;
  for (const fs::path example : examples) {
    const auto same = std::find_if(solution.begin(), solution.end(), [&](const fs::path& file) { return file.filename() == example.filename(); });
    if (same == solution.end()) unnamed.push_back(example);
    else answers[*same] = text_of(folder / example);
  }
  for (const fs::path& example : unnamed) {
    const auto open = [&](const std::string& file) { return !answers.contains(file); };
    auto target = std::find_if(solution.begin(), solution.end(), [&](const std::string& file) { return open(file) && fs::path(file).extension() == example.extension(); });
    if (target == solution.end()) target = std::find_if(solution.begin(), solution.end(), open);
    answers[target != solution.end() ? *target : (fs::path(solution.front()).parent_path() / example.filename()).generic_string()] = text_of(folder / example);
  }
  return answers;
}

// A folder LANG/exercises/practice/NAME. What it is made of stands in .meta/config.json.
std::optional<std::string> read_practice(const std::string& language, const fs::path& folder, ImportedExercises& imported) {
  const Json config = Json::parse(text_of(folder / ".meta" / "config.json"), nullptr, false);
  if (!config.is_object() || !config.contains("files") || !config["files"].is_object()) return "it has no .meta/config.json";
  const std::vector<std::string> solution = texts_of(config["files"].value("solution", Json())), tests = texts_of(config["files"].value("test", Json())),
                                 examples = texts_of(config["files"].value("example", Json()));
  if (solution.empty() || tests.empty() || examples.empty()) return "its .meta/config.json names no solution, test or example";
  TextFiles all = files_below(folder, {"node_modules", "build", "target"});
  if (language == "cpp") {
    for (const char* part : {"catch.hpp", "tests-main.cpp"})
      if (const std::string text = text_of(folder / "test" / part); !text.empty()) imported.shared["cpp/" + std::string(part)] = text;
  }
  Exercise e = exercise_of(language, folder.filename().string(), std::move(all), solution, tests);
  e.instructions = instructions_of(folder / ".docs");
  e.answers = answers_of(folder, examples, solution);
  for (const std::string& file : solution)
    if (!e.files.contains(file)) return "the stub " + file + " is missing";
  imported.exercises.push_back(std::move(e));
  return std::nullopt;
}

// exercises.tar.xz of that form, unpacked for as long as this lives.
class Unpacked {
 public:
  explicit Unpacked(const fs::path& archive) {
    std::string name = (fs::temp_directory_path() / "hyperagent_import_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return;
    path_ = name;
    const std::string from = archive.string();
    const char* arguments[] = {"tar", "-xf", from.c_str(), "-C", name.c_str(), "--no-same-owner", nullptr};
    pid_t pid = -1;
    int status = -1;
    if (::posix_spawnp(&pid, "tar", nullptr, nullptr, const_cast<char**>(arguments), environ) == 0) ::waitpid(pid, &status, 0);
    worked_ = status == 0;
  }
  ~Unpacked() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;
  bool worked() const { return worked_; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  bool worked_ = false;
};

// The form with manifest.jsonl, and tasks/, tests/, answers/ and common/ below `root`.
Result<void> read_manifest(const fs::path& file, const fs::path& root, ImportedExercises& imported) {
  std::ifstream manifest(file);
  for (std::string line; std::getline(manifest, line);) {
    const Json row = Json::parse(line, nullptr, false);
    if (!row.is_object() || !row.contains("lang") || !row.contains("name")) return user_error(file.string() + " holds a line that is no exercise");
    const std::string language = row["lang"], name = row["name"];
    if (const Json note = row.value("note", Json()); note.is_string()) {
      imported.left_out.push_back(language + "/" + name + ": " + note.get<std::string>());
      continue;
    }
    if (exercise_language(language) == nullptr) {
      imported.left_out.push_back(language + "/" + name + ": no support for " + language);
      continue;
    }
    TextFiles all = files_below(root / "tasks" / language / name, {"docs"});
    const TextFiles tests = files_below(root / "tests" / language / name, {});
    std::vector<std::string> test_names;
    for (const auto& [path, text] : tests) {
      test_names.push_back(path);
      all[path] = text;
    }
    Exercise e = exercise_of(language, name, std::move(all), texts_of(row.value("solution_files", Json())), test_names);
    e.instructions = row.value("instructions", "");
    if (e.instructions.empty()) e.instructions = instructions_of(root / "tasks" / language / name / "docs");
    e.answers = files_below(root / "answers" / language / name, {});
    imported.exercises.push_back(std::move(e));
  }
  for (const char* part : {"catch.hpp", "tests-main.cpp"})
    if (const std::string text = text_of(root / "common" / "cpp" / "test" / part); !text.empty()) imported.shared["cpp/" + std::string(part)] = text;
  return {};
}

}  // namespace

Result<ImportedExercises> read_polyglot(const std::string& path) {
  ImportedExercises imported;
  std::error_code code;
  const fs::path root(path);
  if (!fs::is_directory(root, code)) return user_error("there is no folder " + path + "; name a copy of Aider's polyglot benchmark");
  if (fs::exists(root / "manifest.jsonl", code) && fs::is_directory(root / "tasks", code)) {
    if (auto read = read_manifest(root / "manifest.jsonl", root, imported); !read) return read.error();
  } else if (fs::exists(root / "manifest.jsonl", code) && fs::exists(root / "exercises.tar.xz", code)) {
    const Unpacked unpacked(root / "exercises.tar.xz");
    if (!unpacked.worked()) return environment_error("cannot unpack " + (root / "exercises.tar.xz").string() + ": are tar and xz installed?");
    if (auto read = read_manifest(root / "manifest.jsonl", unpacked.path(), imported); !read) return read.error();
  } else {
    std::vector<fs::path> folders;
    for (const auto& language : fs::directory_iterator(root, code)) {
      const fs::path practice = language.path() / "exercises" / "practice";
      if (!fs::is_directory(practice, code)) continue;
      for (const auto& folder : fs::directory_iterator(practice, code)) folders.push_back(folder.path());
    }
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) {
      const std::string language = folder.parent_path().parent_path().parent_path().filename().string();
      const auto why = exercise_language(language) != nullptr ? read_practice(language, folder, imported) : std::optional<std::string>("no support for " + language);
      if (why) imported.left_out.push_back(language + "/" + folder.filename().string() + ": " + *why);
    }
  }
  if (imported.exercises.empty())
    return user_error(path + " holds no exercises: expected LANG/exercises/practice/NAME (" + exercise_language_names() + "), or manifest.jsonl with tasks/, tests/ and answers/ or exercises.tar.xz");
  assign_splits(imported.exercises);
  return imported;
}

}  // namespace hyperagent
