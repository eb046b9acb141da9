#include "hyperagent/report/show_text.h"

#include <algorithm>

#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

constexpr std::size_t kLabelWidth = 12;
constexpr std::size_t kEditsShown = 20, kChildrenShown = 20, kUnsolvedShown = 5;

std::string row(const std::string& label, const std::string& text) {
  if (text.empty()) return "  " + label + "\n";
  return "  " + label + std::string(label.size() < kLabelWidth ? kLabelWidth - label.size() : 1, ' ') + text + "\n";
}

std::string counts_text(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, n] : counts) text += (text.empty() ? "" : ", ") + std::to_string(n) + " " + name;
  return text;
}

std::string metrics_text(const Json& metrics) {
  std::string text;
  if (!metrics.is_object()) return text;
  for (const auto& [name, value] : metrics.items())
    text += (text.empty() ? "" : ", ") + one_line(name) + " " + (value.is_number_float() ? decimal(value.get<double>()) : one_line(value.dump(), 60));
  return text;
}

std::string children_text(const std::vector<int>& children) {
  std::string text = std::to_string(children.size());
  for (std::size_t i = 0; i < std::min(children.size(), kChildrenShown); ++i) text += (i == 0 ? ": " : ", ") + std::to_string(children[i]);
  return text + (children.size() > kChildrenShown ? ", ..." : "");
}

std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

std::string cost_text(const Json& cost) {
  return plural(cost.value("solves", std::size_t{0}), "run") + " of its task half, " +
         plural(cost.value("host_calls", std::size_t{0}), "host call") + " (with its proposal)";
}

}  // namespace

ProposalCounts count_proposals(const std::vector<CandidateRecord>& proposals) {
  ProposalCounts counts;
  for (const CandidateRecord& proposal : proposals) {
    ++counts.outcomes[proposal.outcome];
    if (!proposal.code.empty() && proposal.code != proposal.outcome) ++counts.codes[proposal.code];
  }
  return counts;
}

std::string show_text(const AgentView& view, bool with_source) {
  const AgentRecord& agent = view.agent;
  std::string text = "agent " + std::to_string(agent.id) + (view.best ? " (best)" : "") + "\n";
  text += row("commit", agent.commit);
  text += row("made", origin_text(agent) + " in generation " + std::to_string(agent.generation));
  text += row("train", score_text(agent.train));
  text += row("val", score_text(agent.val));
  if (agent.stage.n > 0) text += row("first stage", score_text(agent.stage));
  for (const char* split : {"train", "val"})
    if (agent.metrics.is_object() && agent.metrics.contains(split))
      if (const std::string metrics = metrics_text(agent.metrics[split]); !metrics.empty()) text += row(std::string("on ") + split, metrics);
  if (agent.notes.is_object() && agent.notes.contains("cost")) text += row("cost", cost_text(agent.notes["cost"]));
  if (!agent.reason.empty()) text += row("reason", "") + wrapped(agent.reason, "    ");
  if (!agent.edits.empty()) text += row("edits", plural(agent.edits.size(), "edit"));
  for (std::size_t i = 0; i < std::min(agent.edits.size(), kEditsShown); ++i) text += "    " + edit_text(agent.edits[i]) + "\n";
  if (agent.edits.size() > kEditsShown) text += "    ... " + std::to_string(agent.edits.size() - kEditsShown) + " more\n";
  const ProposalCounts counts = count_proposals(view.proposals);
  text += row("proposals", view.proposals.empty() ? "none" : plural(view.proposals.size(), "proposal") + ": " + counts_text(counts.outcomes));
  if (!counts.codes.empty()) text += row("", "by reason: " + counts_text(counts.codes));
  text += row("children", view.children.empty() ? "none" : children_text(view.children));
  const Unsolved unsolved = unsolved_tasks(agent.train_results, kUnsolvedShown);
  if (unsolved.count > 0) text += row(unsolved.title, std::to_string(unsolved.count) + " of " + plural(agent.train_results.size(), "train task")) + unsolved.lines;
  text += row("files", plural(view.source.files.size(), "file"));
  for (const auto& [path, content] : view.source.files) text += "    " + one_line(path) + "  " + plural(lines_of(content), "line") + "\n";
  if (with_source)
    for (const auto& [path, content] : view.source.files) text += "\n--- " + one_line(path) + "\n" + printable(content);
  return text;
}

Json show_json(const AgentView& view) {
  Json json = to_json(view.agent);
  json["commit"] = view.agent.commit;
  json["best"] = view.best;
  json["children"] = view.children;
  const ProposalCounts counts = count_proposals(view.proposals);
  json["proposals"] = {{"outcomes", counts.outcomes}, {"codes", counts.codes}};
  json["files"] = view.source.files;
  return json;
}

}  // namespace hyperagent
