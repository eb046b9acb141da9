#include "hyperagent/cli/program.h"

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <sstream>
#include <string_view>

#include "hyperagent/cli/commands.h"
#include "hyperagent/core/nearest.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::UserInput: return 1;
    case ErrorKind::Environment: return 2;
    case ErrorKind::Interrupted: return 3;
  }
  return 1;
}

int report(Console& console, const Error& error, bool json) {
  if (json) console.print_json({{"error", error.message}});
  console.note("hyperagent: " + printable(error.message) + "\n");
  return status_of(error.kind);
}

bool wants_json(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]) == "--json") return true;
  return false;
}

// "" or " run": the commands as far as they were understood, for the hint at --help.
std::string chosen_name(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? "" : " " + chosen.front()->get_name() + chosen_name(*chosen.front());
}

// The first flag that the chosen command does not have, and the nearest one that it has; empty when it has them all.
std::string unknown_flag(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  std::vector<std::string> known;
  for (const CLI::Option* option : command->get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  for (const std::string& word : app.remaining(true)) {
    const std::string flag = word.substr(0, word.find('='));
    if (flag.size() > 1 && flag[0] == '-') return "there is no flag " + flag + did_you_mean(flag, known);
  }
  return "";
}

}  // namespace

int run_program(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is an error of a write, not the end of a search
  Console console(STDOUT_FILENO, STDERR_FILENO);
  const bool json = wants_json(argc, argv);

  CLI::App app("Agents that rewrite themselves: searches for a program that solves the tasks of a domain, starting from a blank agent.", "hyperagent");
  app.set_version_flag("--version", "hyperagent " HYPERAGENT_VERSION);
  app.require_subcommand(1);
  app.footer("Example:\n  hyperagent run --domain repair --run my_run\nStart with `hyperagent doctor` when something does not work.");
  const auto commands = make_commands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const int status = app.exit(error, out, err);
    if (status == 0) {  // --help, --version
      console.print(out.str());
      return 0;
    }
    // First, as it may be why something else is missing.
    const std::string unknown = unknown_flag(app);
    return report(console,
                  user_error((unknown.empty() ? std::string(error.what()) : unknown) + "; see `hyperagent" + chosen_name(app) + " --help`"),
                  json);
  }

  const auto paths = installed_paths();
  if (!paths) return report(console, paths.error(), json);
  Environment environment{*paths, console};
  for (const auto& command : commands) {
    if (!command->chosen()) continue;
    const auto status = command->run(environment);
    console.end_live();
    if (!status) return report(console, status.error(), json);
    if (const auto written = console.failure(); !written) return report(console, written.error(), false);
    return *status;
  }
  return 1;
}

}  // namespace hyperagent
