#include "domains/coding/exercises.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

namespace hyperagent {
namespace {

constexpr int kScripts = 8;
constexpr std::size_t kFirstStage = 10, kShownOutput = 600;

TextFiles files_in(const Json& answer) {
  TextFiles files;
  const Json given = answer.is_object() ? answer.value("files", Json()) : Json();
  if (given.is_object())
    for (const auto& [name, text] : given.items())
      if (text.is_string()) files[name] = text.get<std::string>();
  return files;
}

// A reference may have files that solvers are not asked for: classes that a solver would put into the file it has.
Exercise with_all_of_reference(Exercise exercise) {
  for (const auto& [name, text] : exercise.answers)
    if (std::find(exercise.solution.begin(), exercise.solution.end(), name) == exercise.solution.end()) exercise.solution.push_back(name);
  return exercise;
}

class Services : public TaskServices {
 public:
  Services(ExerciseBench& bench, const Exercise& exercise) : bench_(bench), exercise_(exercise) {}

  Result<std::optional<Json>> call(const std::string& name, const Json& arguments) override {
    if (name == "exercise.run") return run(arguments);
    if (name == "exercise.submit") return submit(arguments);
    return std::optional<Json>();
  }
  Json observed() const override { return observed_; }

 private:
  using Reply = Result<std::optional<Json>>;
  static Reply refused(const std::string& why) { return std::optional<Json>(Json{{"error", why}}); }

  Reply run(const Json& arguments) {
    if (!arguments.is_object() || !arguments.value("script", Json()).is_string()) return refused("exercise.run takes {\"files\", \"script\": the text of a program}");
    if (++scripts_ > kScripts) return refused("8 runs are spent");
    auto ran = bench_.run_script(exercise_, files_in(arguments), arguments["script"]);
    if (!ran) return ran.error();
    return std::optional<Json>(Json{{"ok", ran->passed}, {"output", ran->output}});
  }

  Reply submit(const Json& arguments) {
    if (!observed_.is_null()) return refused("the first try was handed in already; the second is what solve() returns");
    const TextFiles files = files_in(arguments);
    if (files.empty()) return refused("exercise.submit takes {\"files\": {path: text}}");
    auto tested = bench_.test(exercise_, files);
    if (!tested) return tested.error();
    observed_ = {{"passed", tested->passed}};
    return std::optional<Json>(Json{{"passed", tested->passed}, {"output", tested->output}});
  }

  ExerciseBench& bench_;
  const Exercise& exercise_;
  Json observed_;
  int scripts_ = 0;
};

class ExercisesDomain : public Domain {
 public:
  ExercisesDomain(const ExerciseOptions& options, std::vector<Exercise> exercises) : bench_(options) {
    for (Exercise& exercise : exercises) splits_[static_cast<std::size_t>(exercise.split)].push_back(std::move(exercise));
  }

  std::string name() const override { return "exercises"; }
  Json describe() const override {
    return {{"name", "exercises"},
            {"description", "programming exercises in C++, Go, Java, JavaScript, Python and Rust: instructions and stub files in, {\"files\": {path: text}} out; hidden tests decide; "
                            "exercise.submit hands in a first try and shows what its tests said, the answer then is the second"},
            {"metric", "pass@2"},
            {"vocabulary", Json::object()},
            {"blocks", Json::array()}};
  }
  std::size_t size(Split split) const override { return of(split).size(); }
  std::string task_id(Split split, std::size_t index) const override { return of(split).at(index).id; }
  Json input(Split split, std::size_t index) const override {
    const Exercise& e = of(split).at(index);
    return {{"id", e.id}, {"input", {{"language", e.language}, {"instructions", e.instructions}, {"files", e.files}, {"solution", e.solution}}}};
  }
  std::unique_ptr<TaskServices> services(Split split, std::size_t index) const override { return std::make_unique<Services>(bench_, of(split).at(index)); }
  Result<TaskResult> grade(Split split, std::size_t index, const Json& answer) const override { return grade_observed(split, index, answer, {}); }

  Result<TaskResult> grade_observed(Split split, std::size_t index, const Json& answer, const Json& observed) const override {
    const Exercise& e = of(split).at(index);
    TaskResult result{e.id, 0, {{"language", e.language}, {"pass_at_1", false}}};
    const bool second = observed.is_object();
    if (second && observed.value("passed", false)) {
      result.score = 1;
      result.detail["pass_at_1"] = true;
      return result;
    }
    const TextFiles files = files_in(answer);
    if (files.empty()) {
      result.detail["why"] = answer.is_null() ? "no answer" : "malformed answer: it has no {\"files\": {path: text}}";
      return result;
    }
    auto tested = bench_.test(e, files);
    if (!tested) return tested.error();
    result.score = tested->passed ? 1 : 0;
    result.detail["pass_at_1"] = tested->passed && !second;
    // Of the tests only train tasks tell: what they say of val and test never leaves the host.
    if (!tested->passed) result.detail["why"] = split == Split::Train ? "the tests failed: " + tail(tested->output) : "the tests failed";
    return result;
  }

  Json metrics(std::span<const TaskResult> results) const override {
    std::map<std::string, std::pair<double, double>> by;
    double first = 0, either = 0;
    for (const TaskResult& r : results) {
      first += r.detail.is_object() && r.detail.value("pass_at_1", false);
      either += r.score;
      auto& [sum, n] = by[r.detail.is_object() ? r.detail.value("language", "unknown") : "unknown"];
      sum += r.score;
      n += 1;
    }
    if (results.empty()) return Json::object();
    const double n = static_cast<double>(results.size());
    Json out = {{"pass_at_1", first / n}, {"pass_at_2", either / n}};
    for (const auto& [language, total] : by) out["pass_at_2_" + language] = total.first / total.second;
    return out;
  }

  std::size_t first_stage() const override { return std::min(kFirstStage, of(Split::Train).size()); }
  double solve_seconds() const override { return 10; }

 private:
  static std::string tail(const std::string& text) {
    if (text.size() <= kShownOutput) return text;
    std::size_t from = text.size() - kShownOutput;
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
    return "..." + text.substr(from);
  }
  const std::vector<Exercise>& of(Split split) const { return splits_[static_cast<std::size_t>(split)]; }

  mutable ExerciseBench bench_;
  std::vector<Exercise> splits_[3];
};

}  // namespace

Result<std::unique_ptr<Domain>> open_exercises(const ExerciseOptions& options) {
  auto exercises = load_exercises(options.folder);
  if (!exercises) return exercises.error();
  if (options.launcher == nullptr) return environment_error("cannot open the exercises: no box launcher was given");
  const ExerciseBench bench(options);
  for (const Exercise& exercise : *exercises)
    if (const std::string missing = bench.missing(exercise.language); !missing.empty())
      return environment_error("the exercises of " + options.folder + " in " + exercise.language + " cannot run: " + missing);
  return std::unique_ptr<Domain>(std::make_unique<ExercisesDomain>(options, std::move(*exercises)));
}

Result<Json> check_exercises(const ExerciseOptions& options, std::vector<Exercise>& exercises, const std::function<void(std::size_t, std::size_t)>& progress) {
  if (options.launcher == nullptr) return environment_error("exercises run in boxes, and none can be made here; run `hyperagent doctor`");
  ExerciseBench bench(options);
  std::mutex mutex;  // of what follows
  std::size_t next = 0, done = 0, references = 0, stubs = 0;
  Json wrong = Json::array(), by_language = Json::object();
  std::optional<Error> failed;
  const auto work = [&] {
    for (;;) {
      Exercise* e = nullptr;
      {
        const std::lock_guard lock(mutex);
        if (next == exercises.size() || failed) return;
        e = &exercises[next++];
      }
      const std::string missing = bench.missing(e->language);
      auto reference = missing.empty() ? bench.test(with_all_of_reference(*e), e->answers) : Result<ExerciseRun>(ExerciseRun{});
      auto stub = missing.empty() ? bench.test(*e, {}) : Result<ExerciseRun>(ExerciseRun{});
      const std::lock_guard lock(mutex);
      if (!reference || !stub) {
        failed = !reference ? reference.error() : stub.error();
        return;
      }
      if (reference->passed) e->cases = reference->cases;
      references += reference->passed;
      stubs += stub->passed;
      Json& language = by_language[e->language];
      if (language.is_null()) language = {{"exercises", 0}, {"references_passed", 0}, {"stubs_passed", 0}};
      language["exercises"] = language["exercises"].get<int>() + 1;
      language["references_passed"] = language["references_passed"].get<int>() + reference->passed;
      language["stubs_passed"] = language["stubs_passed"].get<int>() + stub->passed;
      if (!missing.empty()) wrong.push_back({{"id", e->id}, {"why", missing}});
      else if (!reference->passed) wrong.push_back({{"id", e->id}, {"why", "the reference solution fails: " + reference->output.substr(reference->output.size() > 400 ? reference->output.size() - 400 : 0)}});
      else if (stub->passed) wrong.push_back({{"id", e->id}, {"why", "the stub passes the tests already"}});
      progress(++done, exercises.size());
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  if (failed) return *failed;
  return Json{{"name", "exercises"}, {"exercises", exercises.size()}, {"references_passed", references}, {"stubs_passed", stubs}, {"by_language", by_language}, {"wrong", wrong}, {"ok", wrong.empty()}};
}

Result<void> write_exercises(const std::string& folder, const std::vector<Exercise>& exercises, const TextFiles& shared) {
  namespace fs = std::filesystem;
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) return user_error("cannot make the folder " + folder + ": " + code.message());
  const auto write = [&](const fs::path& path, const std::string& text) -> Result<void> {
    fs::create_directories(path.parent_path(), code);
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) return user_error("cannot write " + path.string() + "; is the folder writable and the disk not full?");
    return {};
  };
  for (const auto& [name, text] : shared)
    if (auto written = write(fs::path(folder) / "shared" / name, text); !written) return written;
  std::string lines;
  for (const Exercise& exercise : exercises) lines += to_json(exercise).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return write(fs::path(folder) / kExercisesFile, lines);
}

}  // namespace hyperagent
