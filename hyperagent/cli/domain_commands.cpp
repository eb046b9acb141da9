// `hyperagent domain list | new | check | prepare`: what can be searched on, and how to make a domain of one's own without writing C++.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>

#include "domains/coding/exercises.h"
#include "domains/domains.h"
#include "domains/jsonl/check.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/search_session.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/core/clock.h"
#include "hyperagent/report/phrases.h"
#include "sandbox/box_launcher.h"

namespace hyperagent {
namespace {

std::function<void(std::size_t, std::size_t)> tells_progress(const Environment& environment) {
  return [&environment](std::size_t done, std::size_t all) {
    if (done % 10 == 0 || done == all) environment.console.note("checked " + std::to_string(done) + " of " + plural(all, "exercise") + "\n");
  };
}

std::string counts_text(const Json& report) {
  std::string text;
  const Json languages = report.value("by_language", Json::object());
  for (const auto& [language, counts] : languages.items())
    text += language + ": " + plural(counts.value("exercises", std::size_t{0}), "exercise") + ", reference passes " + counts.value("references_passed", Json(0)).dump() + ", stub passes " +
            counts.value("stubs_passed", Json(0)).dump() + "\n";
  return text + (report.value("ok", false) ? "ok: every reference passes and every stub fails\n" : "");
}

std::vector<std::string> wrong_of(const Json& report) {
  std::vector<std::string> wrong;
  for (const Json& one : report.value("wrong", Json::array())) wrong.push_back(one.value("id", "") + ": " + one.value("why", ""));
  return wrong;
}

// Of lines "id: why" one for each reason: a language without its toolchain would fill the screen.
std::string by_reason(const std::string& start, const std::vector<std::string>& lines) {
  std::map<std::string, std::vector<std::string>> reasons;
  for (const std::string& line : lines) {
    const std::size_t colon = std::min(line.find(": "), line.size());
    reasons[line.substr(colon)].push_back(line.substr(0, colon));
  }
  std::string text;
  for (auto& [why, ids] : reasons) {
    std::sort(ids.begin(), ids.end());
    text += start + one_line(ids.front(), 60) + (ids.size() > 1 ? " and " + plural(ids.size() - 1, "other") : "") + one_line(why, 300) + "\n";
  }
  return text;
}

class DomainListCommand : public Command {
 public:
  explicit DomainListCommand(CLI::App& parent) : Command(parent, "list", "List the known domains", "hyperagent domain list") {}

  Result<int> run(Environment& environment) override {
    const Json domains = list_domains();
    std::string text;
    for (const Json& domain : domains) text += domain.value("name", "") + "\n" + wrapped(domain.value("description", ""), "    ");
    print(environment, domains, text + "or a folder with domain.json: `hyperagent domain new NAME DIR` makes one\n");
    return 0;
  }
};

class DomainNewCommand : public Command {
 public:
  explicit DomainNewCommand(CLI::App& parent)
      : Command(parent, "new", "Write a small working example of a domain, to be changed into yours", "hyperagent domain new my_domain my_domain_folder") {
    app().add_option("NAME", name_, "Its name")->required();
    app().add_option("DIR", folder_, "A new or empty folder")->required();
  }

  Result<int> run(Environment& environment) override {
    if (auto made = jsonl::new_domain(folder_, name_); !made) return made.error();
    const std::string place = shell_word(folder_);
    print(environment, {{"name", name_}, {"folder", absolute_path(folder_)}},
          "made the domain " + name_ + " in " + folder_ + "; its README.md says what to change\n  hyperagent domain check " + place +
              "\n  hyperagent run --domain " + place + " --run my_run --max-time 60\n");
    return 0;
  }

 private:
  std::string name_, folder_;
};

class DomainCheckCommand : public Command {
 public:
  explicit DomainCheckCommand(CLI::App& parent)
      : Command(parent, "check", "Load a domain as a run would and report on it", "hyperagent domain check my_domain_folder") {
    app().add_option("DIR", folder_, "The folder with domain.json")->required();
  }

  Result<int> run(Environment& environment) override {
    auto launcher = make_box_launcher();  // without one everything but program graders can still be checked
    std::error_code code;
    if (std::filesystem::exists(folder_ + "/" + kExercisesFile, code)) return check_exercise_folder(environment, launcher ? launcher->get() : nullptr);
    auto report = jsonl::check_domain(folder_, launcher ? launcher->get() : nullptr);
    if (!report) return report.error();
    print(environment, *report, report_text(*report));
    return report->value("ok", false) ? 0 : 1;
  }

 private:
  // Runs every reference solution and every stub.
  Result<int> check_exercise_folder(Environment& environment, BoxLauncher* launcher) {
    auto exercises = load_exercises(folder_);
    if (!exercises) return exercises.error();
    auto report = check_exercises({.folder = folder_, .share = environment.paths.share, .cache_dir = environment.paths.cache, .launcher = launcher}, *exercises, tells_progress(environment));
    if (!report) return report.error();
    print(environment, *report, counts_text(*report) + by_reason("  ", wrong_of(*report)) + (report->value("ok", false) ? "" : "not ok\n"));
    return report->value("ok", false) ? 0 : 1;
  }

  static std::string report_text(const Json& report) {
    std::string text = report.value("name", "") + ": target " + report.value("target", "") + ", grading " + report.value("grading", "") + "\n";
    for (const Json& field : report.value("fields", Json::array()))
      text += "  field " + one_line(field.value("name", ""), 40) + " (" + field.value("type", "") + (field.value("constant", false) ? ", always the same" : "") + ")\n";
    for (const char* split : {"train", "val", "test"}) {
      const Json part = report.value("splits", Json::object()).value(split, Json::object());
      text += "  " + std::string(split) + ": " + plural(part.value("rows", std::size_t{0}), "row");
      const Json labels = part.value("labels", Json::object());
      for (const auto& [label, count] : labels.items()) text += ", " + one_line(label, 30) + " " + count.dump();
      text += "\n";
    }
    const Json majority = report.value("majority", Json::object());
    for (const auto& [split, share] : majority.items())
      if (share.is_number()) text += "  always the most frequent label: " + decimal(share.get<double>()) + " on " + split + "\n";
    const Json grader = report.value("grader", Json::object());
    text += "  grader: " + grader.value("right", Json(0)).dump() + " of " + grader.value("checked", Json(0)).dump() + " expected answers score 1\n";
    for (const Json& warning : report.value("warnings", Json::array()))
      if (warning.is_string()) text += "  warning: " + printable(warning.get<std::string>()) + "\n";
    return text + (report.value("ok", false) ? "ok\n" : "not ok: the grader turns down right answers\n");
  }

  std::string folder_;
};

// `hyperagent import polyglot`: exercises from disk into a domain folder; what does not hold in a box here is left out.
class ImportPolyglotCommand : public Command {
 public:
  explicit ImportPolyglotCommand(CLI::App& parent)
      : Command(parent, "polyglot", "Aider's polyglot benchmark (C++, Go, Java, JavaScript, Python, Rust) as a domain folder; languages whose toolchain is not here are left out", "hyperagent import polyglot ~/polyglot-benchmark --out exercises") {
    app().add_option("PATH", path_, "A copy of the benchmark: LANG/exercises/practice/NAME")->required();
    app().add_option("--out", out_, "New or empty folder for the domain (exercises)");
    app().add_flag("--no-check", unchecked_, "Do not run the reference solutions and the stubs");
  }

  Result<int> run(Environment& environment) override {
    std::error_code code;
    if (std::filesystem::exists(out_, code) && (!std::filesystem::is_directory(out_, code) || !std::filesystem::is_empty(out_, code)))
      return user_error(out_ + " is there already; name a new or empty folder with --out");
    auto imported = read_polyglot(path_);
    if (!imported) return imported.error();
    if (auto written = write_exercises(out_, imported->exercises, imported->shared); !written) return written.error();
    Json report = Json::object();
    if (!unchecked_) {
      auto launcher = make_box_launcher();
      if (!launcher) return launcher.error();
      auto checked = check_exercises({.folder = out_, .share = environment.paths.share, .cache_dir = environment.paths.cache, .launcher = launcher->get()}, imported->exercises, tells_progress(environment));
      if (!checked) {
        for (const char* mine : {"/exercises.jsonl", "/shared"}) std::filesystem::remove_all(out_ + mine, code);
        return checked.error();
      }
      report = std::move(*checked);
      for (std::string& wrong : wrong_of(report)) {
        std::erase_if(imported->exercises, [&](const Exercise& e) { return wrong.starts_with(e.id + ": "); });
        imported->left_out.push_back(std::move(wrong));
      }
      if (imported->exercises.empty()) return user_error("no exercise of " + path_ + " holds here: " + one_line(imported->left_out.back(), 400));
      assign_splits(imported->exercises);
      if (auto written = write_exercises(out_, imported->exercises, imported->shared); !written) return written.error();
    }
    std::map<std::string, int> splits;
    for (const Exercise& e : imported->exercises) ++splits[to_string(e.split)];
    report.update({{"folder", absolute_path(out_)}, {"imported", imported->exercises.size()}, {"left_out", imported->left_out}, {"splits", splits}});
    std::string text = (unchecked_ ? "" : counts_text(report)) + by_reason("left out: ", imported->left_out);
    text += "imported " + plural(imported->exercises.size(), "exercise") + " into " + out_ + ": train " + std::to_string(splits["train"]) + ", val " + std::to_string(splits["val"]) + ", test " +
            std::to_string(splits["test"]) + "\n  hyperagent run --domain " + shell_word(out_) + " --agent code_by_model --model PROVIDER:MODEL --run RUN\n";
    print(environment, report, text);
    return 0;
  }

 private:
  std::string path_, out_ = "exercises";
  bool unchecked_ = false;
};

class DomainPrepareCommand : public Command {
 public:
  explicit DomainPrepareCommand(CLI::App& parent)
      : Command(parent, "prepare", "Compute ahead what every search on a domain would ask for; kept in the cache", "hyperagent domain prepare repair") {
    app().add_option("NAME", name_, "A domain, or a folder with domain.json")->required();
    app().add_option("--data", data_, "The folder of its tasks");
  }

  Result<int> run(Environment& environment) override {
    auto bench = Workbench::open(environment.paths, 1);
    if (!bench) return bench.error();
    auto domain = open_domain(environment.paths, **bench, {domain_name(name_), data_.empty() ? "" : absolute_path(data_), "", environment.paths.cache});
    if (!domain) return domain.error();
    if (environment.paths.cache.empty()) return environment_error("there is no place for a cache: set HOME or HYPERAGENT_CACHE");
    SystemClock clock;
    const double began = clock.seconds();
    auto prepared = (*domain)->prepare(core_count(), [&](std::size_t done, std::size_t all) {
      if (done % 5 == 0 || done == all) environment.console.note("prepared " + std::to_string(done) + " of " + plural(all, "task") + "\n");
    });
    if (!prepared) return prepared.error();
    const double seconds = clock.seconds() - began;
    print(environment, {{"name", (*domain)->name()}, {"seconds", seconds}}, (*domain)->name() + " is prepared, " + decimal(seconds) + " s\n");
    return 0;
  }

 private:
  std::string name_, data_;
};

}  // namespace

std::vector<std::unique_ptr<Command>> make_domain_commands(CLI::App& app) {
  CLI::App& domain = *app.add_subcommand("domain", "List the domains; make and check one of your own");
  domain.require_subcommand(1);
  domain.footer("Example:\n  hyperagent domain new my_domain my_domain_folder");
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(std::make_unique<DomainListCommand>(domain));
  commands.push_back(std::make_unique<DomainNewCommand>(domain));
  commands.push_back(std::make_unique<DomainCheckCommand>(domain));
  commands.push_back(std::make_unique<DomainPrepareCommand>(domain));
  CLI::App& import = *app.add_subcommand("import", "Bring a public benchmark in as a domain");
  import.require_subcommand(1);
  commands.push_back(std::make_unique<ImportPolyglotCommand>(import));
  return commands;
}

}  // namespace hyperagent
