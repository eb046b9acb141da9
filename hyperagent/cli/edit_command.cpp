// `hyperagent edit`: applies edits given as data to a program on disk, all or nothing.
#include <CLI/CLI.hpp>
#include <iostream>
#include <iterator>

#include "hyperagent/cli/agent_source.h"
#include "hyperagent/cli/ast_questions.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/run_directory.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/report/diff_text.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

constexpr std::size_t kLargestEdits = 4 << 20;

// An array of edits, or {"edits": [...]} as a proposal has them.
Result<Json> read_edits(const std::string& path) {
  Result<std::string> text = path == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_text_file(path, kLargestEdits);
  if (!text) return text.error();
  Json json;
  try {
    json = Json::parse(*text);
  } catch (const Json::exception& error) {
    return user_error(path + " is not JSON: " + error.what());
  }
  if (json.is_object() && json.contains("edits")) json = Json(json["edits"]);
  if (!json.is_array()) return user_error(path + " must be a JSON array of edits, or an object with \"edits\"");
  return json;
}

class EditCommand : public Command {
 public:
  explicit EditCommand(CLI::App& parent)
      : Command(parent, "edit", "Apply edits to a program and show what they change", "hyperagent edit my_agent edits.json --check") {
    app().add_option("PROGRAM", program_, "An agent's directory, a .cpp file of an agent, or the name of a shipped agent")->required();
    app().add_option("EDITS.json", edits_, "The edits: a JSON array; - reads standard input")->required();
    auto* check = app().add_flag("--check", check_, "Only say whether they apply and type-check (exit status 1 when not)");
    app().add_flag("--write", write_, "Write the changed files back")->excludes(check);
  }

  Result<int> run(Environment& environment) override {
    auto program = load_program(environment.paths, program_);
    if (!program) return program.error();
    auto edits = read_edits(edits_);
    if (!edits) return edits.error();
    auto bench = Workbench::open(environment.paths, 1);
    if (!bench) return bench.error();
    Toolchain& toolchain = (*bench)->toolchain();
    auto verdict = toolchain.apply(program->source, *edits);
    if (!verdict) return verdict.error();
    if (const auto* refusal = std::get_if<Refusal>(&*verdict)) return refused(environment, *refusal);
    const auto& rewritten = std::get<Rewritten>(*verdict);
    if (check_) {
      print(environment, {{"ok", true}, {"ast_hash", rewritten.ast_hash}}, "ok: " + plural(edits->size(), "edit") + " apply and type-check\n");
      return 0;
    }
    auto diff = ask_diff(toolchain, program->source, rewritten.source);
    if (!diff) return diff.error();
    const auto changed = changed_files(program->source, rewritten.source);
    if (write_)
      if (auto written = write_back(*program, changed); !written) return written.error();
    show(environment, *program, rewritten, *diff, changed);
    return 0;
  }

 private:
  using Files = std::map<std::string, std::string>;

  int refused(Environment& environment, const Refusal& refusal) const {
    print(environment, {{"ok", false}, {"refused", {{"code", refusal.code}, {"message", refusal.message}}}},
          "refused: " + refusal.code + "\n" + printable(refusal.message) + "\n");
    return 1;
  }

  static Files changed_files(const AgentSource& before, const AgentSource& after) {
    Files changed;
    for (const auto& [path, text] : after.files)
      if (const auto old = before.files.find(path); old == before.files.end() || old->second != text) changed[path] = text;
    return changed;
  }

  Result<void> write_back(const LoadedAgent& program, const Files& changed) const {
    for (const auto& [path, text] : changed)
      if (!program.on_disk.contains(path))
        return user_error("cannot write " + path + ": it is not part of " + program_ + " but comes with hyperagent; copy it into an agent's directory first");
    for (const auto& [path, text] : changed)
      if (auto written = replace_file(program.on_disk.at(path), text); !written) return written;
    return {};
  }

  void show(Environment& environment, const LoadedAgent& program, const Rewritten& rewritten, const Json& diff, const Files& changed) const {
    const TextStyle style = json() ? TextStyle{} : terminal_style(environment.console.out());
    const std::string unified = unified_diff(program.source, rewritten.source, style);
    std::string text = unified + (unified.empty() ? "" : "\n") + diff_text(diff, style);
    if (write_)
      for (const auto& [path, content] : changed) text += "wrote " + program.on_disk.at(path) + "\n";
    print(environment,
          {{"ok", true}, {"ast_hash", rewritten.ast_hash}, {"files", changed}, {"diff", diff}, {"unified", unified}, {"written", write_}}, text);
  }

  std::string program_, edits_;
  bool check_ = false, write_ = false;
};

}  // namespace

std::unique_ptr<Command> make_edit_command(CLI::App& app) { return std::make_unique<EditCommand>(app); }

}  // namespace hyperagent
