// `hyperagent outline`: the functions of a program, and where typed edits are possible in them.
#include <CLI/CLI.hpp>

#include "hyperagent/cli/agent_source.h"
#include "hyperagent/cli/ast_questions.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/cpp_source.h"
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

// What an edit would put there, in a few words.
std::string replacement(const Json& edit) {
  for (const char* member : {"code", "value"})
    if (const std::string text = text_of(edit, member); !text.empty()) return "`" + one_line(text, 60) + "`";
  return text_of(edit, "op");
}

std::string how_many(const Json& site) {
  const bool open = site.value("open", false), counted = site.contains("count");
  const std::size_t count = counted ? site["count"].get<std::size_t>() : site.at("edits").size();
  if (count == 0) return open && counted ? "nothing simple fits" : "nothing fits";
  if (!counted) return "any number of edits";
  return plural(count, "edit") + (open ? " and what nests deeper" : "");
}

std::string sites_text(const Json& sites) {
  constexpr std::size_t kShown = 3;
  std::string text = "\ntyped edit sites\n", function;
  for (const Json& site : sites) {
    if (text_of(site, "function") != function) text += "  " + (function = text_of(site, "function")) + " (" + text_of(site, "file") + ")\n";
    const std::string kind = text_of(site, "kind"), line = text_of(site, "line"), type = text_of(site, "type");
    text += "    line " + line + std::string(line.size() < 5 ? 5 - line.size() : 1, ' ') + kind + std::string(kind.size() < 11 ? 11 - kind.size() : 1, ' ') + "`" +
            one_line(text_of(site, "text"), 50) + "`" + (type.empty() ? "" : " : " + type) + "\n";
    const Json& edits = site.at("edits");
    text += "               " + how_many(site) + (edits.empty() ? "" : ": ");
    for (std::size_t i = 0; i < edits.size() && i < kShown; ++i) text += (i > 0 ? ", " : "") + replacement(edits[i]);
    text += edits.size() > kShown ? ", ...\n" : "\n";
  }
  return sites.empty() ? text + "  none\n" : text;
}

class OutlineCommand : public Command {
 public:
  explicit OutlineCommand(CLI::App& parent)
      : Command(parent, "outline", "List a program's functions and edit sites",
                "hyperagent outline blank --sites\n  hyperagent outline src/parser.cpp --sites -- -std=c++17 -Iinclude") {
    app()
        .add_option("PROGRAM", program_, "An agent's directory, a .cpp file of an agent, the name of a shipped agent, or any C++ source")
        ->required();
    app().add_option("FLAGS", flags_, "Behind --: compiler flags of a C++ source that is no agent");
    app().add_option("--compile-commands", database_, "Folder with the compile_commands.json that has the flags of the C++ source");
    app().add_flag("--sites", sites_, "Where typed edits are possible, and what fits there: the likeliest first");
  }

  Result<int> run(Environment& environment) override {
    auto plain = find_cpp_source(program_, flags_, database_);
    if (!plain) return plain.error();
    auto reply = *plain ? of_source(environment.paths, **plain) : of_agent(environment.paths);
    if (!reply) return reply.error();
    print(environment, *reply, functions_text(reply->at("functions")) + (sites_ ? sites_text(reply->at("sites")) : ""));
    return 0;
  }

 private:
  Result<Json> of_source(const Paths& paths, const CppSource& source) const {
    auto bench = Workbench::open(paths, 1);
    if (!bench) return bench.error();
    Json request = about(source);
    request["sites"] = sites_;
    return ask(*(*bench)->make_toolchain({.readable = source.readable}), "outline_source", request, "read " + program_);
  }

  Result<Json> of_agent(const Paths& paths) const {
    auto program = load_program(paths, program_);
    if (!program) return program.error();
    auto bench = Workbench::open(paths, 1);
    if (!bench) return bench.error();
    const Json request = {{"source", program->source.files}};
    auto reply = ask((*bench)->toolchain(), "outline", request, "read " + program_);
    if (!reply || !sites_) return reply;
    auto sites = ask((*bench)->toolchain(), "list_sites", request, "list the edit sites of " + program_);
    if (!sites) return sites.error();
    reply->update(*sites);
    return reply;
  }

  std::string program_, database_;
  std::vector<std::string> flags_;
  bool sites_ = false;
};

}  // namespace

std::unique_ptr<Command> make_outline_command(CLI::App& app) { return std::make_unique<OutlineCommand>(app); }

}  // namespace hyperagent
