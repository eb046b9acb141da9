// `hyperagent edit`: applies edits given as data to a program on disk, all or nothing.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <iterator>

#include "hyperagent/cli/agent_source.h"
#include "hyperagent/cli/ast_questions.h"
#include "hyperagent/cli/commands.h"
#include "hyperagent/cli/cpp_source.h"
#include "hyperagent/cli/opened_run.h"
#include "hyperagent/cli/policy_file.h"
#include "hyperagent/cli/workbench.h"
#include "hyperagent/core/json_text.h"
#include "hyperagent/loop/grafts.h"
#include "hyperagent/report/diff_text.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

constexpr std::size_t kLargestEdits = 4 << 20;

// An array of edits, or {"edits": [...]} as a proposal has them.
Result<Json> read_edits(const std::string& path) {
  Result<std::string> text = path == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_text_file(path, kLargestEdits);
  if (!text) return text.error();
  const std::string where = path == "-" ? "standard input" : path;
  auto parsed = parse_written(*text, where);
  if (!parsed) return parsed.error();
  Json json = std::move(*parsed);
  if (json.is_object() && json.contains("edits")) json = Json(json["edits"]);
  if (!json.is_array())
    return user_error(where +
                      " must be a JSON array of edits, or an object with \"edits\"; `hyperagent edit --schema` prints what an edit is");
  return json;
}

// What the check behind a refusal's code asks.
std::string check_text(const std::string& code) {
  static const std::map<std::string, std::string> checks = {
      {"malformed", "is the edit well-formed"},
      {"target_not_found", "is the target there"},
      {"target_ambiguous", "is the target there once"},
      {"expectation", "is the text there that is expected"},
      {"forbidden", "is the edit allowed"},
      {"not_applicable", "does the edit apply"},
      {"parse", "does the result parse"},
      {"type_check", "does the result type-check"},
      {"entry_points", "are the entry points intact"},
      {"limit", "is the result within the compiler's limits"},
  };
  const auto check = checks.find(code);
  return check == checks.end() ? "" : " (" + check->second + "?)";
}

class EditCommand : public Command {
 public:
  explicit EditCommand(CLI::App& parent)
      : Command(parent, "edit", "Apply edits to a program and show what they change",
                "hyperagent edit my_agent edits.json --check\n  hyperagent edit src/parser.cpp edits.json -- -std=c++17 -Iinclude") {
    app().add_option("PROGRAM", program_, "An agent's directory, a .cpp file of an agent, the name of a shipped agent, or any C++ source");
    app().add_option("EDITS.json", edits_, "The edits: a JSON array; - reads standard input");
    app().add_option("FLAGS", flags_, "Behind --: compiler flags of a C++ source that is no agent");
    app().add_option("--compile-commands", database_, "Folder with the compile_commands.json that has the flags of the C++ source");
    auto* check = app().add_flag("--check", check_, "Only say whether they apply and type-check (exit status 1 when not)");
    auto* write = app().add_flag("--write", write_, "Write the changed files back")->excludes(check);
    app().add_flag("--approve", approve_, "With --write: what the policy wants approved is, because you have read the diff")->needs(write);
    app().add_option("--policy", policy_, "File that says what may be edited");
    app().add_option("--run", run_, "Directory of the run whose agents \"graft\" takes from by their ids");
    app().add_flag("--schema", schema_, "Print the JSON schema of edits");
  }

  Result<int> run(Environment& environment) override {
    if (schema_) return print_schema(environment);
    if (program_.empty() || edits_.empty())
      return user_error("edit needs a PROGRAM and EDITS.json; `hyperagent edit --schema` prints what an edit is");
    auto edits = read_edits(edits_);
    if (!edits) return edits.error();
    auto policy = read_policy(policy_);
    if (!policy) return policy.error();
    auto donors = with_donors(*edits, [&](const Json& agent) { return donor(environment.paths, agent); });
    if (!donors) return donors.error();
    auto plain = find_cpp_source(program_, flags_, database_);
    if (!plain) return plain.error();
    auto job = *plain ? open_source(std::move(**plain)) : open_agent(environment.paths);
    if (!job) return job.error();
    auto bench = Workbench::open(environment.paths, 1);
    if (!bench) return bench.error();
    auto toolchain =
        (*bench)->make_toolchain({.policy = *policy, .readable = job->plain ? job->plain->readable : std::vector<std::string>()});
    auto applied = job->plain ? apply_to_source(*toolchain, *job, *donors, *policy) : apply_to_agent(*toolchain, *job, *donors);
    if (!applied) return applied.error();
    if (const auto* refusal = std::get_if<Refusal>(&*applied)) return refused(environment, *refusal);
    return accepted(environment, *job, std::get<Applied>(*applied), edits->size());
  }

 private:
  struct Job {
    LoadedAgent program;
    std::optional<CppSource> plain;  // of C++ that is no agent
  };
  struct Applied {
    AgentSource source;
    Json diff;  // null when nobody asked
    std::string ast_hash;
    std::vector<std::string> needs_approval;
  };

  Result<int> print_schema(Environment& environment) const {
    auto text = read_text_file(environment.paths.share + "/edits.schema.json", kLargestEdits);
    if (!text) return environment_error(text.error().message + "; the installation is incomplete: build hyperagent again");
    environment.console.print(*text);
    return 0;
  }

  Result<Job> open_agent(const Paths& paths) const {
    auto program = load_program(paths, program_);
    if (!program) return program.error();
    return Job{std::move(*program), std::nullopt};
  }

  Result<Job> open_source(CppSource source) const {
    LoadedAgent program;
    program.source.files[source.name] = source.text;
    program.on_disk[source.name] = program_;
    return Job{std::move(program), std::move(source)};
  }

  Result<std::shared_ptr<const AgentSource>> donor(const Paths& paths, const Json& agent) {
    if (agent.is_string()) {
      auto loaded = load_agent(paths, agent.get<std::string>());
      if (!loaded) return loaded.error();
      return std::make_shared<const AgentSource>(std::move(loaded->source));
    }
    if (!agent.is_number_integer()) return std::shared_ptr<const AgentSource>();
    if (run_.empty()) return user_error("a graft from agent " + agent.dump() + " needs --run DIR, the run that agent belongs to");
    auto run = open_run(run_);
    if (!run) return run.error();
    auto id = run->pool->resolve(agent.dump());
    if (!id) return id.error();
    auto source = run->pool->source(*id);
    if (!source) return source.error();
    return std::make_shared<const AgentSource>(std::move(*source));
  }

  Result<Verdict<Applied>> apply_to_agent(Toolchain& toolchain, const Job& job, const Json& edits) const {
    auto verdict = toolchain.apply(job.program.source, edits);
    if (!verdict) return verdict.error();
    if (auto* refusal = std::get_if<Refusal>(&*verdict)) return Verdict<Applied>(*refusal);
    auto& rewritten = std::get<Rewritten>(*verdict);
    Applied applied{std::move(rewritten.source), Json(), rewritten.ast_hash, rewritten.needs_approval};
    if (check_) return Verdict<Applied>(std::move(applied));
    auto diff = ask_diff(toolchain, job.program.source, applied.source);
    if (!diff) return diff.error();
    applied.diff = std::move(*diff);
    return Verdict<Applied>(std::move(applied));
  }

  static Result<Verdict<Applied>> apply_to_source(Toolchain& toolchain, const Job& job, const Json& edits, const Json& policy) {
    const CppSource& plain = *job.plain;
    Json request = about(plain);
    request.update({{"edits", edits}, {"policy", policy}, {"style", plain.style}});
    auto reply = toolchain.ask("edit_source", request);
    if (!reply) return reply.error();
    if (reply->contains("refused")) return Verdict<Applied>(Refusal{(*reply)["refused"]["code"], (*reply)["refused"]["message"]});
    Applied applied;
    applied.source.files = (*reply)["source"].get<std::map<std::string, std::string>>();
    applied.diff = (*reply)["diff"];
    applied.needs_approval = (*reply)["needs_approval"].get<std::vector<std::string>>();
    return Verdict<Applied>(std::move(applied));
  }

  int refused(Environment& environment, const Refusal& refusal) const {
    print(environment, {{"ok", false}, {"refused", {{"code", refusal.code}, {"message", refusal.message}}}},
          "refused: " + refusal.code + check_text(refusal.code) + "\n" + printable(refusal.message) + "\n");
    return 1;
  }

  static AgentSource changed_files(const AgentSource& before, const AgentSource& after) {
    AgentSource changed;
    for (const auto& [path, text] : after.files)
      if (const auto old = before.files.find(path); old == before.files.end() || old->second != text) changed.files[path] = text;
    return changed;
  }

  Result<void> write_back(const LoadedAgent& program, const AgentSource& changed) const {
    for (const auto& [path, text] : changed.files)
      if (!program.on_disk.contains(path))
        return user_error("cannot write " + path + ": it is not part of " + program_ +
                          " but comes with hyperagent; copy it into an agent's directory first");
    for (const auto& [path, text] : changed.files)
      if (auto written = replace_file(program.on_disk.at(path), text); !written) return written;
    return {};
  }

  Result<int> accepted(Environment& environment, const Job& job, const Applied& applied, std::size_t count) const {
    std::string approval;
    for (const std::string& place : applied.needs_approval) approval += "needs approval: " + printable(place) + "\n";
    Json reply = {{"ok", true}, {"ast_hash", applied.ast_hash}, {"needs_approval", applied.needs_approval}};
    if (check_) {
      print(environment, reply, "ok: " + plural(count, "edit") + " apply and type-check\n" + approval);
      return 0;
    }
    const AgentSource changed = changed_files(job.program.source, applied.source);
    const bool waits = write_ && !applied.needs_approval.empty() && !approve_;
    if (write_ && !waits)
      if (auto written = write_back(job.program, changed); !written) return written.error();
    const TextStyle style = json() ? TextStyle{} : terminal_style(environment.console.out());
    const std::string unified = unified_diff(job.program.source, applied.source, style);
    std::string text = unified + (unified.empty() ? "" : "\n") + diff_text(applied.diff, style) + approval;
    if (write_ && !waits)
      for (const auto& [path, content] : changed.files) text += "wrote " + job.program.on_disk.at(path) + "\n";
    if (waits) text += "nothing is written: read the diff, then run this again with --approve\n";
    reply.update({{"files", changed.files}, {"diff", applied.diff}, {"unified", unified}, {"written", write_ && !waits}});
    print(environment, reply, text);
    return waits ? 1 : 0;
  }

  std::string program_, edits_, database_, policy_, run_;
  std::vector<std::string> flags_;
  bool check_ = false, write_ = false, approve_ = false, schema_ = false;
};

}  // namespace

std::unique_ptr<Command> make_edit_command(CLI::App& app) { return std::make_unique<EditCommand>(app); }

}  // namespace hyperagent
