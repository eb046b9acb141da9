// A command of the program: its options are added when it is made, it runs when it was chosen.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hyperagent/cli/console.h"
#include "hyperagent/cli/paths.h"
#include "hyperagent/core/result.h"

namespace CLI {
class App;
}

namespace hyperagent {

struct Environment {
  const Paths& paths;
  Console& console;
};

class Command {
 public:
  // Adds a subcommand with --json and an example line below its help. `parent` outlives the command.
  Command(CLI::App& parent, const std::string& name, const std::string& description, const std::string& example);
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  bool chosen() const;
  // The exit status. What went wrong is an Error: main prints it and turns its kind into the status.
  virtual Result<int> run(Environment& environment) = 0;

 protected:
  CLI::App& app() { return *app_; }
  bool json() const { return json_; }
  // Of `value` as JSON or `text`, what was asked for.
  void print(Environment& environment, const Json& value, const std::string& text) const;

 private:
  CLI::App* app_;
  bool json_ = false;
};

}  // namespace hyperagent
