#include "hyperagent/cli/command.h"

#include <CLI/CLI.hpp>

namespace hyperagent {

Command::Command(CLI::App& parent, const std::string& name, const std::string& description, const std::string& example)
    : app_(parent.add_subcommand(name, description)) {
  app_->footer("Example:\n  " + example);
  app_->add_flag("--json", json_, "Print JSON only, on standard output");
}

bool Command::chosen() const { return app_->parsed(); }

void Command::print(Environment& environment, const Json& value, const std::string& text) const {
  if (json_) environment.console.print_json(value);
  else environment.console.print(text);
}

}  // namespace hyperagent
