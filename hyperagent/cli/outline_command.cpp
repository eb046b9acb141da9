// `hyperagent outline`: the functions of a program, and where typed edits are possible in them.
#include <CLI/CLI.hpp>

#include "hyperagent/cli/agent_source.h"
#include "hyperagent/cli/ast_questions.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return "";
  return one_line(found->is_string() ? found->get<std::string>() : found->dump());
}

std::string functions_text(const Json& functions) {
  std::string text, file;
  for (const Json& function : functions) {
    if (text_of(function, "file") != file) text += (text.empty() ? "" : "\n") + (file = text_of(function, "file")) + "\n";
    const long long first = function.value("line", 0ll), lines = function.value("lines", 1ll);
    std::string place = std::to_string(first) + (lines > 1 ? "-" + std::to_string(first + lines - 1) : "");
    text += "  " + place + std::string(place.size() < 9 ? 9 - place.size() : 1, ' ') + text_of(function, "signature") + "\n";
  }
  return text.empty() ? "no functions\n" : text;
}

std::string sites_text(const Json& groups) {
  std::string text = "\ntyped edit sites\n", function;
  for (const Json& group : groups) {
    if (text_of(group, "function") != function) text += "  " + (function = text_of(group, "function")) + " (" + text_of(group, "half") + ")\n";
    const std::string kind = text_of(group, "kind");
    text += "    " + kind + std::string(kind.size() < 12 ? 12 - kind.size() : 1, ' ') + text_of(group, "sites") + "\n";
  }
  return groups.empty() ? text + "  none\n" : text;
}

class OutlineCommand : public Command {
 public:
  explicit OutlineCommand(CLI::App& parent) : Command(parent, "outline", "List a program's functions and edit sites", "hyperagent outline blank --sites") {
    app().add_option("PROGRAM", program_, "An agent's directory, a .cpp file of an agent, or the name of a shipped agent")->required();
    app().add_flag("--sites", sites_, "Where typed edits are possible, by kind");
  }

  Result<int> run(Environment& environment) override {
    auto program = load_program(environment.paths, program_);
    if (!program) return program.error();
    auto bench = Workbench::open(environment.paths, 1);
    if (!bench) return bench.error();
    Toolchain& toolchain = (*bench)->toolchain();
    auto outline = ask(toolchain, "outline", {{"source", program->source.files}}, "read " + program_);
    if (!outline) return outline.error();
    Json reply = std::move(*outline);
    std::string text = functions_text(reply.at("functions"));
    if (sites_) {
      auto sites = ask(toolchain, "sites", {{"source", program->source.files}, {"vocabulary", Json::object()}, {"blocks", Json::array()}},
                       "list the edit sites of " + program_);
      if (!sites) return sites.error();
      reply["groups"] = sites->at("groups");
      text += sites_text(reply["groups"]);
    }
    print(environment, reply, text);
    return 0;
  }

 private:
  std::string program_;
  bool sites_ = false;
};

}  // namespace

std::unique_ptr<Command> make_outline_command(CLI::App& app) { return std::make_unique<OutlineCommand>(app); }

}  // namespace hyperagent
