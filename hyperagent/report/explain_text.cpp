#include "hyperagent/report/explain_text.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

constexpr std::size_t kEditsShown = 8;

std::optional<double> gain(const Score& after, const Score& before) {
  if (after.n == 0 || before.n == 0) return std::nullopt;
  return after.mean - before.mean;
}

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::string score_line(const Step& step) {
  auto part = [&](const char* name, const Score& now, const Score* before) {
    std::string text = std::string(name) + " " + mean_text(now);
    if (before != nullptr)
      if (const auto by = gain(now, *before)) text += " (" + change(*by) + ")";
    return text;
  };
  return part("train", step.agent.train, step.parent ? &step.parent->train : nullptr) + ", " +
         part("val", step.agent.val, step.parent ? &step.parent->val : nullptr);
}

std::string step_text(const Step& step, std::size_t width) {
  const AgentRecord& agent = step.agent;
  std::string text = "agent " + std::to_string(agent.id) + ", " + origin_text(agent);
  if (step.parent != nullptr) text += ", generation " + std::to_string(agent.generation);
  text = wrapped(text, "", width) + wrapped(score_line(step), "  ", width);
  if (!agent.reason.empty()) text += wrapped("why: " + agent.reason, "  ", std::min<std::size_t>(width, 100));
  for (std::size_t i = 0; i < std::min(agent.edits.size(), kEditsShown); ++i) text += wrapped("edit: " + edit_text(agent.edits[i]), "  ", width);
  if (agent.edits.size() > kEditsShown) text += "  ... " + std::to_string(agent.edits.size() - kEditsShown) + " more edits\n";
  return text + indented(step.diff_text, "    ");
}

std::string summary_text(const std::vector<Step>& steps) {
  const AgentRecord& root = steps.front().agent;
  const AgentRecord& last = steps.back().agent;
  std::string text = "agent " + std::to_string(last.id) + " is " + plural(steps.size() - 1, "step") + " from agent " + std::to_string(root.id) + " (" +
                     origin_text(root) + ")";
  if (const auto by = gain(last.train, root.train)) text += "; train " + mean_text(root.train) + " -> " + mean_text(last.train);
  if (const auto by = gain(last.val, root.val)) text += "; val " + mean_text(root.val) + " -> " + mean_text(last.val);
  return text + "\n";
}

}  // namespace

std::vector<int> lineage_of(const std::vector<AgentRecord>& agents, int agent) {
  std::vector<int> line;
  for (int id = agent; id >= 0;) {
    line.push_back(id);
    const AgentRecord& record = agents[static_cast<std::size_t>(id)];
    id = record.parents.empty() ? -1 : record.parents.front();
  }
  std::reverse(line.begin(), line.end());
  return line;
}

std::string explain_text(const std::vector<Step>& steps, const Json& stages, int width) {
  if (steps.empty()) return "";
  const auto columns = static_cast<std::size_t>(width);
  std::string text = wrapped(summary_text(steps), "", columns);
  for (const Step& step : steps) text += "\n" + step_text(step, columns);
  if (const std::string times = stages_text(stages); !times.empty()) text += "\nwhere the run spent its time\n" + times;
  return text;
}

Json explain_json(const std::vector<Step>& steps, const Json& stages) {
  Json list = Json::array();
  for (const Step& step : steps) {
    Json json = {{"agent", step.agent.id}, {"commit", step.agent.commit}, {"parent", step.parent ? Json(step.parent->id) : Json()},
                 {"origin", step.agent.origin}, {"generation", step.agent.generation}, {"reason", step.agent.reason}, {"edits", step.agent.edits},
                 {"train", to_json(step.agent.train)}, {"val", to_json(step.agent.val)}, {"diff", step.diff}};
    json["train_change"] = step.parent ? json_of(gain(step.agent.train, step.parent->train)) : Json();
    json["val_change"] = step.parent ? json_of(gain(step.agent.val, step.parent->val)) : Json();
    list.push_back(std::move(json));
  }
  return {{"agent", steps.empty() ? Json() : Json(steps.back().agent.id)}, {"steps", list}, {"stages", stages.is_object() ? stages : Json::object()}};
}

Json stage_seconds(const std::vector<Json>& events) {
  Json sum = Json::object(), session = Json::object();
  auto close = [&] {
    for (const auto& [stage, seconds] : session.items())
      if (seconds.is_number()) sum[stage] = sum.value(stage, 0.0) + seconds.get<double>();
    session = Json::object();
  };
  for (const Json& event : events) {
    if (!event.is_object()) continue;
    if (event.value("event", Json()) == "session") close();
    if (event.contains("stages") && event["stages"].is_object()) session = event["stages"];
  }
  close();
  return sum;
}

std::string stages_text(const Json& stages) {
  if (!stages.is_object()) return "";
  double whole = 0;
  std::vector<std::pair<double, std::string>> parts;
  for (const auto& [stage, seconds] : stages.items()) {
    if (!seconds.is_number()) continue;
    parts.emplace_back(seconds.get<double>(), stage);
    whole += parts.back().first;
  }
  if (!(whole > 0)) return "";
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (const auto& [seconds, stage] : parts) {
    const std::string percent = std::to_string(std::llround(100 * seconds / whole)) + "%";
    text += "  " + one_line(stage) + std::string(stage.size() < 10 ? 10 - stage.size() : 1, ' ') + std::string(percent.size() < 4 ? 4 - percent.size() : 0, ' ') +
            percent + "  " + duration(seconds) + "\n";
  }
  return text;
}

}  // namespace hyperagent
