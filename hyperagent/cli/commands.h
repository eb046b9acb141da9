// The list of commands, one .cpp each (NAME_command.cpp). To add one: write its file and add a line here and in commands.cpp.
#pragma once

#include <memory>
#include <vector>

#include "hyperagent/cli/command.h"

namespace hyperagent {

std::unique_ptr<Command> make_run_command(CLI::App& app);
std::unique_ptr<Command> make_resume_command(CLI::App& app);
std::unique_ptr<Command> make_seed_command(CLI::App& app);
std::unique_ptr<Command> make_evaluate_command(CLI::App& app);
std::unique_ptr<Command> make_tree_command(CLI::App& app);
std::unique_ptr<Command> make_show_command(CLI::App& app);
std::unique_ptr<Command> make_diff_command(CLI::App& app);
std::unique_ptr<Command> make_explain_command(CLI::App& app);
std::unique_ptr<Command> make_outline_command(CLI::App& app);
std::unique_ptr<Command> make_edit_command(CLI::App& app);
std::unique_ptr<Command> make_approve_command(CLI::App& app);
std::unique_ptr<Command> make_doctor_command(CLI::App& app);
std::vector<std::unique_ptr<Command>> make_domain_commands(CLI::App& app);  // domain list | new | check

std::vector<std::unique_ptr<Command>> make_commands(CLI::App& app);

}  // namespace hyperagent
