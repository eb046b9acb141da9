#include "hyperagent/cli/commands.h"

#include <iterator>

namespace hyperagent {

std::vector<std::unique_ptr<Command>> make_commands(CLI::App& app) {
  std::vector<std::unique_ptr<Command>> commands;
  for (auto make : {make_run_command, make_resume_command, make_seed_command, make_evaluate_command, make_tree_command, make_show_command,
                    make_diff_command, make_explain_command, make_outline_command, make_edit_command, make_approve_command,
                    make_doctor_command})
    commands.push_back(make(app));
  auto domain = make_domain_commands(app);
  std::move(domain.begin(), domain.end(), std::back_inserter(commands));
  return commands;
}

}  // namespace hyperagent
